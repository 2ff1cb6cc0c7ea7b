//! Standard streams: those of the process, input from bytes, captured output.

use std::io::{self, IoSlice, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::errno::{Errno, Result};
use crate::fs::file::File;
#[cfg(feature = "host")]
pub use crate::fs::host::HostStream;
use crate::types::{FileType, Filestat, Mode};

/// Returns the attributes of a stream: its kind, and nothing else about the host. What the guest cannot tell
/// from a pipe has the mode of one.
pub(super) fn stream_stat(filetype: FileType) -> Filestat {
    let mode = Mode::of_new(filetype);
    Filestat { dev: 0, ino: 0, filetype, nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0, mode }
}

/// Empty input, and output that is thrown away, as from `/dev/null`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl File for Null {
    fn filetype(&self) -> FileType {
        FileType::Unknown
    }

    fn filestat(&self) -> Result<Filestat> {
        let mode = Mode::of_new(FileType::CharacterDevice);
        Ok(Filestat { mode, ..stream_stat(self.filetype()) })
    }

    fn read(&mut self, _buffer: &mut [u8]) -> Result<usize> {
        Ok(0)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        Ok(buffers.iter().map(|buffer| buffer.len()).sum())
    }
}

/// Input from bytes.
///
/// Cloning shares it: what one descriptor has read, the others do not see.
#[derive(Clone, Debug, Default)]
pub struct Input(Arc<Mutex<io::Cursor<Vec<u8>>>>);

impl Input {
    /// Returns a stream that the guest reads these bytes from, and then the end.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Arc::new(Mutex::new(io::Cursor::new(bytes.into()))))
    }

    fn lock(&self) -> MutexGuard<'_, io::Cursor<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl File for Input {
    fn filetype(&self) -> FileType {
        FileType::Unknown
    }

    fn filestat(&self) -> Result<Filestat> {
        Ok(stream_stat(self.filetype()))
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        Ok(io::Read::read(&mut *self.lock(), buffer)?)
    }

    fn write(&mut self, _buffers: &[IoSlice<'_>]) -> Result<usize> {
        Err(Errno::Badf)
    }

    fn readable_bytes(&self) -> u64 {
        let input = self.lock();
        (input.get_ref().len() as u64).saturating_sub(input.position())
    }
}

/// Output that is collected in memory.
///
/// Cloning shares the bytes: the guest's descriptor writes them, and the embedder takes them.
#[derive(Clone, Debug, Default)]
pub struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    /// Returns an empty capture.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what was written since the last call.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl File for Capture {
    fn filetype(&self) -> FileType {
        FileType::Unknown
    }

    fn filestat(&self) -> Result<Filestat> {
        Ok(stream_stat(self.filetype()))
    }

    fn read(&mut self, _buffer: &mut [u8]) -> Result<usize> {
        Err(Errno::Badf)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(bytes.write_vectored(buffers)?)
    }
}

/// Output to any [`Write`] of the embedder, which must not block for ever: nothing can interrupt it.
pub struct Writer<W>(W);

impl<W: Write + Send> Writer<W> {
    /// Returns a stream that passes on every write and then flushes.
    pub fn new(writer: W) -> Self {
        Self(writer)
    }
}

impl<W: Write + Send + 'static> File for Writer<W> {
    fn filetype(&self) -> FileType {
        FileType::Unknown
    }

    fn filestat(&self) -> Result<Filestat> {
        Ok(stream_stat(self.filetype()))
    }

    fn read(&mut self, _buffer: &mut [u8]) -> Result<usize> {
        Err(Errno::Badf)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        let count = self.0.write_vectored(buffers)?;
        self.0.flush()?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_ends_after_its_bytes() {
        let mut input = Input::new(b"abc");
        let mut buffer = [0; 2];
        assert_eq!(input.readable_bytes(), 3);
        assert_eq!(input.read(&mut buffer), Ok(2));
        assert_eq!(input.read(&mut buffer), Ok(1));
        assert_eq!(input.read(&mut buffer), Ok(0));
    }

    #[test]
    fn captured_output_is_taken_once() {
        let capture = Capture::new();
        capture.clone().write(&[IoSlice::new(b"a"), IoSlice::new(b"bc")]).unwrap();
        assert_eq!(capture.take(), b"abc");
        assert_eq!(capture.take(), b"");
    }
}
