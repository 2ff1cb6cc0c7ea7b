//! A directory that the guest can read but not change.

use std::io::IoSlice;

use crate::errno::{Errno, Result};
use crate::fs::dir::{Dir, Entries, Node};
use crate::fs::file::{File, Readiness};
use crate::fs::fork::Fork;
use crate::fs::locks::{Lock, LockKind, Locks};
use crate::fs::open::OpenOptions;
use crate::fs::path::RelativePath;
use crate::fs::quota::Quota;
use crate::types::{Access, Advice, Fd, FdFlags, FileType, Filestat, OFlags, SetTime, Whence};

/// A decorator that refuses every change of a directory and of everything below it.
///
/// A refusal is [`Errno::Perm`], as for a read-only preopen in wasmtime. Files and directories opened through
/// it are read-only, too, and nothing can be linked or moved out of it or into it.
pub struct ReadOnly {
    dir: Box<dyn Dir>,
    /// An overlay over it may commit.
    commits: bool,
}

impl ReadOnly {
    /// Wraps a directory.
    pub fn new(dir: Box<dyn Dir>) -> Self {
        Self { dir, commits: false }
    }

    /// Wraps the directory below an overlay. No guest can change it, whatever the saved world that it is
    /// granted to says, but [`Overlay::commit_below`](crate::fs::Overlay::commit_below) can.
    pub fn below_overlay(dir: Box<dyn Dir>) -> Self {
        Self { dir, commits: true }
    }

    pub(super) fn dir(&self) -> &dyn Dir {
        &*self.dir
    }

    /// Returns another handle to the directory, for a commit: one that can be written if this one was made
    /// for it.
    pub(super) fn reopen_to_commit(&self) -> Result<Box<dyn Dir>> {
        match self.dir.downcast_ref::<Self>() {
            _ if self.commits => self.dir.reopen(),
            Some(inner) => inner.reopen_to_commit(),
            None => self.reopen(),
        }
    }

    /// Refuses an open that would create or change something, with a more precise error if there is one.
    fn check_open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<()> {
        let creates = options.oflags.contains(OFlags::CREAT);
        if !creates && !options.changes_content() {
            return Ok(());
        }
        let follow = options.follow && !options.is_exclusive();
        match self.dir.filestat_at(path, follow) {
            Ok(found) => options.check_found(found.filetype, false)?,
            Err(Errno::Noent) if creates => return Err(Errno::Perm),
            Err(error) => return Err(error),
        }
        if options.changes_content() { Err(Errno::Perm) } else { Ok(()) }
    }
}

/// Returns the attributes without the permission to write.
fn unchangeable(stat: Filestat) -> Filestat {
    Filestat { mode: stat.mode.read_only(), ..stat }
}

impl Dir for ReadOnly {
    fn filestat(&self) -> Result<Filestat> {
        self.dir.filestat().map(unchangeable)
    }

    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node> {
        options.check()?;
        self.check_open(path, options)?;
        // The file was there a moment ago. If it is gone, the open must not create it.
        let oflags = options.oflags.difference(OFlags::CREAT | OFlags::EXCL | OFlags::TRUNC);
        Ok(match self.dir.open(path, OpenOptions { oflags, write: false, ..options })? {
            Node::File(file) => Node::File(Box::new(ReadOnlyFile(file))),
            Node::Dir(dir) => Node::Dir(Box::new(Self::new(dir))),
        })
    }

    fn filestat_at(&self, path: RelativePath<'_>, follow: bool) -> Result<Filestat> {
        self.dir.filestat_at(path, follow).map(unchangeable)
    }

    fn access_at(&self, path: RelativePath<'_>, follow: bool, access: Access) -> Result<()> {
        let found = self.dir.access_at(path, follow, access.difference(Access::WRITE));
        if access.contains(Access::WRITE) { found.and(Err(Errno::Perm)) } else { found }
    }

    fn set_times_at(
        &self,
        _path: RelativePath<'_>,
        _follow: bool,
        _atim: SetTime,
        _mtim: SetTime,
    ) -> Result<()> {
        Err(Errno::Perm)
    }

    fn set_times(&self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Perm)
    }

    fn entries(&self) -> Result<Entries> {
        self.dir.entries()
    }

    fn create_dir(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Perm)
    }

    fn remove_dir(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Perm)
    }

    fn unlink(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Perm)
    }

    fn read_link(&self, path: RelativePath<'_>) -> Result<String> {
        self.dir.read_link(path)
    }

    fn symlink(&self, _target: RelativePath<'_>, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Perm)
    }

    fn link(&self, _path: RelativePath<'_>, _new_dir: &dyn Dir, _new_path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Perm)
    }

    fn rename(&self, _path: RelativePath<'_>, _new_dir: &dyn Dir, _new_path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Perm)
    }

    fn reopen(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self { dir: self.dir.reopen()?, commits: self.commits }))
    }

    fn writable(&self) -> bool {
        false
    }

    fn fork(&self, fork: &mut Fork) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self { dir: self.dir.fork(fork)?, commits: self.commits }))
    }

    fn charge_to(&mut self, quota: &Quota) {
        self.dir.charge_to(quota);
    }

    fn inner(&self) -> Option<&dyn Dir> {
        Some(self.dir())
    }
}

/// A file opened through a read-only directory. Not even its times can be set.
pub(super) struct ReadOnlyFile(Box<dyn File>);

impl ReadOnlyFile {
    pub(super) fn new(file: Box<dyn File>) -> Self {
        Self(file)
    }

    pub(super) fn file(&self) -> &dyn File {
        &*self.0
    }
}

impl File for ReadOnlyFile {
    fn filetype(&self) -> FileType {
        self.0.filetype()
    }

    fn filestat(&self) -> Result<Filestat> {
        self.0.filestat().map(unchangeable)
    }

    fn fdflags(&self) -> FdFlags {
        self.0.fdflags()
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        self.0.set_fdflags(flags)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.0.read(buffer)
    }

    fn write(&mut self, _buffers: &[IoSlice<'_>]) -> Result<usize> {
        Err(Errno::Perm)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&mut self, _buffers: &[IoSlice<'_>], _offset: u64) -> Result<usize> {
        Err(Errno::Perm)
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        self.0.seek(offset, whence)
    }

    fn advise(&mut self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        self.0.advise(offset, len, advice)
    }

    fn set_size(&mut self, _size: u64) -> Result<()> {
        Err(Errno::Perm)
    }

    fn set_times(&mut self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Perm)
    }

    fn sync(&mut self, data_only: bool) -> Result<()> {
        self.0.sync(data_only)
    }

    fn set_lock(&mut self, guest: &Locks, lock: Lock) -> Result<()> {
        self.0.set_lock(guest, lock)
    }

    fn find_lock(&self, guest: &Locks, lock: Lock) -> Result<Option<Lock>> {
        self.0.find_lock(guest, lock)
    }

    fn flock(&mut self, kind: LockKind) -> Result<()> {
        self.0.flock(kind)
    }

    fn readiness(&self) -> Readiness<'_> {
        self.0.readiness()
    }

    fn readable_bytes(&self) -> u64 {
        self.0.readable_bytes()
    }

    fn descriptor(&self) -> Option<Fd> {
        self.0.descriptor()
    }

    fn writable(&self) -> bool {
        false
    }

    fn fork(&self, fork: &mut Fork) -> Result<Option<Box<dyn File>>> {
        Ok(self.0.fork(fork)?.map(|file| Box::new(Self(file)) as Box<dyn File>))
    }
}
