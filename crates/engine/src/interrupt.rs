//! Stops a guest from outside: at its deadline, when it is terminated or out of fuel, or by an interrupt.
//!
//! A module that handles interrupts exports `python_interrupt`, which takes no argument and records a SIGINT,
//! as a signal handler would; the guest sees it at its next safe point. It may return a number. If that is
//! not 0, the guest has not yet answered the previous interrupt, and it is stopped: at once, or at the end of
//! its grace if that has begun.

use wasi_core::Request;

use super::Outcome;
use super::host::Host;

/// Bytes below the stack pointer that the interrupted function may be using. LLVM lets a leaf function keep
/// its locals there without moving the pointer.
const RED_ZONE: i32 = 4096;

/// Fuel for one call of the handler. It is not charged to the guest: when an interrupt arrives is chance, and
/// must not change what a run costs.
const FUEL: u64 = 1_000_000;

/// A guest that is not executing: before a call, between two slices, or while it calls the host.
pub(super) trait PausedGuest<T> {
    fn host(&mut self) -> &mut Host<T>;

    /// Returns the fuel that is left in the current slice.
    fn slice_left(&mut self) -> u64;

    /// Sets the fuel that is left in the current slice.
    fn set_slice_left(&mut self, fuel: u64);

    /// Returns the guest's stack pointer. `None` if the module does not export it.
    fn stack_pointer(&mut self) -> Option<i32>;

    /// Sets the guest's stack pointer, if the module exports it.
    fn set_stack_pointer(&mut self, address: i32);

    /// Calls the export `python_interrupt` and returns its result, or how the call ended. `None` if the
    /// module does not export it.
    fn call_handler(&mut self) -> Option<Result<i32, Outcome>>;
}

/// Checks everything that can stop a guest, delivers a pending interrupt, and grants the fuel of the next
/// slice, at least `required` units. The error is how the guest ends.
pub(super) fn between_slices<T>(guest: &mut impl PausedGuest<T>, required: u64) -> Result<(), Outcome> {
    charge(guest);
    let used = Some(guest.host().fuel.spent());
    poll_at(guest, used)?;
    let slice = if let Some(slice) = guest.host().fuel.grant(required) {
        slice
    } else {
        guest.host().fuel.enter_grace()?;
        if !guest.host().wasi().is_replaying() {
            // A replay has it from the recording.
            guest.host().wasi().interrupt().interrupt();
        }
        poll_at(guest, used)?;
        guest.host().fuel.grant(required).ok_or(Outcome::OutOfFuel)?
    };
    guest.set_slice_left(slice);
    Ok(())
}

/// Charges what the current slice used to the guest's account.
pub(super) fn charge<T>(guest: &mut impl PausedGuest<T>) {
    let left = guest.slice_left();
    guest.host().fuel.charge(left);
}

/// Checks the deadline and whether the guest is terminated, and delivers a pending interrupt, at the end of a
/// call. The error is how the guest ends.
pub(super) fn poll<T>(guest: &mut impl PausedGuest<T>) -> Result<(), Outcome> {
    poll_at(guest, None)
}

/// Does so at the end of a call, or when so many units of fuel were used. A recording keeps this place.
fn poll_at<T>(guest: &mut impl PausedGuest<T>, used: Option<u64>) -> Result<(), Outcome> {
    let wasi = guest.host().wasi_mut();
    if let Err(stop) = wasi.check_stop() {
        wasi.note_stop(stop);
        return Err(stop.into());
    }
    let pending = wasi.interrupt().pending() == Some(Request::Interrupt);
    if wasi.is_replaying() {
        return match pending {
            // What the guest does about this one was not recorded.
            true => Err(Outcome::Interrupted),
            false if wasi.replayed_interrupt(used) => deliver(guest),
            false => Ok(()),
        };
    }
    if pending && wasi.interrupt().take_interrupt() {
        wasi.note_interrupted(used);
        return deliver(guest);
    }
    Ok(())
}

/// Calls the guest's handler. The error is how the guest ends: it has no handler, has not answered the
/// previous interrupt, or was stopped in the handler.
///
/// The guest may be in the middle of anything. The handler's stack begins below the stack pointer and a red
/// zone, so that it overwrites nothing.
fn deliver<T>(guest: &mut impl PausedGuest<T>) -> Result<(), Outcome> {
    if guest.host().in_handler {
        // This is an interrupt of the handler.
        return Err(Outcome::Interrupted);
    }
    let (stack_pointer, fuel) = (guest.stack_pointer(), guest.slice_left());
    if let Some(address) = stack_pointer {
        guest.set_stack_pointer(address.wrapping_sub(RED_ZONE) & !15);
    }
    guest.set_slice_left(FUEL);
    guest.host().in_handler = true;
    let answer = guest.call_handler();
    guest.host().in_handler = false;
    guest.set_slice_left(fuel);
    if let Some(address) = stack_pointer {
        guest.set_stack_pointer(address);
    }
    match answer {
        Some(Ok(unanswered)) if unanswered == 0 || guest.host().is_ending() => {
            guest.host().wasi().note_interrupt();
            Ok(())
        }
        Some(Ok(_)) | None => Err(Outcome::Interrupted),
        Some(Err(outcome)) => Err(outcome),
    }
}
