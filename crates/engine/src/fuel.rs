//! The fuel account of an instance: what it may still use, granted in slices.

use super::Outcome;

/// The fuel account of one instance. The engine itself counts down the current slice.
#[derive(Debug)]
pub(super) struct Fuel {
    limit: u64,
    /// Units that are added to the limit when it is reached, in two parts.
    grace: u64,
    /// Whether the first part was added.
    in_grace: bool,
    /// Units in one slice.
    pub(super) slice: u64,
    /// Units used, up to the last [`charge`](Self::charge).
    spent: u64,
    /// Units left in the current slice at the last [`charge`](Self::charge), or at its start.
    granted: u64,
}

impl Fuel {
    pub(super) fn new(slice: u64) -> Self {
        Self { limit: u64::MAX, grace: 0, in_grace: false, slice, spent: 0, granted: 0 }
    }

    /// Sets the units that may be used in all, and those that are added when they are used up.
    pub(super) fn set_limit(&mut self, limit: u64, grace: u64) {
        self.limit = limit;
        self.grace = grace;
        self.in_grace = false;
    }

    /// Returns the units used, up to the last [`charge`](Self::charge).
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    /// Returns whether the limit was reached since it was set, and the grace began.
    pub(super) fn ended(&self) -> bool {
        self.in_grace
    }

    /// Charges what the current slice used since the last charge; `left` units of it are left. A second call
    /// with the same number changes nothing.
    pub(super) fn charge(&mut self, left: u64) {
        let left = left.min(self.granted);
        self.spent = self.spent.saturating_add(self.granted - left);
        self.granted = left;
    }

    /// Starts a slice of `granted` units, whatever the limit.
    pub(super) fn begin(&mut self, granted: u64) {
        self.granted = granted;
    }

    /// Adds half of the grace to the limit, and at the next call the rest. Fails with
    /// [`Outcome::OutOfFuel`] if none is left.
    pub(super) fn enter_grace(&mut self) -> Result<(), Outcome> {
        let part = if self.in_grace { self.grace } else { self.grace.div_ceil(2) };
        if part == 0 {
            return Err(Outcome::OutOfFuel);
        }
        self.grace -= part;
        self.limit = self.spent.saturating_add(part);
        self.in_grace = true;
        Ok(())
    }

    /// Starts the next slice and returns its size, at least `required` units. `None` if the limit does not
    /// allow that many.
    pub(super) fn grant(&mut self, required: u64) -> Option<u64> {
        let left = self.limit.saturating_sub(self.spent);
        if left < required.max(1) {
            return None;
        }
        self.granted = left.min(required.max(self.slice));
        Some(self.granted)
    }
}
