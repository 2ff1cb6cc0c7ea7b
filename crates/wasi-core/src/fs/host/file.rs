//! An open regular file of the host.

use std::fs::File as StdFile;
use std::io::IoSlice;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{OFlags as HostFlags, SeekFrom, Stat, fstat};
use rustix::io::retry_on_intr;

use super::attributes;
use super::held::{Locks, LostLock};
use super::size_limit::SizeLimit;
use super::whole_lock::WholeLock;
use crate::errno::{Errno, Result};
use crate::fs::file::File;
use crate::fs::fork::Fork;
use crate::fs::locks::{Lock, LockKind};
use crate::fs::offset;
use crate::fs::quota::{FileId, Hold, Quota};
use crate::types::{Advice, FdFlags, FileType, Filestat, SetTime, Whence};

/// A regular file of the host. Growth of its size, including holes, is charged before it happens.
pub(super) struct HostFile {
    file: Arc<Description>,
    flags: FdFlags,
    offset: u64,
    limit: SizeLimit,
    quota: Quota,
    /// `None` if the quota does not count bytes.
    hold: Option<Hold>,
    /// Whether a write within the file may take up space on the disk that nobody has paid for.
    has_unpaid_holes: bool,
    /// The guest's locks, if it locked the file through this descriptor: they end with it.
    locks: Option<Locks>,
    /// The lock that the guest goes by and has lost.
    lost_lock: Option<LostLock>,
    /// The lock on all of the file that belongs to this descriptor.
    whole_lock: WholeLock,
}

/// The host's open file description, shared by a file and its forks, which may run on other threads.
///
/// Each fork has its own offset, but appending is a mode of the description
/// ([`open`](https://man7.org/linux/man-pages/man2/open.2.html#NOTES)). A write therefore sets the mode that
/// it needs, and holds the lock until it is done.
struct Description {
    file: StdFile,
    appends: Mutex<bool>,
}

impl Description {
    fn set_append(&self, append: bool) -> Result<MutexGuard<'_, bool>> {
        let mut appends = self.appends.lock().unwrap_or_else(PoisonError::into_inner);
        if *appends != append {
            let mut flags = rustix::fs::fcntl_getfl(&self.file)?;
            flags.set(HostFlags::APPEND, append);
            rustix::fs::fcntl_setfl(&self.file, flags)?;
            *appends = append;
        }
        Ok(appends)
    }
}

impl HostFile {
    /// `limit` bounds what is written.
    pub(super) fn new(file: StdFile, stat: &Stat, flags: FdFlags, limit: SizeLimit, quota: &Quota) -> Self {
        let appends = Mutex::new(flags.contains(FdFlags::APPEND));
        let file = Arc::new(Description { file, appends });
        let (hold, has_unpaid_holes) = hold(quota, stat);
        let quota = quota.clone();
        let (locks, lost_lock, whole_lock) = (None, None, WholeLock::None);
        Self { file, flags, offset: 0, limit, quota, hold, has_unpaid_holes, locks, lost_lock, whole_lock }
    }

    fn size(&self) -> Result<u64> {
        Ok(attributes::size(&fstat(self.host())?))
    }

    /// Charges the growth by a write at `start`, or at the end for `None`, writes, and refunds what the file
    /// did not grow. Returns the bytes written and the offset after them.
    ///
    /// The caller holds the mode of appending, because the host's offset moves here.
    fn charged_write(
        &self,
        start: Option<u64>,
        buffers: &[IoSlice<'_>],
        write_host: impl Fn(&[IoSlice<'_>], u64) -> rustix::io::Result<usize>,
    ) -> Result<(usize, u64)> {
        self.check_lock()?;
        let buffers = offset::as_many_as_the_host_takes(buffers);
        let len = offset::total_len(buffers);
        if let (None, true, Some(start)) = (&self.hold, len > 0, start) {
            offset::end_of_write(start, len)?;
            self.limit.check_write(start)?;
            let written = retry_on_intr(|| write_host(buffers, start))?;
            return Ok((written, start.saturating_add(written as u64)));
        }
        // Nothing uses the host's own offset, so seeking to the end is safe, and it costs less than half of
        // an `fstat`. Some files of the kernel, such as those in `/proc`, cannot seek to their end.
        let size = rustix::fs::seek(self.host(), SeekFrom::End(0)).or_else(|_| self.size())?;
        let start = start.unwrap_or(size);
        if len == 0 {
            return Ok((0, start));
        }
        let end = offset::end_of_write(start, len)?;
        self.limit.check_write(start)?;
        let charged = end.saturating_sub(size).saturating_add(self.filling(start, end.min(size))?);
        self.quota.grow(charged)?;
        let written = retry_on_intr(|| write_host(buffers, start));
        let end = start.saturating_add(written.unwrap_or(0) as u64);
        self.settle(charged, end.saturating_sub(size));
        Ok((written?, end))
    }

    /// Returns the most that a write between two offsets within the file takes up on the disk: whole blocks,
    /// if it may have holes that nobody has paid for.
    fn filling(&self, start: u64, end: u64) -> Result<u64> {
        if !self.has_unpaid_holes || start >= end {
            return Ok(0);
        }
        let block = attributes::block(&fstat(self.host())?);
        Ok((end - start).saturating_add(2 * block))
    }

    /// Refunds what a write that made the file grow by `growth` was charged too much.
    ///
    /// It is charged what was still missing, if the file system took more than it says that it takes at once.
    fn settle(&self, charged: u64, growth: u64) {
        let Some(hold) = &self.hold else { return self.quota.shrink(charged - growth.min(charged)) };
        let cost = match fstat(self.host()) {
            Ok(stat) if self.has_unpaid_holes => hold.filled(growth, attributes::on_disk(&stat)),
            _ => {
                hold.grew(growth);
                growth
            }
        };
        self.quota.shrink(charged.saturating_sub(cost));
        self.quota.grow_past_the_limit(cost.saturating_sub(charged));
    }

    /// Writes at the end. Returns the bytes written and the offset after them.
    ///
    /// Only the host can append without overwriting what another process appends.
    fn append(&self, buffers: &[IoSlice<'_>]) -> Result<(usize, u64)> {
        let _appending = self.file.set_append(true)?;
        let (written, _) = self.charged_write(None, buffers, |buffers, _| write(self.host(), buffers))?;
        Ok((written, rustix::fs::seek(self.host(), SeekFrom::Current(0))?))
    }

    /// Writes at `offset`. Returns the bytes written and the offset after them.
    fn overwrite(&self, buffers: &[IoSlice<'_>], offset: u64) -> Result<(usize, u64)> {
        let _overwriting = self.file.set_append(false)?;
        self.charged_write(Some(offset), buffers, |buffers, at| pwrite(self.host(), buffers, at))
    }

    fn id(&self) -> Result<FileId> {
        Ok(attributes::file_id(&fstat(self.host())?))
    }

    fn is_open_for_writing(&self) -> Result<bool> {
        Ok(rustix::fs::fcntl_getfl(self.host())? & HostFlags::ACCMODE != HostFlags::RDONLY)
    }

    /// [`Errno::Io`] while the guest goes by a lock that it has lost.
    fn check_lock(&self) -> Result<()> {
        self.whole_lock.check()?;
        self.lost_lock.as_ref().map_or(Ok(()), LostLock::check)
    }

    fn host(&self) -> &StdFile {
        &self.file.file
    }
}

impl File for HostFile {
    fn filetype(&self) -> FileType {
        FileType::RegularFile
    }

    fn filestat(&self) -> Result<Filestat> {
        Ok(attributes::filestat(&fstat(self.host())?))
    }

    fn fdflags(&self) -> FdFlags {
        self.flags
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        let changed = self.flags.symmetric_difference(flags);
        if changed.intersects((FdFlags::APPEND | FdFlags::NONBLOCK).complement()) {
            return Err(Errno::Notsup);
        }
        self.flags = flags;
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.read_at(buffer, self.offset)?;
        self.offset = self.offset.saturating_add(read as u64);
        Ok(read)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        let (written, end) = if self.flags.contains(FdFlags::APPEND) {
            self.append(buffers)?
        } else {
            self.overwrite(buffers, self.offset)?
        };
        if written > 0 {
            self.offset = end;
        }
        Ok(written)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        self.check_lock()?;
        // The host refuses a range past the largest offset, but a read there returns 0.
        let len = buffer.len().min(offset::room_behind(offset)?);
        let buffer = buffer.get_mut(..len).unwrap_or_default();
        Ok(retry_on_intr(|| rustix::io::pread(self.host(), &mut *buffer, offset))?)
    }

    fn write_at(&mut self, buffers: &[IoSlice<'_>], offset: u64) -> Result<usize> {
        if self.flags.contains(FdFlags::APPEND) {
            return Ok(self.append(buffers)?.0);
        }
        Ok(self.overwrite(buffers, offset)?.0)
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let size = if whence == Whence::End { self.size()? } else { 0 };
        self.offset = offset::seek(self.offset, size, offset, whence)?;
        Ok(self.offset)
    }

    #[cfg(target_os = "linux")]
    fn advise(&mut self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        use rustix::fs::Advice as HostAdvice;
        let advice = match advice {
            Advice::Normal => HostAdvice::Normal,
            Advice::Sequential => HostAdvice::Sequential,
            Advice::Random => HostAdvice::Random,
            Advice::Willneed => HostAdvice::WillNeed,
            Advice::Dontneed => HostAdvice::DontNeed,
            Advice::Noreuse => HostAdvice::NoReuse,
        };
        Ok(rustix::fs::fadvise(self.host(), offset, std::num::NonZeroU64::new(len), advice)?)
    }

    /// Does nothing: this host takes no hints.
    #[cfg(not(target_os = "linux"))]
    fn advise(&mut self, _offset: u64, _len: u64, _advice: Advice) -> Result<()> {
        Ok(())
    }

    fn set_size(&mut self, size: u64) -> Result<()> {
        let size = offset::check_size(size)?;
        self.check_lock()?;
        if !self.limit.allows(size) && size > self.size()? {
            return Err(Errno::Fbig);
        }
        let Some(hold) = &self.hold else {
            return Ok(retry_on_intr(|| rustix::fs::ftruncate(self.host(), size))?);
        };
        let before = self.size()?;
        let growth = size.saturating_sub(before);
        self.quota.grow(growth)?;
        match retry_on_intr(|| rustix::fs::ftruncate(self.host(), size)) {
            Ok(()) if size < before => {
                let on_disk = attributes::on_disk(&fstat(self.host())?);
                hold.shrank(before - size, size, on_disk);
                Ok(())
            }
            Ok(()) => {
                hold.grew(growth);
                Ok(())
            }
            Err(error) => {
                self.quota.shrink(growth);
                Err(error.into())
            }
        }
    }

    fn set_times(&mut self, atim: SetTime, mtim: SetTime) -> Result<()> {
        Ok(rustix::fs::futimens(self.host(), &attributes::timestamps(atim, mtim))?)
    }

    fn sync(&mut self, data_only: bool) -> Result<()> {
        let synced = if data_only { self.host().sync_data() } else { self.host().sync_all() };
        Ok(synced?)
    }

    fn set_lock(&mut self, guest: &Locks, lock: Lock) -> Result<()> {
        guest.set(self.id()?, self.host().as_fd(), lock)?;
        if self.locks.is_none() {
            self.locks = Some(guest.clone());
        }
        Ok(())
    }

    fn find_lock(&self, guest: &Locks, lock: Lock) -> Result<Option<Lock>> {
        guest.find(self.id()?, self.host().as_fd(), lock)
    }

    fn flock(&mut self, kind: LockKind) -> Result<()> {
        self.whole_lock.set(self.file.file.as_fd(), kind)
    }

    fn fork(&self, fork: &mut Fork) -> Result<Option<Box<dyn File>>> {
        let quota = fork.copy(&self.quota)?;
        let (hold, has_unpaid_holes) = hold(&quota, &fstat(self.host())?);
        let (file, flags, offset, limit) = (Arc::clone(&self.file), self.flags, self.offset, self.limit);
        let (locks, lost_lock) = (None, fork.locks.lost(|| self.id(), || self.is_open_for_writing())?);
        let whole_lock = self.whole_lock.fork();
        let copy =
            Self { file, flags, offset, limit, quota, hold, has_unpaid_holes, locks, lost_lock, whole_lock };
        Ok(Some(Box::new(copy)))
    }
}

/// Calls `write` or `writev`: `write` is cheaper for a single buffer.
fn write(file: &StdFile, buffers: &[IoSlice<'_>]) -> rustix::io::Result<usize> {
    match buffers {
        [buffer] => rustix::io::write(file, buffer),
        several => rustix::io::writev(file, several),
    }
}

/// Calls `pwrite` or `pwritev`.
fn pwrite(file: &StdFile, buffers: &[IoSlice<'_>], offset: u64) -> rustix::io::Result<usize> {
    match buffers {
        [buffer] => rustix::io::pwrite(file, buffer, offset),
        several => rustix::io::pwritev(file, several, offset),
    }
}

/// Notes an open descriptor of this file, if the quota counts bytes. Returns whether nobody has paid for some
/// of its holes, too.
fn hold(quota: &Quota, stat: &Stat) -> (Option<Hold>, bool) {
    if !quota.counts_bytes() {
        return (None, false);
    }
    let hold = quota.hold(attributes::file_id(stat), attributes::on_disk(stat));
    let has_unpaid_holes = hold.has_unpaid_holes(attributes::size(stat));
    (Some(hold), has_unpaid_holes)
}

impl Drop for HostFile {
    /// Releases the file's locks, and refunds the bytes of a file without a name: its content goes with the last
    /// descriptor.
    fn drop(&mut self) {
        if let Some(locks) = &self.locks
            && let Ok(id) = self.id()
        {
            locks.release(id);
        }
        if let Some(hold) = &self.hold {
            hold.release(|| fstat(self.host()).is_ok_and(|stat| stat.st_nlink == 0));
        }
    }
}
