//! Standard streams: those of the process, input from bytes, captured output.

use std::io::{self, IoSlice, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType as HostType, OFlags as HostFlags, SeekFrom, fcntl_getfl, fstat, seek};

use crate::errno::{Errno, Result};
use crate::fs::file::{File, Readiness};
use crate::fs::size_limit::SizeLimit;
use crate::types::{FdFlags, FileType, Filestat, Mode, Whence};

/// Returns the attributes of a stream: its kind, and nothing else about the host. What the guest cannot tell
/// from a pipe has the mode of one.
pub(super) fn stream_stat(filetype: FileType) -> Filestat {
    let mode = Mode::of_new(filetype);
    Filestat { dev: 0, ino: 0, filetype, nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0, mode }
}

/// Returns the kind of a stream over a character device.
///
/// wasi-libc's `isatty` takes a character device without seek rights for a terminal, so others, such as
/// `/dev/null`, are [`FileType::Unknown`], as in wasmtime.
pub(super) fn terminal_or_unknown(fd: &impl IsTerminal) -> FileType {
    if fd.is_terminal() { FileType::CharacterDevice } else { FileType::Unknown }
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

/// A descriptor of this process: a terminal, a pipe, or whatever it was redirected to.
///
/// With [`FdFlags::NONBLOCK`], which the guest may set, a call that would have to wait is [`Errno::Again`].
/// The host's stream itself keeps its mode, because other processes share it.
#[derive(Debug)]
pub struct HostStream {
    fd: OwnedFd,
    filetype: FileType,
    /// Of the host's kind, which says what [`FileType::Unknown`] does not.
    mode: Mode,
    waits: bool,
    nonblock: bool,
    limit: SizeLimit,
}

/// How much a pipe takes without waiting once it is ready: `PIPE_BUF`, as Linux has it
/// ([`pipe`](https://man7.org/linux/man-pages/man7/pipe.7.html)).
///
/// The host's stream stays in blocking mode, because other processes share it, so a write must not exceed the
/// room that a poll has announced.
const PIPE_BUF: usize = 4096;

impl HostStream {
    /// Duplicates standard input of this process.
    pub fn stdin() -> io::Result<Self> {
        Self::inherit(&io::stdin())
    }

    /// Duplicates standard output of this process.
    pub fn stdout() -> io::Result<Self> {
        Self::inherit(&io::stdout())
    }

    /// Duplicates standard error of this process.
    pub fn stderr() -> io::Result<Self> {
        Self::inherit(&io::stderr())
    }

    /// Duplicates any open descriptor.
    pub fn inherit(stream: &impl AsFd) -> io::Result<Self> {
        let fd = stream.as_fd().try_clone_to_owned()?;
        let host = HostType::from_raw_mode(fstat(&fd)?.st_mode);
        let filetype = match host {
            HostType::CharacterDevice => terminal_or_unknown(&fd),
            HostType::RegularFile => FileType::RegularFile,
            HostType::BlockDevice => FileType::BlockDevice,
            HostType::Directory => FileType::Directory,
            HostType::Socket => FileType::SocketStream,
            _ => FileType::Unknown,
        };
        let waits = !matches!(host, HostType::RegularFile | HostType::BlockDevice | HostType::Directory);
        let limit =
            if host == HostType::RegularFile { SizeLimit::of_this_process() } else { SizeLimit::none() };
        let character = host == HostType::CharacterDevice;
        let mode = Mode::of_new(if character { FileType::CharacterDevice } else { filetype });
        Ok(Self { fd, filetype, mode, waits, nonblock: false, limit })
    }

    /// Returns where the next write to a regular file begins.
    fn position(&self) -> Result<u64> {
        let appends = fcntl_getfl(&self.fd)?.contains(HostFlags::APPEND);
        Ok(if appends { self.size()? } else { seek(&self.fd, SeekFrom::Current(0))? })
    }

    /// Checks that a guest that must not wait need not do so. [`Errno::Again`] if it would have to.
    fn check_ready(&self, flags: PollFlags) -> Result<()> {
        if !self.nonblock || !self.waits {
            return Ok(());
        }
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        match poll(&mut [PollFd::new(&self.fd, flags)], Some(&now))? {
            0 => Err(Errno::Again),
            _ => Ok(()),
        }
    }

    fn size(&self) -> Result<u64> {
        Ok(u64::try_from(fstat(&self.fd)?.st_size).unwrap_or(0))
    }
}

impl File for HostStream {
    fn filetype(&self) -> FileType {
        self.filetype
    }

    /// Returns the attributes of a stream, and the size of a regular file.
    fn filestat(&self) -> Result<Filestat> {
        let size = if self.waits { 0 } else { self.size()? };
        Ok(Filestat { size, mode: self.mode, ..stream_stat(self.filetype) })
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
        self.check_ready(PollFlags::IN)?;
        Ok(rustix::io::read(&self.fd, buffer)?)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        let total: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        if self.limit.is_some() && total > 0 {
            self.limit.check_write(self.position()?)?;
        }
        self.check_ready(PollFlags::OUT)?;
        if self.waits && total > PIPE_BUF {
            let first = buffers.iter().find(|buffer| !buffer.is_empty());
            let bytes = first.and_then(|buffer| buffer.get(..buffer.len().min(PIPE_BUF))).unwrap_or_default();
            return Ok(rustix::io::write(&self.fd, bytes)?);
        }
        Ok(rustix::io::writev(&self.fd, buffers)?)
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        if self.waits {
            return Err(Errno::Spipe);
        }
        let to = match whence {
            Whence::Set => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Inval)?),
            Whence::Cur => SeekFrom::Current(offset),
            Whence::End => SeekFrom::End(offset),
        };
        Ok(seek(&self.fd, to)?)
    }

    fn readiness(&self) -> Readiness<'_> {
        if self.waits { Readiness::Host(self.fd.as_fd()) } else { Readiness::Always }
    }

    fn readable_bytes(&self) -> u64 {
        rustix::io::ioctl_fionread(&self.fd).unwrap_or(0)
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

    #[test]
    fn a_large_write_to_a_pipe_is_cut_to_what_it_takes_without_waiting() {
        let (reader, writer) = io::pipe().unwrap();
        let mut stream = HostStream::inherit(&writer).unwrap();
        assert_eq!(stream.write(&[IoSlice::new(&[b'x'; 10_000])]), Ok(PIPE_BUF));
        drop(reader);
    }

    #[test]
    fn a_stream_that_must_not_wait_says_so_and_leaves_the_host_s_as_it_is() {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut stream = HostStream::inherit(&reader).unwrap();
        assert_eq!(stream.set_fdflags(FdFlags::APPEND), Err(Errno::Notsup));
        stream.set_fdflags(FdFlags::NONBLOCK).unwrap();
        assert_eq!(stream.fdflags(), FdFlags::NONBLOCK);
        assert_eq!(stream.read(&mut [0; 9]), Err(Errno::Again));
        writer.write_all(b"abc").unwrap();
        assert_eq!(stream.read(&mut [0; 9]), Ok(3));
        assert!(!fcntl_getfl(&reader).unwrap().contains(HostFlags::NONBLOCK));
        drop(writer);
        assert_eq!(stream.read(&mut [0; 9]), Ok(0));
        stream.set_fdflags(FdFlags::empty()).unwrap();
        assert_eq!(stream.fdflags(), FdFlags::empty());
    }

    #[test]
    fn a_full_pipe_is_no_place_to_write_without_waiting() {
        let (reader, writer) = io::pipe().unwrap();
        let mut stream = HostStream::inherit(&writer).unwrap();
        stream.set_fdflags(FdFlags::NONBLOCK).unwrap();
        let written = (0..1000).map(|_| stream.write(&[IoSlice::new(&[b'x'; 4096])]));
        assert_eq!(written.last(), Some(Err(Errno::Again)));
        drop(reader);
    }

    #[test]
    fn only_a_terminal_is_a_character_device() {
        let kind = |path| {
            let device = std::fs::File::options().read(true).write(true).open(path).unwrap();
            HostStream::inherit(&device).unwrap().filetype()
        };
        assert_eq!(kind("/dev/ptmx"), FileType::CharacterDevice);
        assert_eq!(kind("/dev/null"), FileType::Unknown);
    }
}
