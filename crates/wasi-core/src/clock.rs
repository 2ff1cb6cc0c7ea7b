//! The guest's clocks: those of the host, or a fixed one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::errno::Result;
use crate::sys;
use crate::types::{ClockId, Timestamp};

/// The clocks of one context.
pub trait Clock: Send {
    /// Returns the time now. [`Errno::Badf`](crate::Errno::Badf) for a clock that does not exist.
    fn now(&self, id: ClockId) -> Result<Timestamp>;

    /// Returns the smallest step in nanoseconds. [`Errno::Badf`](crate::Errno::Badf) for a clock that does not exist.
    fn resolution(&self, id: ClockId) -> Result<Timestamp>;

    /// Moves the clock by `duration` nanoseconds, and returns whether it can be moved. A sleep then takes no
    /// time.
    fn skip(&mut self, duration: Timestamp) -> bool;

    /// Returns the clock of a fork of the guest. It starts at the same time and then goes on by itself.
    fn fork(&self) -> Box<dyn Clock>;

    /// Returns the state for a saved guest; `None` for a clock of the embedder, which cannot be saved.
    fn save(&self) -> Option<SavedClock> {
        None
    }
}

/// A saved clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedClock {
    /// [`SystemClock`].
    System,
    /// [`FixedClock`].
    Fixed {
        /// The moment at which it started, in nanoseconds since 1970.
        start: Timestamp,
        /// Nanoseconds since then.
        elapsed: Timestamp,
    },
}

impl SavedClock {
    pub(crate) fn resume(self) -> Box<dyn Clock> {
        match self {
            Self::System => Box::new(SystemClock),
            Self::Fixed { start, elapsed } => Box::new(FixedClock { start, elapsed: elapsed.into() }),
        }
    }
}

/// The host's clocks. Those of CPU time are of this process, so they reveal nothing about others.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self, id: ClockId) -> Result<Timestamp> {
        sys::now(id)
    }

    fn resolution(&self, id: ClockId) -> Result<Timestamp> {
        sys::resolution(id)
    }

    fn skip(&mut self, _duration: Timestamp) -> bool {
        false
    }

    fn fork(&self) -> Box<dyn Clock> {
        Box::new(*self)
    }

    fn save(&self) -> Option<SavedClock> {
        Some(SavedClock::System)
    }
}

/// A clock that moves only when the guest sleeps or reads it, so that every run sees the same times.
///
/// Each read moves it by one microsecond, so that a guest that polls the clock does not wait for ever.
#[derive(Clone, Debug)]
pub struct FixedClock {
    start: Timestamp,
    elapsed: std::cell::Cell<Timestamp>,
}

/// How far one read moves a [`FixedClock`], in nanoseconds.
const STEP: Timestamp = 1_000;

impl FixedClock {
    /// Returns a clock that starts at `start`. The range is 1970 to 2554; a moment outside of it becomes the
    /// nearer end.
    pub fn new(start: SystemTime) -> Self {
        let since_epoch = start.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let start = Timestamp::try_from(since_epoch.as_nanos()).unwrap_or(Timestamp::MAX);
        Self { start, elapsed: std::cell::Cell::new(0) }
    }
}

impl Clock for FixedClock {
    fn now(&self, id: ClockId) -> Result<Timestamp> {
        let elapsed = self.elapsed.get().saturating_add(STEP);
        self.elapsed.set(elapsed);
        Ok(match id {
            ClockId::Realtime => self.start.saturating_add(elapsed),
            ClockId::Monotonic | ClockId::ProcessCputime | ClockId::ThreadCputime => elapsed,
        })
    }

    fn resolution(&self, _id: ClockId) -> Result<Timestamp> {
        Ok(STEP)
    }

    fn skip(&mut self, duration: Timestamp) -> bool {
        self.elapsed.set(self.elapsed.get().saturating_add(duration));
        true
    }

    fn fork(&self) -> Box<dyn Clock> {
        Box::new(self.clone())
    }

    fn save(&self) -> Option<SavedClock> {
        Some(SavedClock::Fixed { start: self.start, elapsed: self.elapsed.get() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_tells_the_same_in_every_run() {
        let run = || {
            let mut clock = FixedClock::new(UNIX_EPOCH + Duration::from_secs(5));
            clock.skip(7);
            (clock.now(ClockId::Realtime), clock.now(ClockId::Monotonic))
        };
        assert_eq!(run(), (Ok(5_000_001_007), Ok(2_007)));
        assert_eq!(run(), run());
    }

    #[test]
    fn a_moment_outside_of_the_range_is_clamped() {
        let before = FixedClock::new(UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(before.now(ClockId::Realtime), Ok(STEP));
    }

    #[cfg(feature = "host")]
    #[test]
    fn the_host_has_all_four_clocks() {
        for id in [ClockId::Realtime, ClockId::Monotonic, ClockId::ProcessCputime, ClockId::ThreadCputime] {
            assert!(SystemClock.now(id).is_ok() && SystemClock.resolution(id).is_ok(), "{id:?}");
        }
    }
}
