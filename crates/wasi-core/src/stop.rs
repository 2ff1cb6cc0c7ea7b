//! The two ways in which a call fails: with an errno for the guest, or with the end of the guest.

use serde::{Deserialize, Serialize};

use crate::errno::Errno;

/// Why a guest must not run on. The guest itself never sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Stop {
    /// The guest called `proc_exit` with this status.
    #[error("exit {0}")]
    Exit(u32),
    /// The deadline passed.
    #[error("out of time")]
    Deadline,
    /// Somebody called [`Interrupt::terminate`](crate::Interrupt::terminate).
    #[error("terminated")]
    Terminated,
    /// More was written to standard output and error than [`Limits::output`](crate::Limits::output).
    #[error("too much output")]
    OutputLimit,
    /// The guest departed from the recording that it is replayed from.
    #[error("it went another way than its recording")]
    Diverged,
    /// The recording of the guest reached its limit:
    /// [`WasiCtx::record_at_most`](crate::WasiCtx::record_at_most).
    #[error("its recording is full")]
    RecordingLimit,
}

/// How the body of a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Errno(Errno),
    Stop(Stop),
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}
