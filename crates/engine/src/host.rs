//! The host's data of an instance, on any engine: the guest's WASI context and state, the limit of its
//! memory, its fuel.

use std::fmt;

use wasi_core::{Stop, WasiCtx};

use super::fuel::Fuel;
use super::region::Region;
use super::{Outcome, Trap};

/// The data that an engine keeps with an instance.
pub(super) struct Host<T> {
    /// The WASI context and the embedding program's state. `None` while the slot is idle.
    guest: Option<(WasiCtx, T)>,
    pub(super) memory: MemoryLimiter,
    pub(super) fuel: Fuel,
    /// Whether the guest's interrupt handler is running.
    pub(super) in_handler: bool,
}

/// Refuses to grow memory beyond its limit, and records that it did.
pub(super) struct MemoryLimiter {
    limit: u64,
    refused: bool,
    /// The memory itself, if the module imports it. `None` if the engine allocates it.
    pub(super) region: Option<Region>,
}

impl<T> Host<T> {
    pub(super) fn new(guest: Option<(WasiCtx, T)>, memory_limit: u64, slice: u64) -> Self {
        let memory = MemoryLimiter { limit: memory_limit, refused: false, region: None };
        Self { guest, memory, fuel: Fuel::new(slice), in_handler: false }
    }

    /// Removes the guest.
    pub(super) fn remove_guest(&mut self) -> Option<(WasiCtx, T)> {
        self.guest.take()
    }

    /// Installs the next guest, with a fuel account without a limit.
    pub(super) fn set_guest(&mut self, guest: (WasiCtx, T), memory_limit: u64) {
        self.guest = Some(guest);
        self.memory.limit = memory_limit;
        self.memory.refused = false;
        self.fuel = Fuel::new(self.fuel.slice);
    }

    /// Takes over the guest of another slot, with its limits and its fuel account.
    pub(super) fn take_guest_from(&mut self, other: &mut Self) {
        self.guest = other.guest.take();
        self.memory.limit = other.memory.limit;
        self.memory.refused = false;
        std::mem::swap(&mut self.fuel, &mut other.fuel);
        self.fuel.begin(0);
    }

    pub(super) fn guest(&self) -> &(WasiCtx, T) {
        self.guest.as_ref().expect("an idle slot runs nothing")
    }

    pub(super) fn guest_mut(&mut self) -> &mut (WasiCtx, T) {
        self.guest.as_mut().expect("an idle slot runs nothing")
    }

    pub(super) fn wasi(&self) -> &WasiCtx {
        &self.guest().0
    }

    /// Returns whether the guest is in its grace of time or fuel, after which it is stopped.
    pub(super) fn is_ending(&self) -> bool {
        self.fuel.ended() || self.wasi().is_ending()
    }

    pub(super) fn wasi_mut(&mut self) -> &mut WasiCtx {
        &mut self.guest_mut().0
    }
}

impl MemoryLimiter {
    /// Returns the bytes that the memory may have.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// Sets the bytes that the memory may have.
    pub(super) fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Returns whether a growth was refused.
    pub(super) fn refused(&self) -> bool {
        self.refused
    }

    /// Returns whether the memory may grow to `desired` bytes, and makes them usable if so.
    pub(super) fn grow_to(&mut self, desired: usize) -> bool {
        // The host may have less memory than the limit allows.
        let fits = desired as u64 <= self.limit
            && self.region.as_mut().is_none_or(|region| region.commit(desired).is_ok());
        self.refused |= !fits;
        fits
    }
}

/// An outcome as an engine's error: it unwinds the guest, from the host function that ends it to the caller.
#[derive(Debug)]
pub(super) struct Unwind(pub(super) Outcome);

impl std::error::Error for Unwind {}

impl fmt::Display for Unwind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Stop> for Outcome {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Exit(status) => Self::Exited(status),
            Stop::Deadline => Self::Timeout,
            Stop::Terminated => Self::Terminated,
            Stop::OutputLimit | Stop::RecordingLimit => Self::OutputLimit,
            Stop::Diverged => Self::Trapped(Trap(stop.to_string())),
        }
    }
}
