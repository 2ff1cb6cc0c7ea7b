//! An open file, whatever is behind it.

use std::any::Any;
use std::io::IoSlice;
use std::os::fd::BorrowedFd;

use crate::errno::{Errno, Result};
use crate::fs::fork::Fork;
use crate::types::{Advice, FdFlags, FileType, Filestat, RiFlags, SdFlags, SetTime, Whence};

/// An open file: regular, device, stream or socket, with its own offset where it has one.
///
/// The descriptor table checks that a file was opened for reading or writing
/// before it calls here. No method waits for data: the caller has waited for
/// [`File::readiness`], and a file that still has none answers [`Errno::Again`].
pub trait File: Any + Send {
    /// Kind of the file, known without asking the host again.
    fn filetype(&self) -> FileType;

    /// Attributes. Streams report only their kind, everything else 0.
    fn filestat(&self) -> Result<Filestat>;

    /// Flags in force.
    fn fdflags(&self) -> FdFlags {
        FdFlags::empty()
    }

    /// Changes [`FdFlags::APPEND`] and [`FdFlags::NONBLOCK`]; [`Errno::Notsup`] if one cannot be changed.
    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        if flags == self.fdflags() { Ok(()) } else { Err(Errno::Notsup) }
    }

    /// Reads at the offset and moves it; 0 is the end. A regular file fills the buffer if it can.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize>;

    /// Writes at the offset (at the end with [`FdFlags::APPEND`]) and moves it. May write less.
    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize>;

    /// Reads at `offset` and leaves the file's own. [`Errno::Spipe`] where there are no offsets.
    fn read_at(&mut self, _buffer: &mut [u8], _offset: u64) -> Result<usize> {
        Err(Errno::Spipe)
    }

    /// Writes at `offset` and leaves the file's own. With [`FdFlags::APPEND`] it writes at the end all
    /// the same, as on Linux and in wasmtime. [`Errno::Spipe`] where there are no offsets.
    fn write_at(&mut self, _buffers: &[IoSlice<'_>], _offset: u64) -> Result<usize> {
        Err(Errno::Spipe)
    }

    /// Moves the offset and returns it. [`Errno::Inval`] for a negative one, [`Errno::Overflow`]
    /// past `i64::MAX`, [`Errno::Spipe`] where there are none.
    fn seek(&mut self, _offset: i64, _whence: Whence) -> Result<u64> {
        Err(Errno::Spipe)
    }

    /// Takes a hint on how it will be used. [`Errno::Badf`] for streams, as in wasmtime.
    fn advise(&mut self, _offset: u64, _len: u64, _advice: Advice) -> Result<()> {
        Err(Errno::Badf)
    }

    /// Makes the file `size` bytes long, zeros at the end. [`Errno::Inval`] for streams.
    fn set_size(&mut self, _size: u64) -> Result<()> {
        Err(Errno::Inval)
    }

    /// Sets access and modification time. [`Errno::Inval`] for streams.
    fn set_times(&mut self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Inval)
    }

    /// Brings data, and attributes unless `data_only`, to the device. [`Errno::Inval`] for streams.
    fn sync(&mut self, _data_only: bool) -> Result<()> {
        Err(Errno::Inval)
    }

    /// When it can be read or written without waiting.
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Always
    }

    /// Bytes that a read would find now, for `poll_oneoff`; 0 if that is not known.
    fn readable_bytes(&self) -> u64 {
        0
    }

    /// The socket that this file is, if it is one.
    fn socket(&mut self) -> Option<&mut dyn Socket> {
        None
    }

    /// Returns the same open file for a fork of the guest, at the same offset and from then on with one of
    /// its own, or `None` for what cannot be in two places, as a socket: the fork has a [`Tombstone`](super::Tombstone) there.
    ///
    /// Files in memory are those of the tree's copy; files and streams of the host are shared.
    fn fork(&self, _fork: &mut Fork) -> Result<Option<Box<dyn File>>> {
        Ok(None)
    }
}

impl dyn File {
    /// Returns this file as a `T`, if it is one.
    pub(super) fn downcast_ref<T: File>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

/// When a [`File`] can be read or written without waiting.
pub enum Readiness<'a> {
    /// At any time: regular files, memory, `/dev/null`.
    Always,
    /// When the host says so of this descriptor: terminals, pipes, sockets.
    Host(BorrowedFd<'a>),
}

/// What sockets do beside reading and writing.
pub trait Socket {
    /// Takes the next connection of a listener, its flags as given. [`Errno::Inval`] for a connection.
    fn accept(&mut self, flags: FdFlags) -> Result<Box<dyn File>>;

    /// Receives; 0 is the end. [`Errno::Notconn`] for a listener.
    fn recv(&mut self, buffer: &mut [u8], flags: RiFlags) -> Result<usize>;

    /// Sends; may send less.
    fn send(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize>;

    /// Closes one or both directions.
    fn shutdown(&mut self, how: SdFlags) -> Result<()>;
}
