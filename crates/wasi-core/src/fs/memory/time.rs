//! What time it is for files in memory.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, SystemClock};
use crate::types::{ClockId, Timestamp};

/// A clock for the times of files; fixed where a run shall be deterministic.
///
/// Cloning shares it: all directories of one guest, on whatever thread that guest runs, ask one clock.
#[derive(Clone)]
pub struct TimeSource(Source);

#[derive(Clone)]
enum Source {
    Function(Arc<dyn Fn() -> Timestamp + Send + Sync>),
    System,
    Fixed(Timestamp),
}

/// A clock of files at rest.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum SavedTime {
    System,
    Fixed(Timestamp),
}

impl TimeSource {
    /// Asks `now` at each change, for nanoseconds since 1970.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Source::Function(Arc::new(now)))
    }

    /// The host's realtime clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Always the same moment.
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

    /// Nothing for one that only the embedder's program knows.
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
