//! Locks of one guest on one file of the host.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use rustix::fs::{Mode, OFlags as HostFlags, fcntl_getfl};

use super::held::Ranges;
use crate::errno::{Errno, Result};
use crate::fs::locks::{Lock, LockKind};

/// A file of the host that a guest holds locks on.
///
/// On Linux a lock belongs to an open file description
/// ([`fcntl_locking`](https://man7.org/linux/man-pages/man2/fcntl_locking.2.html), "Open file description locks"):
/// it excludes POSIX locks of other processes, and those of other guests in this one. This description is the
/// guest's alone and holds all of its locks on the file. On other systems locks belong to the process, so that two
/// guests in one process do not exclude each other.
pub(super) struct LockedFile {
    description: OwnedFd,
    writable: bool,
    ranges: Ranges,
}

impl LockedFile {
    /// Opens the file at `fd` once more, for reading and writing as it was opened there.
    pub(super) fn open(fd: BorrowedFd<'_>) -> Result<Self> {
        let access = fcntl_getfl(fd)? & HostFlags::ACCMODE;
        let description = open_again(fd, access)?;
        Ok(Self { description, writable: access == HostFlags::RDWR, ranges: Ranges::default() })
    }

    /// Takes the locks over to a description that can hold one of this kind, too, if `fd` is one.
    ///
    /// There are only [`LockKind::Read`] locks to take over, which can be held twice.
    pub(super) fn reopen_for(&mut self, kind: LockKind, fd: BorrowedFd<'_>) -> Result<()> {
        if kind != LockKind::Write || self.writable {
            return Ok(());
        }
        let mut file = Self::open(fd)?;
        for lock in self.ranges.locks() {
            file.set(lock, usize::MAX)?;
        }
        *self = file;
        Ok(())
    }

    /// Sets or releases a lock; see [`Locks::set`](super::Locks::set) for the errors.
    ///
    /// [`Errno::Nolck`] if the file had more than `room` locked ranges then, and more than now.
    pub(super) fn set(&mut self, lock: Lock, room: usize) -> Result<()> {
        let (start, end) = lock.range()?;
        let ranges = self.ranges.with(lock.kind, start, end);
        if ranges.len() > room.max(self.ranges.len()) {
            return Err(Errno::Nolck);
        }
        let flock = to_host(lock)?;
        fcntl(&self.description, SET(&flock)).map_err(errno)?;
        self.ranges = ranges;
        Ok(())
    }

    /// Returns the first lock of somebody else that is in the way.
    pub(super) fn find(&self, lock: Lock) -> Result<Option<Lock>> {
        let mut flock = to_host(lock)?;
        fcntl(&self.description, GET(&mut flock)).map_err(errno)?;
        Ok(from_host(&flock))
    }

    /// Whether the guest may be changing the file.
    pub(super) fn is_locked_for_writing(&self) -> bool {
        self.ranges.has_write()
    }

    /// Returns how many ranges are locked.
    pub(super) fn ranges(&self) -> usize {
        self.ranges.len()
    }
}

#[cfg(not(target_os = "linux"))]
use FcntlArg::{F_GETLK as GET, F_SETLK as SET};
#[cfg(target_os = "linux")]
use FcntlArg::{F_OFD_GETLK as GET, F_OFD_SETLK as SET};

/// Opens a file again by its descriptor.
#[cfg(target_os = "linux")]
pub(super) fn open_again(fd: BorrowedFd<'_>, access: HostFlags) -> Result<OwnedFd> {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let opened = rustix::fs::open(path, access | HostFlags::CLOEXEC | HostFlags::NONBLOCK, Mode::empty());
    opened.map_err(|_| Errno::Nolck)
}

/// Duplicates the descriptor, because locks belong to the process.
#[cfg(not(target_os = "linux"))]
pub(super) fn open_again(fd: BorrowedFd<'_>, _access: HostFlags) -> Result<OwnedFd> {
    fd.try_clone_to_owned().map_err(Errno::from)
}

fn to_host(Lock { kind, start, len }: Lock) -> Result<libc::flock> {
    let kind = match kind {
        LockKind::Read => libc::F_RDLCK,
        LockKind::Write => libc::F_WRLCK,
        LockKind::Unlock => libc::F_UNLCK,
    };
    let offset = |value: u64| value.try_into().map_err(|_| Errno::Inval);
    Ok(libc::flock {
        l_type: kind as _,
        l_whence: libc::SEEK_SET as _,
        l_start: offset(start)?,
        l_len: offset(len)?,
        l_pid: 0,
    })
}

fn from_host(flock: &libc::flock) -> Option<Lock> {
    let kind = match libc::c_int::from(flock.l_type) {
        libc::F_UNLCK => return None,
        libc::F_RDLCK => LockKind::Read,
        _ => LockKind::Write,
    };
    let offset = |value: libc::off_t| u64::try_from(value).unwrap_or(0);
    Some(Lock { kind, start: offset(flock.l_start), len: offset(flock.l_len) })
}

/// A lock that is in the way is [`Errno::Again`], whichever of its two numbers the host has for it.
fn errno(error: nix::errno::Errno) -> Errno {
    match error {
        nix::errno::Errno::EACCES | nix::errno::Errno::EAGAIN => Errno::Again,
        error => std::io::Error::from(error).into(),
    }
}
