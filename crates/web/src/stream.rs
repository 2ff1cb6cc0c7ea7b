//! Standard streams that JavaScript has.

use std::io::IoSlice;

use wasi_core::fs::{File, Readiness};
use wasi_core::types::{FdFlags, FileType, Filestat, Mode};
use wasi_core::{Errno, Result, Source};

use crate::imports;

/// A stream by its number. A terminal is a character device.
pub(crate) struct Stream {
    pub(crate) source: u32,
    pub(crate) is_terminal: bool,
    pub(crate) nonblock: bool,
}

/// The most bytes that JavaScript gets at once.
const PIECE: usize = 1 << 20;

/// Returns the errno of a negative number.
pub(crate) fn errno(number: i32) -> Errno {
    Errno::from_raw(number.unsigned_abs() as u16).unwrap_or(Errno::Io)
}

/// Returns a count, or the errno that stands for it.
pub(crate) fn count(number: i32) -> Result<usize> {
    usize::try_from(number).map_err(|_| errno(number))
}

impl File for Stream {
    fn filetype(&self) -> FileType {
        if self.is_terminal { FileType::CharacterDevice } else { FileType::Unknown }
    }

    fn filestat(&self) -> Result<Filestat> {
        let filetype = self.filetype();
        let mode = Mode::of_new(filetype);
        Ok(Filestat { dev: 0, ino: 0, filetype, nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0, mode })
    }

    fn fdflags(&self) -> FdFlags {
        if self.nonblock { FdFlags::NONBLOCK } else { FdFlags::empty() }
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        if !FdFlags::NONBLOCK.contains(flags) {
            return Err(Errno::Notsup);
        }
        self.nonblock = !flags.is_empty();
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        count(imports::stream_read(self.source, buffer))
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        let mut total = 0;
        for buffer in buffers {
            for piece in buffer.chunks(PIECE) {
                let written = count(imports::stream_write(self.source, piece))?;
                total += written;
                if written < piece.len() {
                    return Ok(total);
                }
            }
        }
        Ok(total)
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Host(Source::new(self.source))
    }

    fn readable_bytes(&self) -> u64 {
        imports::stream_available(self.source).into()
    }
}
