//! The locks that guests hold on files of the host.

use std::collections::HashMap;
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::locks::LockedFile;
use crate::errno::{Errno, Result};
use crate::fs::locks::{Lock, LockKind};
use crate::fs::quota::FileId;

/// The most ranges that a guest can hold locks on. The host's kernel has to keep a record of each.
const MAX_RANGES: usize = 1024;

/// The locks that one guest holds on files of the host. They end with it.
///
/// The host has to tell the guest's locks from those of another guest in this process, and of a fork that shares
/// an open file. So each locked file is opened once more for them.
#[derive(Clone, Default)]
pub struct Locks {
    /// Shared with the files, each of which releases what was locked through it when it is closed.
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    files: HashMap<FileId, LockedFile>,
    /// The files that another guest holds locks on, from which this one was forked.
    lost: HashMap<FileId, LostLock>,
    /// One of them was a lock for writing: set until all are released.
    lost_writing: Option<LostLock>,
}

/// Whether a file was locked when this guest was forked. It has lost the lock, so somebody may have changed the
/// file, and the guest must not read or write it as if nobody had: [`Errno::Io`], as Linux does it with
/// [locks that a server has lost](https://man7.org/linux/man-pages/man2/fcntl_locking.2.html), until the guest
/// releases all locks of the file.
#[derive(Clone, Default)]
pub(super) struct LostLock(Arc<AtomicBool>);

impl LostLock {
    fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// The guest no longer goes by it.
    fn found(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// [`Errno::Io`] while the guest goes by a lock that it has lost.
    pub(super) fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(Errno::Io) } else { Ok(()) }
    }
}

impl Locks {
    /// Sets or releases a lock on the file `id`, which is open at `fd`.
    ///
    /// [`Errno::Again`] if somebody else's lock is in the way, [`Errno::Badf`] if the file was not opened for
    /// writing and the lock needs it, [`Errno::Nolck`] if there are too many, and [`Errno::Io`] for a file
    /// that the guest goes by a lost lock on.
    pub(super) fn set(&self, id: FileId, fd: BorrowedFd<'_>, lock: Lock) -> Result<()> {
        lock.range()?;
        let Held { files, lost, lost_writing } = &mut *self.held();
        if lock == Lock::UNLOCK_ALL {
            files.remove(&id);
            if let Some(lost) = lost.remove(&id) {
                lost.found();
            }
            if lost.is_empty()
                && let Some(writing) = lost_writing.take()
            {
                writing.found();
            }
            return Ok(());
        }
        if lost.contains_key(&id) {
            return if lock.kind == LockKind::Unlock { Ok(()) } else { Err(Errno::Io) };
        }
        let others = files.iter().filter(|(other, _)| **other != id);
        let room = MAX_RANGES.saturating_sub(others.map(|(_, file)| file.ranges()).sum());
        match files.get_mut(&id) {
            Some(file) => {
                file.reopen_for(lock.kind, fd)?;
                file.set(lock, room)
            }
            None if lock.kind == LockKind::Unlock => Ok(()),
            None => {
                let mut file = LockedFile::open(fd)?;
                file.set(lock, room)?;
                files.insert(id, file);
                Ok(())
            }
        }
    }

    /// Returns a lock of somebody else that is in the way of this one.
    pub(super) fn find(&self, id: FileId, fd: BorrowedFd<'_>, lock: Lock) -> Result<Option<Lock>> {
        lock.range()?;
        let held = self.held();
        if held.lost.contains_key(&id) {
            return Err(Errno::Io);
        }
        match held.files.get(&id) {
            Some(file) => file.find(lock),
            None => LockedFile::open(fd)?.find(lock),
        }
    }

    /// Releases all locks on a file.
    pub(super) fn release(&self, id: FileId) {
        self.held().files.remove(&id);
    }

    /// Returns the locks of a fork: none, and those that it has lost.
    pub(crate) fn fork(&self) -> Self {
        let held = self.held();
        let ids = held.files.keys().chain(held.lost.keys());
        let lost = ids.map(|id| (*id, LostLock::new())).collect();
        let writes =
            held.lost_writing.is_some() || held.files.values().any(LockedFile::is_locked_for_writing);
        let lost_writing = writes.then(LostLock::new);
        Self { held: Arc::new(Mutex::new(Held { files: HashMap::new(), lost, lost_writing })) }
    }

    /// Returns the lock that this guest has lost on a file, if it has. One that it has open for writing is lost with
    /// every lock for writing: what it writes there belongs to what it has locked, such as a database's journal.
    pub(super) fn lost(
        &self,
        id: impl FnOnce() -> Result<FileId>,
        writable: impl FnOnce() -> Result<bool>,
    ) -> Result<Option<LostLock>> {
        let held = self.held();
        if held.lost.is_empty() {
            return Ok(None);
        }
        match (held.lost.get(&id()?), &held.lost_writing) {
            (None, Some(writing)) if writable()? => Ok(Some(writing.clone())),
            (lost, _) => Ok(lost.cloned()),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ranges that a guest has locked in one file, in order; no two of them overlap.
#[derive(Clone, Default)]
pub(super) struct Ranges(Vec<Range>);

#[derive(Clone, Copy)]
struct Range {
    kind: LockKind,
    start: u64,
    end: u64,
}

impl Ranges {
    /// Returns the ranges after a lock was set or released.
    pub(super) fn with(&self, kind: LockKind, start: u64, end: u64) -> Self {
        let mut ranges = Vec::with_capacity(self.0.len() + 2);
        for &Range { kind, start: first, end: last } in &self.0 {
            for (first, last) in [(first, last.min(start)), (first.max(end), last)] {
                if first < last {
                    ranges.push(Range { kind, start: first, end: last });
                }
            }
        }
        if kind != LockKind::Unlock {
            ranges.push(Range { kind, start, end });
        }
        ranges.sort_by_key(|range| range.start);
        ranges.dedup_by(|next, range| {
            let touches = range.kind == next.kind && range.end == next.start;
            if touches {
                range.end = next.end;
            }
            touches
        });
        Self(ranges)
    }

    pub(super) fn has_write(&self) -> bool {
        self.0.iter().any(|range| range.kind == LockKind::Write)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn locks(&self) -> impl Iterator<Item = Lock> {
        self.0.iter().map(|&Range { kind, start, end }| Lock {
            kind,
            start,
            len: if end == u64::MAX { 0 } else { end - start },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locks(ranges: &Ranges) -> Vec<(LockKind, u64, u64)> {
        ranges.locks().map(|Lock { kind, start, len }| (kind, start, len)).collect()
    }

    #[test]
    fn a_lock_within_another_cuts_it_in_three() {
        let ranges = Ranges::default().with(LockKind::Read, 0, 100).with(LockKind::Write, 40, 60);
        let (read, write) = (LockKind::Read, LockKind::Write);
        assert_eq!(locks(&ranges), [(read, 0, 40), (write, 40, 20), (read, 60, 40)]);
    }

    #[test]
    fn neighbours_of_one_kind_become_one() {
        let ends = Ranges::default().with(LockKind::Read, 0, 10).with(LockKind::Read, 20, u64::MAX);
        let whole = ends.with(LockKind::Read, 5, 25);
        assert_eq!(locks(&whole), [(LockKind::Read, 0, 0)]);
        assert_eq!(whole.with(LockKind::Unlock, 0, u64::MAX).len(), 0);
    }
}
