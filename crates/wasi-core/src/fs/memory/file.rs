//! An open regular file in memory.

use std::io::IoSlice;

use super::tree::{Content, Handle, Ino, SharedTree, Tree};
use crate::errno::{Errno, Result};
use crate::fs::file::File;
use crate::fs::fork::Fork;
use crate::fs::offset;
use crate::fs::tombstone::Tombstone;
use crate::types::{Advice, FdFlags, FileType, Filestat, SetTime, Whence};

/// A regular file in memory, with its own offset. Its content stays while it is open, even without a name.
pub(in crate::fs) struct MemoryFile {
    handle: Handle,
    /// The file below, which the bytes come from until the file is first written.
    lower: Option<Box<dyn File>>,
    flags: FdFlags,
    offset: u64,
}

impl MemoryFile {
    pub(super) fn new(handle: Handle, lower: Option<Box<dyn File>>, flags: FdFlags) -> Self {
        Self { handle, lower, flags, offset: 0 }
    }

    /// Opens a saved file again.
    pub(in crate::fs) fn at(handle: Handle, flags: FdFlags, offset: u64) -> Result<Self> {
        let lower = handle.tree.lock().open_lower(handle.ino)?;
        Ok(Self { handle, lower, flags, offset })
    }

    pub(in crate::fs) fn tree(&self) -> &SharedTree {
        &self.handle.tree
    }

    pub(in crate::fs) fn ino(&self) -> Ino {
        self.handle.ino
    }

    pub(in crate::fs) fn offset(&self) -> u64 {
        self.offset
    }

    fn size(&self, tree: &Tree) -> Result<u64> {
        Ok(tree.inode(self.handle.ino)?.content.size())
    }

    /// Writes everything at `start`, or at the end if the file appends. Returns the bytes written and the
    /// offset after them. Nothing is written after an error.
    fn write_from(&self, tree: &mut Tree, start: u64, buffers: &[IoSlice<'_>]) -> Result<(usize, u64)> {
        let start = if self.flags.contains(FdFlags::APPEND) { self.size(tree)? } else { start };
        let len = offset::total_len(buffers);
        let end = offset::end_of_write(start, len)?;
        if len == 0 {
            return Ok((0, start));
        }
        if end > self.size(tree)? {
            tree.resize(self.handle.ino, end)?;
        } else {
            tree.touch(self.handle.ino);
        }
        let bytes = tree.bytes_mut(self.handle.ino)?;
        let mut target = bytes.get_mut(start as usize..).ok_or(Errno::Fbig)?;
        for buffer in buffers {
            let (head, tail) = target.split_at_mut_checked(buffer.len()).ok_or(Errno::Fbig)?;
            head.copy_from_slice(buffer);
            target = tail;
        }
        Ok((len, end))
    }
}

impl File for MemoryFile {
    fn filetype(&self) -> FileType {
        FileType::RegularFile
    }

    fn filestat(&self) -> Result<Filestat> {
        self.handle.tree.lock().filestat(self.handle.ino)
    }

    fn fdflags(&self) -> FdFlags {
        self.flags
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        if self
            .flags
            .symmetric_difference(flags)
            .intersects(FdFlags::APPEND.union(FdFlags::NONBLOCK).complement())
        {
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
        let (written, end) = {
            let tree = &mut *self.handle.tree.lock();
            self.write_from(tree, self.offset, buffers)?
        };
        if written > 0 {
            self.offset = end;
        }
        Ok(written)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let tree = &*self.handle.tree.lock();
        match (&tree.inode(self.handle.ino)?.content, &mut self.lower) {
            (Content::Lower(_), Some(lower)) => lower.read_at(buffer, offset),
            _ => offset::read_slice(tree.bytes(self.handle.ino)?, offset, buffer),
        }
    }

    fn write_at(&mut self, buffers: &[IoSlice<'_>], offset: u64) -> Result<usize> {
        let (written, _end) = self.write_from(&mut self.handle.tree.lock(), offset, buffers)?;
        Ok(written)
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let size = self.size(&self.handle.tree.lock())?;
        self.offset = offset::seek(self.offset, size, offset, whence)?;
        Ok(self.offset)
    }

    fn advise(&mut self, _offset: u64, _len: u64, _advice: Advice) -> Result<()> {
        Ok(())
    }

    fn set_size(&mut self, size: u64) -> Result<()> {
        let size = offset::check_size(size)?;
        self.handle.tree.lock().resize(self.handle.ino, size)
    }

    fn set_times(&mut self, atim: SetTime, mtim: SetTime) -> Result<()> {
        self.handle.tree.lock().set_times(self.handle.ino, atim, mtim)
    }

    fn sync(&mut self, _data_only: bool) -> Result<()> {
        Ok(())
    }

    fn fork(&self, fork: &mut Fork) -> Result<Option<Box<dyn File>>> {
        let handle = self.handle.fork(fork)?;
        let lower = match &self.lower {
            Some(lower) => Some(lower.fork(fork)?.unwrap_or_else(|| Box::new(Tombstone))),
            None => None,
        };
        Ok(Some(Box::new(Self { handle, lower, flags: self.flags, offset: self.offset })))
    }
}
