//! Output that the line editor knows of, so that it leaves an unfinished line on the screen.

use std::io::IoSlice;

use python_wasm_repl::Terminal;
use wasi_core::Result;
use wasi_core::fs::stdio::HostStream;
use wasi_core::fs::{File, Readiness};
use wasi_core::types::{FdFlags, FileType, Filestat};

/// A stream to the terminal at which the editor reads.
pub(super) struct Shown {
    stream: HostStream,
    terminal: Terminal,
}

impl Shown {
    pub(super) fn new(stream: HostStream, terminal: Terminal) -> Self {
        Self { stream, terminal }
    }
}

impl File for Shown {
    fn filetype(&self) -> FileType {
        self.stream.filetype()
    }

    fn filestat(&self) -> Result<Filestat> {
        self.stream.filestat()
    }

    fn fdflags(&self) -> FdFlags {
        self.stream.fdflags()
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        self.stream.set_fdflags(flags)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.stream.read(buffer)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        let written = self.stream.write(buffers)?;
        let mut left = written;
        for buffer in buffers {
            let shown = &buffer[..left.min(buffer.len())];
            self.terminal.wrote(shown);
            left -= shown.len();
        }
        Ok(written)
    }

    fn readiness(&self) -> Readiness<'_> {
        self.stream.readiness()
    }

    fn readable_bytes(&self) -> u64 {
        self.stream.readable_bytes()
    }
}
