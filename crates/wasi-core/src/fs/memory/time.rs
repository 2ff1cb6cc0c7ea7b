//! The clock for the times of files in memory.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, SystemClock};
use crate::types::{ClockId, Timestamp};

/// A clock for the times of files. A fixed one makes a run deterministic.
///
/// Cloning shares it: all directories of one guest, on its thread, ask one clock.
#[derive(Clone)]
pub struct TimeSource(Source);

#[derive(Clone)]
enum Source {
    Function(Arc<dyn Fn() -> Timestamp + Send + Sync>),
    System,
    Fixed(Timestamp),
}

/// A saved clock.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum SavedTime {
    System,
    Fixed(Timestamp),
}

impl TimeSource {
    /// Returns a clock that calls `now` at each change, for nanoseconds since 1970.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Source::Function(Arc::new(now)))
    }

    /// Returns the host's realtime clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Returns a clock that stands still.
    pub fn fixed(moment: Timestamp) -> Self {
        Self(Source::Fixed(moment))
    }

    pub(super) fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Function(now) => now(),
            Source::System => SystemClock.now(ClockId::Realtime).unwrap_or(0),
            Source::Fixed(moment) => *moment,
        }
    }

    /// Returns the form for a file. `None` for a function of the embedder.
    pub(super) fn save(&self) -> Option<SavedTime> {
        match &self.0 {
            Source::Function(_) => None,
            Source::System => Some(SavedTime::System),
            Source::Fixed(moment) => Some(SavedTime::Fixed(*moment)),
        }
    }
}

impl SavedTime {
    pub(super) fn resume(self) -> TimeSource {
        match self {
            Self::System => TimeSource::system(),
            Self::Fixed(moment) => TimeSource::fixed(moment),
        }
    }
}

impl fmt::Debug for TimeSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TimeSource")
    }
}
