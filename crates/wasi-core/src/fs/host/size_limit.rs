//! The host's limit on the size of files.

use rustix::process::{Resource, getrlimit};

use crate::errno::{Errno, Result};

/// How large this process may make files (`RLIMIT_FSIZE`, `ulimit -f`).
///
/// A write that starts past it sends SIGXFSZ, which ends the process unless somebody ignores it
/// ([`getrlimit`](https://man7.org/linux/man-pages/man2/getrlimit.2.html)). What the guest does must not end
/// its host, so such a write does not reach the kernel. One that starts before the limit is cut there, without
/// a signal.
#[derive(Clone, Copy, Debug)]
pub(super) struct SizeLimit(u64);

impl SizeLimit {
    /// Asks the host for the limit, which is valid until somebody changes it.
    pub(super) fn of_this_process() -> Self {
        Self(getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX))
    }

    /// Returns no limit, for what is never written.
    pub(super) fn none() -> Self {
        Self(u64::MAX)
    }

    /// Whether there is one at all.
    pub(super) fn is_some(self) -> bool {
        self.0 < u64::MAX
    }

    /// Whether a file may become `size` bytes long.
    pub(super) fn allows(self, size: u64) -> bool {
        size <= self.0
    }

    /// Checks that a write at `start` may begin. [`Errno::Fbig`] past the limit.
    pub(super) fn check_write(self, start: u64) -> Result<()> {
        if start < self.0 { Ok(()) } else { Err(Errno::Fbig) }
    }
}
