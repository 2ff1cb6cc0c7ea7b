//! An open file of an archive.

use std::io::IoSlice;
use std::ops::Range;
use std::sync::Arc;

use super::data::{Archive, Unpacked};
use super::index::{Kind, MemberId};
use super::zip::Entry;
use crate::errno::{Errno, Result};
use crate::fs::file::File;
use crate::fs::fork::Fork;
use crate::fs::offset;
use crate::types::{Advice, FdFlags, FileType, Filestat, SetTime, Whence};

/// A file of an archive, with its own offset.
#[derive(Clone)]
pub(in crate::fs) struct ArchiveFile {
    content: Content,
    filestat: Filestat,
    flags: FdFlags,
    offset: u64,
}

#[derive(Clone)]
enum Content {
    /// The range of the archive's bytes.
    Stored(Archive, Range<usize>),
    Unpacked(Arc<Unpacked>),
}

impl ArchiveFile {
    pub(super) fn open(
        archive: &Archive,
        id: MemberId,
        entry: &Entry,
        filestat: Filestat,
        flags: FdFlags,
    ) -> Result<Self> {
        let content = match entry.stored(archive.0.bytes())? {
            Some(range) => Content::Stored(archive.clone(), range),
            None => Content::Unpacked(archive.unpack(id, entry)?),
        };
        Ok(Self { content, filestat, flags, offset: 0 })
    }

    /// Opens a saved file again. `None` if the archive has no such file.
    pub(in crate::fs) fn at(archive: &Archive, id: MemberId, flags: FdFlags, offset: u64) -> Option<Self> {
        let Kind::File(entry) = &archive.node(id).ok()?.kind else { return None };
        let file = Self::open(archive, id, entry, archive.filestat(id).ok()?, flags).ok()?;
        Some(Self { offset, ..file })
    }

    /// Returns the device number of the archive.
    pub(in crate::fs) fn device(&self) -> u64 {
        self.filestat.dev
    }

    pub(in crate::fs) fn id(&self) -> MemberId {
        // An inode is the number plus 1 (see `Archive::filestat`).
        self.filestat.ino.saturating_sub(1) as MemberId
    }

    pub(in crate::fs) fn offset(&self) -> u64 {
        self.offset
    }

    fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Stored(archive, range) => archive.0.bytes().get(range.clone()).unwrap_or_default(),
            Content::Unpacked(bytes) => bytes,
        }
    }
}

impl File for ArchiveFile {
    fn filetype(&self) -> FileType {
        FileType::RegularFile
    }

    fn filestat(&self) -> Result<Filestat> {
        Ok(self.filestat)
    }

    fn fdflags(&self) -> FdFlags {
        self.flags
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        self.flags = flags;
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.read_at(buffer, self.offset)?;
        self.offset = self.offset.saturating_add(read as u64);
        Ok(read)
    }

    fn write(&mut self, _buffers: &[IoSlice<'_>]) -> Result<usize> {
        Err(Errno::Rofs)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        offset::read_slice(self.bytes(), offset, buffer)
    }

    fn write_at(&mut self, _buffers: &[IoSlice<'_>], _offset: u64) -> Result<usize> {
        Err(Errno::Rofs)
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        self.offset = offset::seek(self.offset, self.bytes().len() as u64, offset, whence)?;
        Ok(self.offset)
    }

    fn advise(&mut self, _offset: u64, _len: u64, _advice: Advice) -> Result<()> {
        Ok(())
    }

    fn set_size(&mut self, _size: u64) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn set_times(&mut self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn sync(&mut self, _data_only: bool) -> Result<()> {
        Ok(())
    }

    fn writable(&self) -> bool {
        false
    }

    fn fork(&self, _fork: &mut Fork) -> Result<Option<Box<dyn File>>> {
        Ok(Some(Box::new(self.clone())))
    }
}
