//! An open file, whatever is behind it.

use std::any::Any;
use std::io::IoSlice;

use crate::errno::{Errno, Result};
use crate::fs::fork::Fork;
use crate::fs::locks::{Lock, LockKind, Locks};
use crate::sys::Source;
use crate::types::{Advice, Fd, FdFlags, FileType, Filestat, RiFlags, SdFlags, SetTime, Whence};

/// An open file: regular, device, stream or socket, with its own offset where it has one.
///
/// The caller checks that the file was opened for reading or writing. No method waits for data: the caller
/// waits for [`File::readiness`] first, and a file that still has no data returns [`Errno::Again`].
pub trait File: Any + Send {
    /// Returns the kind of the file, without asking the host again.
    fn filetype(&self) -> FileType;

    /// Returns the attributes. A stream has only a kind; everything else is 0.
    fn filestat(&self) -> Result<Filestat>;

    /// Returns the flags that are set.
    fn fdflags(&self) -> FdFlags {
        FdFlags::empty()
    }

    /// Changes [`FdFlags::APPEND`] and [`FdFlags::NONBLOCK`]; [`Errno::Notsup`] if one cannot be changed.
    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        if flags == self.fdflags() { Ok(()) } else { Err(Errno::Notsup) }
    }

    /// Reads at the offset and moves it. Returns the bytes read, 0 at the end. A regular file fills the
    /// buffer if it can.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize>;

    /// Writes at the offset (at the end with [`FdFlags::APPEND`]) and moves it. Returns the bytes written,
    /// perhaps not all.
    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize>;

    /// Reads at `offset` and leaves the file's own offset. [`Errno::Spipe`] for streams.
    fn read_at(&mut self, _buffer: &mut [u8], _offset: u64) -> Result<usize> {
        Err(Errno::Spipe)
    }

    /// Writes at `offset` and leaves the file's own offset. [`Errno::Spipe`] for streams.
    ///
    /// With [`FdFlags::APPEND`] it writes at the end nevertheless, as wasmtime and Linux do
    /// ([`pwrite`, BUGS](https://man7.org/linux/man-pages/man2/pwrite.2.html#BUGS)).
    fn write_at(&mut self, _buffers: &[IoSlice<'_>], _offset: u64) -> Result<usize> {
        Err(Errno::Spipe)
    }

    /// Moves the offset and returns it.
    ///
    /// [`Errno::Inval`] for an offset below 0, [`Errno::Overflow`] past `i64::MAX`, [`Errno::Spipe`] for
    /// streams.
    fn seek(&mut self, _offset: i64, _whence: Whence) -> Result<u64> {
        Err(Errno::Spipe)
    }

    /// Takes a hint on how a range will be used. [`Errno::Badf`] for streams, as in wasmtime.
    fn advise(&mut self, _offset: u64, _len: u64, _advice: Advice) -> Result<()> {
        Err(Errno::Badf)
    }

    /// Makes the file `size` bytes long: cuts it, or adds zeros. [`Errno::Inval`] for streams.
    fn set_size(&mut self, _size: u64) -> Result<()> {
        Err(Errno::Inval)
    }

    /// Sets access and modification time. [`Errno::Inval`] for streams.
    fn set_times(&mut self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Inval)
    }

    /// Brings the data and, unless `data_only`, the attributes to the device. [`Errno::Inval`] for streams.
    fn sync(&mut self, _data_only: bool) -> Result<()> {
        Err(Errno::Inval)
    }

    /// Sets or releases one of the guest's locks on the file, without waiting: `F_SETLK` of
    /// [`fcntl`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/fcntl.html).
    ///
    /// A file that only this guest has is never locked by anybody else. [`Errno::Again`] if somebody else's lock
    /// is in the way, [`Errno::Badf`] for a lock for writing on a file that is open for reading only.
    fn set_lock(&mut self, _guest: &Locks, _lock: Lock) -> Result<()> {
        Ok(())
    }

    /// Returns a lock of somebody else that is in the way of this one: `F_GETLK`.
    fn find_lock(&self, _guest: &Locks, _lock: Lock) -> Result<Option<Lock>> {
        Ok(None)
    }

    /// Sets or releases the lock on the whole file that belongs to this descriptor and its duplicates, without
    /// waiting: [`flock`](https://man7.org/linux/man-pages/man2/flock.2.html).
    ///
    /// A file that only this guest has is never locked by anybody else. [`Errno::Again`] if somebody else's lock
    /// is in the way.
    fn flock(&mut self, _kind: LockKind) -> Result<()> {
        Ok(())
    }

    /// Returns when the file can be read or written without waiting.
    fn readiness(&self) -> Readiness<'_> {
        Readiness::Always
    }

    /// Returns how many bytes a read would find now, for `poll_oneoff`; 0 if that is not known.
    fn readable_bytes(&self) -> u64 {
        0
    }

    /// Returns this file as a socket, if it is one.
    fn socket(&mut self) -> Option<&mut dyn Socket> {
        None
    }

    /// Returns the number of the descriptor that this file stands for, if it is one like `/dev/stdin`.
    fn descriptor(&self) -> Option<Fd> {
        None
    }

    /// Returns whether anything of the file can be changed, as far as its directory allows it.
    fn writable(&self) -> bool {
        true
    }

    /// Returns this open file for a fork of the guest, at the same offset and with an offset of its own.
    ///
    /// `None` if a file cannot be in two places, such as a socket: the fork gets a
    /// [`Tombstone`](super::Tombstone). A file in memory is that of the tree's copy; files and streams of the
    /// host are shared.
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
    /// When the host says so of this descriptor: terminals, pipes, sockets. Without a host, when the embedder's
    /// system says so of this number.
    Host(Source<'a>),
}

/// What a socket can do besides reading and writing.
pub trait Socket {
    /// Takes the next connection of a listener and sets its flags. [`Errno::Inval`] for a connection.
    fn accept(&mut self, flags: FdFlags) -> Result<Box<dyn File>>;

    /// Receives, and returns the bytes received, 0 at the end. [`Errno::Notconn`] for a listener.
    fn recv(&mut self, buffer: &mut [u8], flags: RiFlags) -> Result<usize>;

    /// Sends, and returns the bytes sent, perhaps not all.
    fn send(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize>;

    /// Closes one or both directions.
    fn shutdown(&mut self, how: SdFlags) -> Result<()>;
}
