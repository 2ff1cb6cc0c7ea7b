//! Where a guest's time comes from: the host, or a fixed moment.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId as HostClock, clock_getres, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::errno::{Errno, Result};
use crate::types::{ClockId, Timestamp};

/// The clocks of one context.
pub trait Clock: Send {
    /// The time now. [`Errno::Badf`] for a clock that is not there.
    fn now(&self, id: ClockId) -> Result<Timestamp>;

    /// The smallest step, in nanoseconds. [`Errno::Badf`] for a clock that is not there.
    fn resolution(&self, id: ClockId) -> Result<Timestamp>;

    /// Lets `duration` nanoseconds pass without waiting, if this clock can; a sleep then takes no time.
    fn skip(&mut self, duration: Timestamp) -> bool;

    /// The clock of a fork of the guest. It tells the same time now, and from then on its own.
    fn fork(&self) -> Box<dyn Clock>;

    /// Its state, to be kept with a guest at rest; none if only the embedder's program knows it.
    fn save(&self) -> Option<SavedClock> {
        None
    }
}

/// A clock at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedClock {
    /// [`SystemClock`].
    System,
    /// [`FixedClock`].
    Fixed {
        /// The moment that it started at, in nanoseconds since 1970.
        start: Timestamp,
        /// What has passed since then, in nanoseconds.
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

/// The host's clocks. CPU clocks are this process's own: they tell nothing of other processes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self, id: ClockId) -> Result<Timestamp> {
        nanoseconds(clock_gettime(host_clock(id)))
    }

    fn resolution(&self, id: ClockId) -> Result<Timestamp> {
        // It never changes, and the host would be called for it.
        static KNOWN: [OnceLock<Timestamp>; 4] = [const { OnceLock::new() }; 4];
        let known = KNOWN.get(id as usize).ok_or(Errno::Badf)?;
        if let Some(step) = known.get() {
            return Ok(*step);
        }
        let step = nanoseconds(clock_getres(host_clock(id)))?.max(1);
        Ok(*known.get_or_init(|| step))
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

/// A clock that stands still but for sleeping: the same run tells the same time, every time.
///
/// Each look moves it by one microsecond, so that a guest that waits for time to pass
/// does not wait for ever.
#[derive(Clone, Debug)]
pub struct FixedClock {
    start: Timestamp,
    elapsed: std::cell::Cell<Timestamp>,
}

/// How far one look moves a [`FixedClock`], in nanoseconds.
const STEP: Timestamp = 1_000;

impl FixedClock {
    /// Starts at `start`; a moment before 1970 counts as 1970, one past the year 2554 as that.
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

fn host_clock(id: ClockId) -> HostClock {
    match id {
        ClockId::Realtime => HostClock::Realtime,
        ClockId::Monotonic => HostClock::Monotonic,
        ClockId::ProcessCputime => HostClock::ProcessCPUTime,
        ClockId::ThreadCputime => HostClock::ThreadCPUTime,
    }
}

/// [`Errno::Overflow`] for a host clock that stands before 1970.
fn nanoseconds(time: rustix::time::Timespec) -> Result<Timestamp> {
    let seconds = u64::try_from(time.tv_sec).map_err(|_| Errno::Overflow)?;
    let nanos = u64::try_from(time.tv_nsec).map_err(|_| Errno::Overflow)?;
    seconds.checked_mul(1_000_000_000).and_then(|ns| ns.checked_add(nanos)).ok_or(Errno::Overflow)
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

    #[test]
    fn the_host_has_all_four_clocks() {
        for id in [ClockId::Realtime, ClockId::Monotonic, ClockId::ProcessCputime, ClockId::ThreadCputime] {
            assert!(SystemClock.now(id).is_ok() && SystemClock.resolution(id).is_ok(), "{id:?}");
        }
    }
}
