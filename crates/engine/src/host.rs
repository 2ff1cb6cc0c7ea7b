//! What stands behind an instance, whatever runs it: its guest's world, its memory's bounds, its fuel.

use std::fmt;

use wasi_core::{Stop, WasiCtx};

use super::fuel::Fuel;
use super::region::Region;
use super::{Outcome, Trap};

/// The data that an engine keeps with an instance.
pub(super) struct Host<T> {
    /// The WASI context and the embedder's state; none while the slot waits for its next guest.
    guest: Option<(WasiCtx, T)>,
    pub(super) memory: MemoryLimiter,
    pub(super) fuel: Fuel,
    /// Whether the guest is being told of an interrupt.
    pub(super) telling: bool,
}

/// Refuses growth past the limit and remembers that it did.
pub(super) struct MemoryLimiter {
    limit: u64,
    refused: bool,
    /// Where the memory is, if it is the host's.
    pub(super) region: Option<Region>,
}

impl<T> Host<T> {
    pub(super) fn new(guest: Option<(WasiCtx, T)>, memory_limit: u64, slice: u64) -> Self {
        let memory = MemoryLimiter { limit: memory_limit, refused: false, region: None };
        Self { guest, memory, fuel: Fuel::new(slice), telling: false }
    }

    /// Lets the guest go.
    pub(super) fn leave(&mut self) -> Option<(WasiCtx, T)> {
        self.guest.take()
    }

    /// Takes in the next guest.
    pub(super) fn enter(&mut self, guest: (WasiCtx, T), memory_limit: u64) {
        self.guest = Some(guest);
        self.memory.limit = memory_limit;
        self.memory.refused = false;
        self.fuel = Fuel::new(self.fuel.slice);
    }

    /// Takes in the guest of another slot, with what it may still use.
    pub(super) fn take_over(&mut self, other: &mut Self) {
        self.guest = other.guest.take();
        self.memory.limit = other.memory.limit;
        self.memory.refused = false;
        std::mem::swap(&mut self.fuel, &mut other.fuel);
        self.fuel.begin(0);
    }

    pub(super) fn guest(&self) -> &(WasiCtx, T) {
        self.guest.as_ref().expect("a slot without a guest runs nothing")
    }

    pub(super) fn guest_mut(&mut self) -> &mut (WasiCtx, T) {
        self.guest.as_mut().expect("a slot without a guest runs nothing")
    }

    pub(super) fn wasi(&self) -> &WasiCtx {
        &self.guest().0
    }

    pub(super) fn wasi_mut(&mut self) -> &mut WasiCtx {
        &mut self.guest_mut().0
    }
}

impl MemoryLimiter {
    /// Bytes that the memory may have.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// Whether a growth was refused.
    pub(super) fn refused(&self) -> bool {
        self.refused
    }

    /// Whether the memory may have so many bytes; they are there then.
    pub(super) fn grow_to(&mut self, desired: usize) -> bool {
        // The host may have less than the limit.
        let fits = desired as u64 <= self.limit
            && self.region.as_mut().is_none_or(|region| region.commit(desired).is_ok());
        self.refused |= !fits;
        fits
    }
}

/// An outcome on its way through an engine, from the host function that decided on it to the caller.
#[derive(Debug)]
pub(super) struct Stopped(pub(super) Outcome);

impl std::error::Error for Stopped {}

impl fmt::Display for Stopped {
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
            Stop::OutputLimit => Self::OutputLimit,
            Stop::Diverged => Self::Trapped(Trap(stop.to_string())),
        }
    }
}
