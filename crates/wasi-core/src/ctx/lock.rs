//! Locks on files, which POSIX has and preview1 has not.

use super::context::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fs::{Lock, LockKind};
use crate::table::Descriptor;
use crate::types::Fd;

/// For functions of the embedder, by which a guest's libc completes its `fcntl`. They count as no calls: record
/// them with [`WasiCtx::note`].
impl WasiCtx {
    /// Sets or releases a lock on the open file `fd`, as `fcntl` does for `F_SETLK`. It never waits.
    ///
    /// Locks belong to the guest: all of its descriptors share them, and they end when one is closed through which
    /// the file was locked, and with the guest. On files of the host they are the host's own, so that other guests
    /// and processes keep to them; on others they always succeed.
    ///
    /// [`Errno::Again`] if somebody else's lock is in the way, [`Errno::Badf`](crate::Errno::Badf)
    /// if the file is not open, or only for reading or writing and the lock needs the other,
    /// [`Errno::Inval`](Errno::Inval) for a directory or a range past the largest offset,
    /// [`Errno::Nolck`] for more than 1024 ranges or if the host offers no locks, and
    /// [`Errno::Io`] if this guest is a [`fork`](Self::fork) and has lost a lock on the file.
    pub fn set_lock(&mut self, fd: Fd, lock: Lock) -> Result<()> {
        let Self { table, locks, .. } = self;
        let open = table.file(fd, Errno::Inval)?;
        let allowed = match lock.kind {
            LockKind::Read => open.read,
            LockKind::Write => open.write,
            LockKind::Unlock => true,
        };
        if allowed { open.file.set_lock(locks, lock) } else { Err(Errno::Badf) }
    }

    /// Sets or releases the lock of the open file `fd` on all of the file, as
    /// [`flock`](https://man7.org/linux/man-pages/man2/flock.2.html) does. It never waits.
    ///
    /// The lock belongs to the descriptor and its duplicates, and ends when they are closed, and with the guest.
    /// On files of the host it is the host's own; on others it always succeeds. Locks of [`set_lock`](Self::set_lock)
    /// are others.
    ///
    /// [`Errno::Again`] if somebody else's lock is in the way, [`Errno::Badf`] for a lock for writing on a file that
    /// is not open for writing, as on [NFS](https://man7.org/linux/man-pages/man2/flock.2.html#NOTES): whoever may only
    /// read a file must not keep others from it. [`Errno::Inval`] for a directory, [`Errno::Nolck`] if the host
    /// offers no locks, and [`Errno::Io`] if this guest is a [`fork`](Self::fork) that has lost the lock.
    pub fn flock(&mut self, fd: Fd, kind: LockKind) -> Result<()> {
        let open = self.table.file(fd, Errno::Inval)?;
        if kind == LockKind::Write && !open.write {
            return Err(Errno::Badf);
        }
        open.file.flock(kind)
    }

    /// Returns a lock of another guest or process that is in the way of this one, as `fcntl` does for `F_GETLK`.
    /// The errors are those of [`set_lock`](Self::set_lock).
    pub fn find_lock(&self, fd: Fd, lock: Lock) -> Result<Option<Lock>> {
        match self.table.get(fd)? {
            Descriptor::File(open) => open.file.find_lock(&self.locks, lock),
            Descriptor::Dir(_) => Err(Errno::Inval),
        }
    }
}
