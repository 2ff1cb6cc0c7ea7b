//! The words of WASI preview1: descriptors, flags, file types and times, parsed once at the edge.
//!
//! A raw integer from a guest becomes one of these or [`Errno::Inval`]; nothing
//! further inside looks at raw numbers. Source of all values: the preview1 witx.

use serde::{Deserialize, Serialize};

use crate::errno::{Errno, Result};

/// A file descriptor number. Unsigned, so a C guest's -100 is 4294967196 and simply not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fd(pub u32);

/// Nanoseconds; since 1970 for the realtime clock, since some fixed moment for the others.
pub type Timestamp = u64;

/// What a path or a descriptor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum FileType {
    /// Of a kind that WASI has no word for, such as a FIFO or a pipe.
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

/// `filestat`: what `fd_filestat_get` and `path_filestat_get` report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filestat {
    /// Number of the device; equal device and inode mean the same file.
    pub dev: u64,
    /// Number of the inode, the same as in a directory listing.
    pub ino: u64,
    /// Kind of the file.
    pub filetype: FileType,
    /// How many hard links name it.
    pub nlink: u64,
    /// Bytes; for a symbolic link, those of its target's text.
    pub size: u64,
    /// Last access.
    pub atim: Timestamp,
    /// Last change of the content.
    pub mtim: Timestamp,
    /// Last change of the inode.
    pub ctim: Timestamp,
}

/// Where `fd_seek` counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The start of the file.
    Set,
    /// The current offset.
    Cur,
    /// The end of the file.
    End,
}

/// What `fd_advise` announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing special.
    Normal,
    /// Lower offsets before higher ones.
    Sequential,
    /// No order.
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
    /// Time since 1970-01-01 00:00 UTC.
    Realtime,
    /// Time that never goes back.
    Monotonic,
    /// CPU time of this process.
    ProcessCputime,
    /// CPU time of this thread.
    ThreadCputime,
}

/// One of the two times that `*_filestat_set_times` changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTime {
    /// Left as it is.
    Keep,
    /// To the context's realtime clock, read by the caller.
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
    /// How an open descriptor behaves.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FdFlags: u16 {
        /// Every write goes to the end.
        const APPEND = 1;
        /// Data is on the device when a write returns.
        const DSYNC = 2;
        /// Never wait: [`Errno::Again`] instead.
        const NONBLOCK = 4;
        /// Reads see synchronised data.
        const RSYNC = 8;
        /// Data and attributes are on the device when a write returns.
        const SYNC = 16;
    }

    /// How `path_open` treats what it finds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OFlags: u16 {
        /// Make the file if it is missing.
        const CREAT = 1;
        /// Fail unless it is a directory.
        const DIRECTORY = 2;
        /// Fail if it exists.
        const EXCL = 4;
        /// Cut it to nothing.
        const TRUNC = 8;
    }

    /// How a path is resolved.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LookupFlags: u32 {
        /// A symbolic link in the last component is followed.
        const SYMLINK_FOLLOW = 1;
    }

    /// Which times `*_filestat_set_times` sets, and to what.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FstFlags: u16 {
        /// The access time, to the value given.
        const ATIM = 1;
        /// The access time, to now.
        const ATIM_NOW = 2;
        /// The modification time, to the value given.
        const MTIM = 4;
        /// The modification time, to now.
        const MTIM_NOW = 8;
    }

    /// Rights of a descriptor: reported truthfully, never policed (RATIONALE.md, "Why no enforced rights?").
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

    /// How `sock_recv` receives.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct RiFlags: u16 {
        /// The data stays in the queue.
        const RECV_PEEK = 1;
        /// Waits until the buffers are full.
        const RECV_WAITALL = 2;
    }

    /// Which directions `sock_shutdown` closes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SdFlags: u8 {
        /// Receiving.
        const RD = 1;
        /// Sending.
        const WR = 2;
    }
}
