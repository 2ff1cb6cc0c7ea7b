//! Files and directories as objects: what a descriptor holds, whatever is behind it.
//!
//! `fs` knows nothing of guest memory, descriptors' numbers or engines: it
//! gets slices and [`RelativePath`]s and gives bytes and [`Errno`]s. Back ends
//! implement [`File`] and [`Dir`]; decorators wrap a [`Dir`] in another.

mod archive;
mod device;
mod fork;
mod host;
mod lost;
mod memory;
mod offset;
mod open;
mod path;
mod quota;
mod read_only;
pub(crate) mod saved;
mod socket;
pub mod stdio;

use std::io::IoSlice;
use std::os::fd::BorrowedFd;

use crate::errno::{Errno, Result};
use crate::types::{Advice, FdFlags, FileType, Filestat, OFlags, RiFlags, SdFlags, SetTime, Whence};
use crate::world_error::WorldError;

pub use archive::{Archive, ArchiveDir, ArchiveError};
pub use device::{Device, RandomSource};
pub use fork::Fork;
pub use host::HostDir;
pub use lost::Lost;
pub use memory::{Change, ChangeKind, CommitError, DeviceNumbers, MemoryDir, Overlay, TimeSource};
pub use path::RelativePath;
pub use quota::Quota;
pub use read_only::ReadOnly;
pub use saved::{SavedDir, SavedFile, Saving};
pub use socket::StreamSocket;

/// What [`Dir::open`] found or made.
pub enum Node {
    /// Anything that is read or written as bytes.
    File(Box<dyn File>),
    /// A directory.
    Dir(Box<dyn Dir>),
}

/// How [`Dir::open`] opens. Directories ignore `read` and `write`.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// Whether a symbolic link in the last component is followed; if not, one there is [`Errno::Loop`].
    pub follow: bool,
    /// Create, exclusive, truncate, directory.
    pub oflags: OFlags,
    /// The file will be read.
    pub read: bool,
    /// The file will be written. A directory opened so is [`Errno::Isdir`].
    pub write: bool,
    /// Append and non-blocking; the synchronising ones are [`Errno::Notsup`].
    pub fdflags: FdFlags,
}

/// One name in a directory. `.` and `..` are not among them: the caller adds these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name: not empty, without `/` and NUL.
    pub name: String,
    /// Equal to the [`Filestat::ino`] of the file it names.
    pub ino: u64,
    /// What it names, a symbolic link itself and not its target.
    pub filetype: FileType,
}

/// The names of one directory, one after the other, in any order but each once.
pub type Entries = Box<dyn Iterator<Item = Result<DirEntry>> + Send>;

/// When a [`File`] can be read or written without waiting.
pub enum Readiness<'a> {
    /// At any time: regular files, memory, `/dev/null`.
    Always,
    /// When the host says so of this descriptor: terminals, pipes, sockets.
    Host(BorrowedFd<'a>),
}

/// An open file: regular, device, stream or socket, with its own offset where it has one.
///
/// The descriptor table checks that a file was opened for reading or writing
/// before it calls here. No method waits for data: the caller has waited for
/// [`File::readiness`], and a file that still has none answers [`Errno::Again`].
pub trait File: Send {
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

    /// The same open file for a fork of the guest, at the same offset and from then on with one of its own.
    ///
    /// Files in memory are those of the tree's copy; files and streams of the host are shared. What
    /// cannot be in two places, as a socket, is [`Lost`]: this is what happens unless a file says otherwise.
    fn fork(&self, _fork: &mut Fork) -> Result<Box<dyn File>> {
        Ok(Box::new(Lost))
    }

    /// What a world at rest holds of it: nothing, unless a file says otherwise, and so it is lost.
    fn save(&self, _saving: &mut Saving) -> Result<SavedFile, WorldError> {
        Ok(SavedFile::lost())
    }
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

/// An open directory: the capability to everything below it, and to nothing else.
///
/// Every path is resolved below the directory, whatever symbolic links say: one
/// that would leave it is [`Errno::Perm`]. A path through something that is no
/// directory is [`Errno::Notdir`], a missing one [`Errno::Noent`], more than 40
/// links [`Errno::Loop`]. The empty path is [`Errno::Noent`].
pub trait Dir: Send {
    /// Attributes of the directory itself.
    fn filestat(&self) -> Result<Filestat>;

    /// Opens or makes what `path` names. The errors are those of POSIX `openat`, and:
    /// [`Errno::Isdir`] for a directory that is to be written, [`Errno::Notdir`] for a trailing
    /// slash on a file, [`Errno::Inval`] for a directory that is to be created. A FIFO opens
    /// without waiting for its other end.
    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node>;

    /// Attributes of what `path` names; of a link itself unless `follow`.
    fn filestat_at(&self, path: RelativePath<'_>, follow: bool) -> Result<Filestat>;

    /// Sets the times of what `path` names; of a link itself unless `follow`.
    fn set_times_at(&self, path: RelativePath<'_>, follow: bool, atim: SetTime, mtim: SetTime) -> Result<()>;

    /// Sets the times of the directory itself.
    fn set_times(&self, atim: SetTime, mtim: SetTime) -> Result<()>;

    /// Lists the directory from its start.
    fn entries(&self) -> Result<Entries>;

    /// Makes a directory. [`Errno::Exist`] if there is anything of that name.
    fn create_dir(&self, path: RelativePath<'_>) -> Result<()>;

    /// Removes an empty directory; a link to one is [`Errno::Notdir`], and `.` [`Errno::Inval`].
    fn remove_dir(&self, path: RelativePath<'_>) -> Result<()>;

    /// Removes a file or a link. [`Errno::Isdir`] for a directory, [`Errno::Notdir`] for `file/`.
    fn unlink(&self, path: RelativePath<'_>) -> Result<()>;

    /// The text of a symbolic link. [`Errno::Inval`] if it is none.
    fn read_link(&self, path: RelativePath<'_>) -> Result<String>;

    /// Makes a symbolic link. The target is text: relative, and resolved when it is used.
    fn symlink(&self, target: RelativePath<'_>, path: RelativePath<'_>) -> Result<()>;

    /// Makes `new_path` in `new_dir` another name of the file at `path`; a link is not followed.
    /// [`Errno::Perm`] for a directory, [`Errno::Xdev`] if the two are not of one file system.
    fn link(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()>;

    /// Moves `path` to `new_path` in `new_dir`, over what is there if POSIX allows it.
    /// [`Errno::Xdev`] if the two are not of one file system, [`Errno::Busy`] for `.`.
    fn rename(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()>;

    /// Another handle on the same directory.
    fn reopen(&self) -> Result<Box<dyn Dir>>;

    /// The same directory for a fork of the guest: in the copy of its tree if it lies in memory, and
    /// otherwise, unless a directory says differently, the same one again.
    fn fork(&self, _fork: &mut Fork) -> Result<Box<dyn Dir>> {
        self.reopen()
    }

    /// What a world at rest holds of it: nothing, unless a directory says otherwise. It is granted
    /// again if it was granted, and else lost.
    fn save(&self, _saving: &mut Saving) -> Result<SavedDir, WorldError> {
        Ok(SavedDir::granted())
    }

    /// Charges what is added below it to this budget from now on. Only folders of the host, whose
    /// growth is charged as it happens, need to know; a decorator passes the call on.
    fn charge(&mut self, _quota: &Quota) {}

    /// The overlay that this directory shows, if it does, so that the embedder sees the changes.
    fn overlay(&self) -> Option<Overlay> {
        None
    }

    /// The archive that this directory is of, if it is of one.
    fn as_archive(&self) -> Option<&Archive> {
        None
    }

    /// Gets its device number from the context that it is granted to. Only trees in memory need one;
    /// a decorator passes the call on.
    fn number(&self, _numbers: &mut DeviceNumbers) {}

    /// Whether anything below can be changed; a decorator that forbids it says `false`.
    fn writable(&self) -> bool {
        true
    }

    /// This directory as one of the host's, so that links and renames find their other end.
    ///
    /// Only the back end itself answers; a decorator does not, so nothing is linked or
    /// moved past it.
    fn as_host(&self) -> Option<&HostDir> {
        None
    }

    /// The same for one in memory.
    fn as_memory(&self) -> Option<&MemoryDir> {
        None
    }
}
