//! The types of WASI preview1: descriptors, flags, file types and times.
//!
//! The door turns a raw integer of a guest into one of these or [`Errno::Inval`]; the rest of the crate never
//! sees raw numbers. All values are from the
//! [witx](https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/witx/typenames.witx).

use serde::{Deserialize, Serialize};

use crate::errno::{Errno, Result};

/// The number of a descriptor. It is unsigned, so -100 in a C guest is 4294967196, which is not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fd(pub u32);

/// Nanoseconds; since 1970 for the realtime clock, since some fixed moment for the others.
pub type Timestamp = u64;

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum FileType {
    /// Any kind that WASI does not name, such as a FIFO or a pipe.
    Unknown = 0,
    /// A block device.
    BlockDevice = 1,
    /// A character device, such as a terminal or `/dev/null`.
    CharacterDevice = 2,
    /// A directory.
    Directory = 3,
    /// A regular file.
    RegularFile = 4,
    /// A datagram socket.
    SocketDgram = 5,
    /// A stream socket.
    SocketStream = 6,
    /// A symbolic link.
    SymbolicLink = 7,
}

/// A `filestat`, the result of `fd_filestat_get` and `path_filestat_get`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filestat {
    /// The number of the device. Two files are the same if device and inode are equal.
    pub dev: u64,
    /// The number of the inode, as in a directory listing.
    pub ino: u64,
    /// Kind of the file.
    pub filetype: FileType,
    /// The number of hard links.
    pub nlink: u64,
    /// The size in bytes; of a symbolic link, that of its text.
    pub size: u64,
    /// Last access.
    pub atim: Timestamp,
    /// Last change of the content.
    pub mtim: Timestamp,
    /// Last change of the inode.
    pub ctim: Timestamp,
    /// Kind and permissions as POSIX has them. Preview1 has no field for this one.
    pub mode: Mode,
}

/// POSIX's [`st_mode`]: the kind of a file, and who may read, write and execute it.
///
/// Preview1 has neither permissions nor a kind for FIFOs, so the embedder has to tell its guest
/// ([`WasiCtx::mode_at`](crate::WasiCtx::mode_at)). What cannot be changed has no write bits, whatever the
/// host has. Trees in memory have the permissions of a new file under the usual umask of 022.
///
/// [`st_mode`]: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/sys_stat.h.html
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mode(u32);

impl Mode {
    /// The bits of the kind. POSIX leaves the numbers open; these are those of Linux, macOS and wasi-libc.
    const KIND: u32 = 0o170_000;
    const FIFO: u32 = 0o010_000;

    /// Takes the mode of a file of the host.
    pub(crate) fn of_host(bits: u32) -> Self {
        Self(bits & (Self::KIND | 0o7777))
    }

    /// Returns the mode of a file of this kind, with these permissions (`0o7777`). [`FileType::Unknown`] is a
    /// FIFO.
    pub const fn new(filetype: FileType, permissions: u32) -> Self {
        let kind = match filetype {
            FileType::Unknown => Self::FIFO,
            FileType::CharacterDevice => 0o020_000,
            FileType::Directory => 0o040_000,
            FileType::BlockDevice => 0o060_000,
            FileType::RegularFile => 0o100_000,
            FileType::SymbolicLink => 0o120_000,
            FileType::SocketDgram | FileType::SocketStream => 0o140_000,
        };
        Self(kind | permissions & 0o7777)
    }

    /// Returns the mode of something new: nobody but its owner may change it.
    pub const fn of_new(filetype: FileType) -> Self {
        let permissions = match filetype {
            FileType::Directory => 0o755,
            FileType::RegularFile => 0o644,
            FileType::CharacterDevice => 0o666,
            FileType::SymbolicLink | FileType::SocketDgram | FileType::SocketStream => 0o777,
            FileType::Unknown | FileType::BlockDevice => 0o600,
        };
        Self::new(filetype, permissions)
    }

    /// Returns the mode of what cannot be changed. A link has no permissions of its own, so it keeps its bits.
    pub(crate) fn read_only(self) -> Self {
        if self.filetype() == FileType::SymbolicLink { self } else { Self(self.0 & !0o222) }
    }

    /// Returns the mode of what its owner may change, even if its host may not.
    pub(crate) fn writable(self) -> Self {
        Self(self.0 | 0o200)
    }

    /// Returns the mode of the same kind with these permissions (`0o7777`).
    pub(crate) fn with_permissions(self, permissions: u32) -> Self {
        Self(self.0 & Self::KIND | permissions & 0o7777)
    }

    /// Returns the number that C's `st_mode` has.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Checks that anybody may do this. [`Errno::Acces`] if not.
    pub(crate) fn check(self, access: Access) -> Result<()> {
        let needed = [(Access::READ, 0o444), (Access::WRITE, 0o222), (Access::EXECUTE, 0o111)];
        let missing = |&(right, bits): &(Access, u32)| access.contains(right) && self.0 & bits == 0;
        if needed.iter().any(missing) { Err(Errno::Acces) } else { Ok(()) }
    }

    /// Returns the kind that preview1 has for it.
    pub fn filetype(self) -> FileType {
        match self.0 & Self::KIND {
            0o020_000 => FileType::CharacterDevice,
            0o040_000 => FileType::Directory,
            0o060_000 => FileType::BlockDevice,
            0o100_000 => FileType::RegularFile,
            0o120_000 => FileType::SymbolicLink,
            0o140_000 => FileType::SocketStream,
            _ => FileType::Unknown,
        }
    }
}

/// What the offset of `fd_seek` counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The start of the file.
    Set,
    /// The current offset.
    Cur,
    /// The end of the file.
    End,
}

/// The use of a range that `fd_advise` announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing in particular.
    Normal,
    /// Lower offsets before higher ones.
    Sequential,
    /// In no order.
    Random,
    /// Soon.
    Willneed,
    /// Not soon.
    Dontneed,
    /// Once.
    Noreuse,
}

/// A clock of `clock_time_get` and `poll_oneoff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockId {
    /// The time since 1970-01-01 00:00 UTC.
    Realtime,
    /// A time that never goes back.
    Monotonic,
    /// CPU time of this process.
    ProcessCputime,
    /// CPU time of this thread.
    ThreadCputime,
}

/// What `*_filestat_set_times` does to one of the two times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTime {
    /// It stays as it is.
    Keep,
    /// It becomes this time. For "now", the caller reads the realtime clock.
    To(Timestamp),
}

impl Whence {
    /// Parses a `whence`. [`Errno::Inval`] for an unknown one.
    pub fn parse(raw: u32) -> Result<Self> {
        match raw {
            0 => Ok(Self::Set),
            1 => Ok(Self::Cur),
            2 => Ok(Self::End),
            _ => Err(Errno::Inval),
        }
    }
}

impl Advice {
    /// Parses an `advice`. [`Errno::Inval`] for an unknown one.
    pub fn parse(raw: u32) -> Result<Self> {
        match raw {
            0 => Ok(Self::Normal),
            1 => Ok(Self::Sequential),
            2 => Ok(Self::Random),
            3 => Ok(Self::Willneed),
            4 => Ok(Self::Dontneed),
            5 => Ok(Self::Noreuse),
            _ => Err(Errno::Inval),
        }
    }
}

impl ClockId {
    /// Parses a `clockid`. [`Errno::Inval`] for an unknown one.
    pub fn parse(raw: u32) -> Result<Self> {
        match raw {
            0 => Ok(Self::Realtime),
            1 => Ok(Self::Monotonic),
            2 => Ok(Self::ProcessCputime),
            3 => Ok(Self::ThreadCputime),
            _ => Err(Errno::Inval),
        }
    }
}

bitflags::bitflags! {
    /// The flags of an open descriptor.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FdFlags: u16 {
        /// Writes go to the end.
        const APPEND = 1;
        /// A write returns when the data is on the device.
        const DSYNC = 2;
        /// Calls never wait, but return [`Errno::Again`].
        const NONBLOCK = 4;
        /// Reads see synchronised data.
        const RSYNC = 8;
        /// A write returns when data and attributes are on the device.
        const SYNC = 16;
    }

    /// What `path_open` does with a file that exists or is missing.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OFlags: u16 {
        /// Make the file if it is missing.
        const CREAT = 1;
        /// Fail unless it is a directory.
        const DIRECTORY = 2;
        /// Fail if it exists.
        const EXCL = 4;
        /// Make the file empty.
        const TRUNC = 8;
    }

    /// How a path is resolved.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LookupFlags: u32 {
        /// A symbolic link in the last component is followed.
        const SYMLINK_FOLLOW = 1;
    }

    /// The times that `*_filestat_set_times` sets, and what to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FstFlags: u16 {
        /// The access time, to the argument.
        const ATIM = 1;
        /// The access time, to now.
        const ATIM_NOW = 2;
        /// The modification time, to the argument.
        const MTIM = 4;
        /// The modification time, to now.
        const MTIM_NOW = 8;
    }

    /// The rights of a descriptor. They are reported, but not enforced (RATIONALE.md, "Why no enforced
    /// rights?").
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Rights: u64 {
        /// `fd_datasync`.
        const FD_DATASYNC = 1;
        /// `fd_read`, `sock_recv`.
        const FD_READ = 1 << 1;
        /// `fd_seek`.
        const FD_SEEK = 1 << 2;
        /// `fd_fdstat_set_flags`.
        const FD_FDSTAT_SET_FLAGS = 1 << 3;
        /// `fd_sync`.
        const FD_SYNC = 1 << 4;
        /// `fd_tell`.
        const FD_TELL = 1 << 5;
        /// `fd_write`, `sock_send`.
        const FD_WRITE = 1 << 6;
        /// `fd_advise`.
        const FD_ADVISE = 1 << 7;
        /// `fd_allocate`.
        const FD_ALLOCATE = 1 << 8;
        /// `path_create_directory`.
        const PATH_CREATE_DIRECTORY = 1 << 9;
        /// `path_open` with `CREAT`.
        const PATH_CREATE_FILE = 1 << 10;
        /// `path_link`, as the source.
        const PATH_LINK_SOURCE = 1 << 11;
        /// `path_link`, as the target.
        const PATH_LINK_TARGET = 1 << 12;
        /// `path_open`.
        const PATH_OPEN = 1 << 13;
        /// `fd_readdir`.
        const FD_READDIR = 1 << 14;
        /// `path_readlink`.
        const PATH_READLINK = 1 << 15;
        /// `path_rename`, as the source.
        const PATH_RENAME_SOURCE = 1 << 16;
        /// `path_rename`, as the target.
        const PATH_RENAME_TARGET = 1 << 17;
        /// `path_filestat_get`.
        const PATH_FILESTAT_GET = 1 << 18;
        /// `path_open` with `TRUNC`.
        const PATH_FILESTAT_SET_SIZE = 1 << 19;
        /// `path_filestat_set_times`.
        const PATH_FILESTAT_SET_TIMES = 1 << 20;
        /// `fd_filestat_get`.
        const FD_FILESTAT_GET = 1 << 21;
        /// `fd_filestat_set_size`.
        const FD_FILESTAT_SET_SIZE = 1 << 22;
        /// `fd_filestat_set_times`.
        const FD_FILESTAT_SET_TIMES = 1 << 23;
        /// `path_symlink`.
        const PATH_SYMLINK = 1 << 24;
        /// `path_remove_directory`.
        const PATH_REMOVE_DIRECTORY = 1 << 25;
        /// `path_unlink_file`.
        const PATH_UNLINK_FILE = 1 << 26;
        /// `poll_oneoff`.
        const POLL_FD_READWRITE = 1 << 27;
        /// `sock_shutdown`.
        const SOCK_SHUTDOWN = 1 << 28;
        /// `sock_accept`.
        const SOCK_ACCEPT = 1 << 29;
    }

    /// What [`Dir::access_at`](crate::fs::Dir::access_at) asks for. Nothing at all is whether the file exists.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Access: u8 {
        /// To execute a file, or to pass through a directory.
        const EXECUTE = 1;
        /// To write a file, or to change what is in a directory.
        const WRITE = 2;
        /// To read a file, or to list a directory.
        const READ = 4;
    }

    /// How `sock_recv` receives.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct RiFlags: u16 {
        /// The data stays in the queue.
        const RECV_PEEK = 1;
        /// Waits until the buffers are full.
        const RECV_WAITALL = 2;
    }

    /// The directions that `sock_shutdown` closes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SdFlags: u8 {
        /// Receiving.
        const RD = 1;
        /// Sending.
        const WR = 2;
    }
}
