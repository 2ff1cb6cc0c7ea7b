//! Ctrl-C, and a second Ctrl-C within a second, which stops a block that does not end by itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wasi_core::Interrupt;

/// Two presses of Ctrl-C within this time stop the block for good.
pub(crate) const TWICE: Duration = Duration::from_secs(1);

/// What two threads share: the one that is told of Ctrl-C, and the one that runs the session.
#[derive(Clone, Default)]
pub(crate) struct Stopper(Arc<Mutex<Strikes>>);

#[derive(Default)]
struct Strikes {
    running: bool,
    /// How many blocks have begun.
    blocks: u64,
    forced: bool,
    last: Option<Instant>,
}

impl Stopper {
    /// Handles Ctrl-C: interrupts the guest, or ends the running block if this is the second press.
    /// Returns the number of the running block after a first press.
    pub(crate) fn strike(&self, interrupt: &Interrupt) -> Option<u64> {
        if self.strike_at_input(interrupt) {
            return None;
        }
        interrupt.interrupt();
        let strikes = self.lock();
        strikes.running.then_some(strikes.blocks)
    }

    /// Whether that block still runs, [`TWICE`] after its last Ctrl-C.
    pub(crate) fn outlives(&self, block: u64) -> bool {
        let strikes = self.lock();
        let long_ago = strikes.last.is_some_and(|last| last.elapsed() >= TWICE);
        strikes.running && strikes.blocks == block && long_ago
    }

    /// Handles Ctrl-C as a key, which the guest learns of by what it reads. Returns whether it was the
    /// second press, which ends the block.
    pub(super) fn strike_at_input(&self, interrupt: &Interrupt) -> bool {
        let mut strikes = self.lock();
        let before = strikes.last.replace(Instant::now());
        let second = strikes.running && before.is_some_and(|before| before.elapsed() < TWICE);
        if second {
            strikes.forced = true;
            interrupt.terminate();
        }
        second
    }

    /// Ends the running block, as the second press does. Returns whether there is one.
    pub(super) fn stop(&self, interrupt: &Interrupt) -> bool {
        let mut strikes = self.lock();
        if strikes.running {
            strikes.forced = true;
            interrupt.terminate();
        }
        strikes.running
    }

    /// Begins a block. Earlier presses do not count for it.
    pub(super) fn begin(&self) {
        let mut strikes = self.lock();
        *strikes = Strikes { running: true, blocks: strikes.blocks + 1, ..Strikes::default() };
    }

    /// Ends the block, and withdraws the request to end it. Returns whether there was one.
    pub(super) fn end(&self, interrupt: &Interrupt) -> bool {
        let mut strikes = self.lock();
        strikes.running = false;
        let forced = std::mem::take(&mut strikes.forced);
        if forced {
            interrupt.clear();
        }
        forced
    }

    fn lock(&self) -> MutexGuard<'_, Strikes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use wasi_core::Request;

    use super::*;

    #[test]
    fn the_second_strike_at_a_block_ends_it() {
        let (stopper, interrupt) = (Stopper::default(), Interrupt::default());
        stopper.begin();
        assert_eq!(stopper.strike(&interrupt), Some(1));
        assert_eq!(interrupt.pending(), Some(Request::Interrupt));
        assert!(!stopper.outlives(1), "it has had no time yet");
        assert_eq!(stopper.strike(&interrupt), None);
        assert_eq!(interrupt.pending(), Some(Request::Terminate));
        assert!(stopper.end(&interrupt));
        assert_eq!(interrupt.pending(), None);
    }

    #[test]
    fn strikes_between_blocks_and_at_different_ones_end_nothing() {
        let (stopper, interrupt) = (Stopper::default(), Interrupt::default());
        stopper.strike(&interrupt);
        stopper.strike(&interrupt);
        stopper.begin();
        stopper.strike(&interrupt);
        assert!(!stopper.end(&interrupt));
        stopper.begin();
        stopper.strike(&interrupt);
        assert_eq!(interrupt.pending(), Some(Request::Interrupt));
    }

    #[test]
    fn a_strike_at_input_raises_no_interrupt() {
        let (stopper, interrupt) = (Stopper::default(), Interrupt::default());
        stopper.begin();
        assert!(!stopper.strike_at_input(&interrupt));
        assert_eq!(interrupt.pending(), None);
        assert!(stopper.strike_at_input(&interrupt));
        assert_eq!(interrupt.pending(), Some(Request::Terminate));
    }
}
