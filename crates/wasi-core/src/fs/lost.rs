//! A descriptor whose file could not be taken along.

use std::io::IoSlice;

use super::File;
use crate::errno::{Errno, Result};
use crate::types::{Advice, FdFlags, FileType, Filestat, SetTime, Whence};

/// A file that is open and no longer there: everything but closing it is [`Errno::Io`].
///
/// It stands where a fork or a resumed guest had a socket, or a file that its new world does not
/// have. The number stays taken, so that the guest does not mistake another file for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lost;

impl File for Lost {
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
}
