//! The states that a session can go back to.

use std::collections::VecDeque;

use python_wasm::Snapshot;

/// Bytes that the states of a session may hold together. One state is always kept.
const ROOM: usize = 256 << 20;

/// A step of a session, and the state before it.
#[derive(Clone)]
struct Step {
    /// What the step was, in a few words.
    what: String,
    before: Snapshot,
    /// Bytes of memory that this state holds and the one before it does not, and all bytes of its files, which it
    /// may share with others.
    bytes: usize,
}

/// The steps of a session, oldest first.
#[derive(Clone)]
pub(crate) struct Past {
    steps: VecDeque<Step>,
    bytes: usize,
    most: usize,
}

impl Past {
    /// Makes a past that remembers so many steps.
    pub(crate) fn new(most: usize) -> Self {
        Self { steps: VecDeque::new(), bytes: 0, most }
    }

    /// Adds a step. The oldest ones are forgotten when there are too many, or their states are too large.
    pub(crate) fn push(&mut self, what: String, before: Snapshot, file_bytes: usize) {
        let memory = match self.steps.back() {
            Some(last) => before.added_to(&last.before),
            None => before.size(),
        };
        let bytes = memory.saturating_add(file_bytes);
        self.bytes = self.bytes.saturating_add(bytes);
        self.steps.push_back(Step { what, before, bytes });
        while self.steps.len() > self.most || self.bytes > ROOM && self.steps.len() > 1 {
            self.bytes -= self.steps.pop_front().map_or(0, |step| step.bytes);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Returns the state before the last step.
    pub(crate) fn last(&self) -> Option<&Snapshot> {
        self.steps.back().map(|step| &step.before)
    }

    /// Returns the state before the last `count` steps.
    pub(crate) fn before(&self, count: usize) -> Option<&Snapshot> {
        let index = self.steps.len().checked_sub(count)?;
        self.steps.get(index).map(|step| &step.before)
    }

    /// Forgets the last `count` steps. Returns what they were, in the order in which they came.
    pub(crate) fn forget(&mut self, count: usize) -> Vec<String> {
        let forgotten = self.steps.split_off(self.steps.len().saturating_sub(count));
        self.bytes -= forgotten.iter().map(|step| step.bytes).sum::<usize>();
        forgotten.into_iter().map(|step| step.what).collect()
    }
}
