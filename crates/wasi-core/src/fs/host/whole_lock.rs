//! A lock on a whole file of the host, for one open file of a guest.

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{FlockOperation, OFlags as HostFlags, fcntl_getfl};

use super::locks::open_again;
use crate::errno::{Errno, Result};
use crate::fs::LockKind;

/// The lock of [`flock`](https://man7.org/linux/man-pages/man2/flock.2.html), which belongs to an open file
/// description.
///
/// Forks of a guest share the description of an open file, but not this lock: on Linux the file is opened once more
/// for it. So the lock ends with the guest, or when the guest goes back to a time before it.
#[derive(Default)]
pub(super) enum WholeLock {
    #[default]
    None,
    /// This description holds it.
    Held(OwnedFd),
    /// The guest goes by a lock that it has lost, because it was forked.
    Lost,
}

impl WholeLock {
    /// Sets or releases the lock on the file at `fd`, without waiting.
    ///
    /// [`Errno::Again`] if somebody else's lock is in the way, [`Errno::Nolck`] if the file cannot be opened for
    /// it, and [`Errno::Io`] until a lost lock is released.
    pub(super) fn set(&mut self, fd: BorrowedFd<'_>, kind: LockKind) -> Result<()> {
        let operation = match kind {
            LockKind::Read => FlockOperation::NonBlockingLockShared,
            LockKind::Write => FlockOperation::NonBlockingLockExclusive,
            LockKind::Unlock => {
                *self = Self::None;
                return Ok(());
            }
        };
        let held = match self {
            Self::Lost => return Err(Errno::Io),
            Self::Held(held) => held,
            Self::None => {
                let access = fcntl_getfl(fd)? & HostFlags::ACCMODE;
                let description = open_again(fd, access)?;
                rustix::fs::flock(&description, operation)?;
                *self = Self::Held(description);
                return Ok(());
            }
        };
        Ok(rustix::fs::flock(&*held, operation)?)
    }

    /// [`Errno::Io`] while the guest goes by a lock that it has lost.
    pub(super) fn check(&self) -> Result<()> {
        if matches!(self, Self::Lost) { Err(Errno::Io) } else { Ok(()) }
    }

    /// Returns what a fork of the guest has: no lock, or a lost one.
    pub(super) fn fork(&self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Held(_) | Self::Lost => Self::Lost,
        }
    }
}
