//! Output that the line editor knows of, so that it leaves an unfinished line on the screen.

use std::io::IoSlice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use python_wasm_repl::Terminal;
use wasi_core::Result;
use wasi_core::fs::stdio::HostStream;
use wasi_core::fs::{File, Readiness};
use wasi_core::types::{FdFlags, FileType, Filestat};

/// A stream of a session at a prompt.
pub(super) struct PromptStream {
    stream: HostStream,
    /// The terminal at which the editor reads, if the stream leads there.
    terminal: Option<Terminal>,
    /// While this is set, output is dropped: nothing that the editor asks may print. Shared with the
    /// session, on the same thread.
    muted: Arc<AtomicBool>,
}

impl PromptStream {
    pub(super) fn new(stream: HostStream, terminal: Option<Terminal>, muted: Arc<AtomicBool>) -> Self {
        Self { stream, terminal, muted }
    }
}

impl File for PromptStream {
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
        if self.muted.load(Ordering::Relaxed) {
            return Ok(buffers.iter().map(|buffer| buffer.len()).sum());
        }
        let written = self.stream.write(buffers)?;
        let Some(terminal) = &self.terminal else { return Ok(written) };
        let mut left = written;
        for buffer in buffers {
            let shown = &buffer[..left.min(buffer.len())];
            terminal.wrote(shown);
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
