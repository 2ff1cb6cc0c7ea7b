//! What time it is for files in memory.

use std::fmt;
use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::types::{ClockId, Timestamp};

/// A clock for the times of files; fixed where a run shall be deterministic.
///
/// Cloning shares it: all directories of one guest, on whatever thread that guest runs, ask one clock.
#[derive(Clone)]
pub struct TimeSource(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl TimeSource {
    /// Asks `now` at each change, for nanoseconds since 1970.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The host's realtime clock.
    pub fn system() -> Self {
        Self::new(|| SystemClock.now(ClockId::Realtime).unwrap_or(0))
    }

    /// Always the same moment.
    pub fn fixed(moment: Timestamp) -> Self {
        Self::new(move || moment)
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for TimeSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TimeSource")
    }
}
