//! What can stop a guest from outside: its deadline, its end, its fuel, an interrupt that it is told of.
//!
//! A module that can be told exports `python_interrupt`, which takes no argument
//! and notes a SIGINT, as a signal handler would; its code sees it at the next
//! safe place. It may return a number: not 0 if an earlier interrupt has not been
//! answered yet, and then the guest is ended, since it does not listen.

use wasi_core::Request;

use super::Outcome;
use super::host::Host;

/// Bytes below the stack pointer that the interrupted function may be using: LLVM lets a function
/// that calls no other keep its locals there without moving the pointer.
const RED_ZONE: i32 = 4096;

/// Fuel for one delivery. It does not count as the guest's own: when an interrupt comes is
/// chance, and must not change what a run costs.
const FUEL: u64 = 1_000_000;

/// A guest that stands still: before a call, between two slices of it, or while it calls the host.
pub(super) trait Halted<T> {
    fn host(&mut self) -> &mut Host<T>;

    /// What is left of the present slice.
    fn left(&mut self) -> u64;

    /// Makes that another amount.
    fn set_left(&mut self, fuel: u64);

    /// Where the guest's stack stands, if it tells.
    fn stack_pointer(&mut self) -> Option<i32>;

    /// Moves it, if it tells.
    fn set_stack_pointer(&mut self, address: i32);

    /// Calls the export; none if there is none. The error is how that ended.
    fn tell(&mut self) -> Option<Result<i32, Outcome>>;
}

/// Looks at everything that can stop a guest, delivers a pending interrupt, and grants the
/// fuel of the next slice, which must be `required` at least. The error is how the guest ends.
pub(super) fn between_slices<T>(guest: &mut impl Halted<T>, required: u64) -> Result<(), Outcome> {
    settle(guest);
    look(guest)?;
    let slice = if let Some(slice) = guest.host().fuel.grant(required) {
        slice
    } else {
        guest.host().fuel.enter_grace()?;
        guest.host().wasi().interrupt().interrupt();
        look(guest)?;
        guest.host().fuel.grant(required).ok_or(Outcome::OutOfFuel)?
    };
    guest.set_left(slice);
    Ok(())
}

/// Books what the present slice used.
pub(super) fn settle<T>(guest: &mut impl Halted<T>) {
    let left = guest.left();
    guest.host().fuel.settle(left);
}

/// Looks at everything that can stop a guest from outside. The error is how the guest ends.
pub(super) fn look<T>(guest: &mut impl Halted<T>) -> Result<(), Outcome> {
    let wasi = guest.host().wasi();
    wasi.check_stop()?;
    match wasi.interrupt().pending() {
        Some(Request::Interrupt) => deliver(guest),
        _ => Ok(()),
    }
}

/// Takes the pending interrupt and tells the guest of it. The error is how the guest ends if it
/// cannot be told, or does not answer.
///
/// The guest may be in the middle of anything. Its own stack is left alone from the pointer up, and
/// for a red zone below it.
fn deliver<T>(guest: &mut impl Halted<T>) -> Result<(), Outcome> {
    if !guest.host().wasi().interrupt().take_interrupt() {
        return Ok(());
    }
    if guest.host().telling {
        // An interrupt of the interrupt.
        return Err(Outcome::Interrupted);
    }
    let (stack_pointer, fuel) = (guest.stack_pointer(), guest.left());
    if let Some(address) = stack_pointer {
        guest.set_stack_pointer(address.wrapping_sub(RED_ZONE) & !15);
    }
    guest.set_left(FUEL);
    guest.host().telling = true;
    let told = guest.tell();
    guest.host().telling = false;
    guest.set_left(fuel);
    if let Some(address) = stack_pointer {
        guest.set_stack_pointer(address);
    }
    match told {
        Some(Ok(0)) => {
            guest.host().wasi().note_interrupt();
            Ok(())
        }
        Some(Ok(_)) | None => Err(Outcome::Interrupted),
        Some(Err(outcome)) => Err(outcome),
    }
}
