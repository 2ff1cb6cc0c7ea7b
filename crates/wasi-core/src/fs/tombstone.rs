//! A stand-in for a file that a fork or a resumed guest cannot have.

use std::io::IoSlice;

use crate::errno::{Errno, Result};
use crate::fs::dir::{Dir, Entries, Node};
use crate::fs::file::File;
use crate::fs::locks::{Lock, LockKind, Locks};
use crate::fs::open::OpenOptions;
use crate::fs::path::RelativePath;
use crate::types::{Advice, FdFlags, FileType, Filestat, SetTime, Whence};

/// A file or directory that is open but lost: everything except closing it is [`Errno::Io`].
///
/// It stands for a socket, or for a file that cannot be opened again. It keeps the descriptor's number taken,
/// so that the guest does not mistake another file for the lost one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tombstone;

impl File for Tombstone {
    fn filetype(&self) -> FileType {
        FileType::Unknown
    }

    fn filestat(&self) -> Result<Filestat> {
        Err(Errno::Io)
    }

    fn set_fdflags(&mut self, _flags: FdFlags) -> Result<()> {
        Err(Errno::Io)
    }

    fn read(&mut self, _buffer: &mut [u8]) -> Result<usize> {
        Err(Errno::Io)
    }

    fn write(&mut self, _buffers: &[IoSlice<'_>]) -> Result<usize> {
        Err(Errno::Io)
    }

    fn read_at(&mut self, _buffer: &mut [u8], _offset: u64) -> Result<usize> {
        Err(Errno::Io)
    }

    fn write_at(&mut self, _buffers: &[IoSlice<'_>], _offset: u64) -> Result<usize> {
        Err(Errno::Io)
    }

    fn seek(&mut self, _offset: i64, _whence: Whence) -> Result<u64> {
        Err(Errno::Io)
    }

    fn advise(&mut self, _offset: u64, _len: u64, _advice: Advice) -> Result<()> {
        Err(Errno::Io)
    }

    fn set_size(&mut self, _size: u64) -> Result<()> {
        Err(Errno::Io)
    }

    fn set_times(&mut self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Io)
    }

    fn sync(&mut self, _data_only: bool) -> Result<()> {
        Err(Errno::Io)
    }

    fn set_lock(&mut self, _guest: &Locks, _lock: Lock) -> Result<()> {
        Err(Errno::Io)
    }

    fn find_lock(&self, _guest: &Locks, _lock: Lock) -> Result<Option<Lock>> {
        Err(Errno::Io)
    }

    fn flock(&mut self, _kind: LockKind) -> Result<()> {
        Err(Errno::Io)
    }
}

impl Dir for Tombstone {
    fn filestat(&self) -> Result<Filestat> {
        Err(Errno::Io)
    }

    fn open(&self, _path: RelativePath<'_>, _options: OpenOptions) -> Result<Node> {
        Err(Errno::Io)
    }

    fn filestat_at(&self, _path: RelativePath<'_>, _follow: bool) -> Result<Filestat> {
        Err(Errno::Io)
    }

    fn set_times_at(
        &self,
        _path: RelativePath<'_>,
        _follow: bool,
        _atim: SetTime,
        _mtim: SetTime,
    ) -> Result<()> {
        Err(Errno::Io)
    }

    fn set_times(&self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Io)
    }

    fn entries(&self) -> Result<Entries> {
        Err(Errno::Io)
    }

    fn create_dir(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Io)
    }

    fn remove_dir(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Io)
    }

    fn unlink(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Io)
    }

    fn read_link(&self, _path: RelativePath<'_>) -> Result<String> {
        Err(Errno::Io)
    }

    fn symlink(&self, _target: RelativePath<'_>, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Io)
    }

    fn link(&self, _path: RelativePath<'_>, _new_dir: &dyn Dir, _new_path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Io)
    }

    fn rename(&self, _path: RelativePath<'_>, _new_dir: &dyn Dir, _new_path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Io)
    }

    fn reopen(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(*self))
    }
}
