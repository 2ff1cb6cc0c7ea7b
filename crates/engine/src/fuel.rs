//! How much work a guest may still do, cut into slices.

use super::Outcome;

/// The fuel account of one instance. The engine holds what is left of the present slice.
#[derive(Debug)]
pub(super) struct Fuel {
    limit: u64,
    /// What is added to the limit once it is reached.
    grace: Option<u64>,
    /// Whether it was.
    in_grace: bool,
    /// How much one slice gets.
    pub(super) slice: u64,
    /// What finished slices used.
    spent: u64,
    /// What the present slice started with.
    granted: u64,
}

impl Fuel {
    pub(super) fn new(slice: u64) -> Self {
        Self { limit: u64::MAX, grace: None, in_grace: false, slice, spent: 0, granted: 0 }
    }

    /// Sets how much may be used in all, and what is added to it when it is used up.
    pub(super) fn set_limit(&mut self, limit: u64, grace: u64) {
        self.limit = limit;
        self.grace = Some(grace).filter(|&grace| grace > 0);
        self.in_grace = false;
    }

    /// What was used up to the last time that it was settled.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    /// Whether the limit was reached since it was set.
    pub(super) fn ended(&self) -> bool {
        self.in_grace
    }

    /// Books what the present slice used, of which `left` is left. Doing it twice changes nothing.
    pub(super) fn settle(&mut self, left: u64) {
        let left = left.min(self.granted);
        self.spent = self.spent.saturating_add(self.granted - left);
        self.granted = left;
    }

    /// Lets the present slice start with so much.
    pub(super) fn begin(&mut self, granted: u64) {
        self.granted = granted;
    }

    /// Adds the grace to the limit, the first time.
    pub(super) fn enter_grace(&mut self) -> Result<(), Outcome> {
        let grace = self.grace.take().ok_or(Outcome::OutOfFuel)?;
        self.limit = self.spent.saturating_add(grace);
        self.in_grace = true;
        Ok(())
    }

    /// The size of the next slice, `required` at least; none if the limit does not allow that.
    pub(super) fn grant(&mut self, required: u64) -> Option<u64> {
        let left = self.limit.saturating_sub(self.spent);
        if left < required.max(1) {
            return None;
        }
        self.granted = left.min(required.max(self.slice));
        Some(self.granted)
    }
}
