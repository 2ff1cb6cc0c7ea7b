//! Descriptors of this process as streams.

use std::io::{self, IoSlice, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType as HostType, OFlags as HostFlags, SeekFrom, fcntl_getfl, fstat, seek};

use super::size_limit::SizeLimit;
use crate::errno::{Errno, Result};
use crate::fs::file::{File, Readiness};
use crate::fs::stdio::stream_stat;
use crate::types::{FdFlags, FileType, Filestat, Mode, Whence};

/// Returns the kind of a stream over a character device.
///
/// wasi-libc's `isatty` takes a character device without seek rights for a terminal, so others, such as
/// `/dev/null`, are [`FileType::Unknown`], as in wasmtime.
pub(super) fn terminal_or_unknown(fd: &impl IsTerminal) -> FileType {
    if fd.is_terminal() { FileType::CharacterDevice } else { FileType::Unknown }
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
    use std::io::Write as _;

    use super::*;

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
