//! An open file or directory, and the rights that it reports.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::errno::Result;
use crate::fs::{Dir, DirEntry, Entries, File, Fork, Readiness, Tombstone};
use crate::types::{FileType, Rights};

/// What a descriptor stands for.
pub(crate) enum Descriptor {
    File(OpenFile),
    Dir(OpenDir),
}

/// An open file, and whether it was opened for reading and writing.
pub(crate) struct OpenFile {
    pub(crate) file: Box<dyn File>,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) origin: Origin,
}

/// Where an open file comes from. A fork gets new files for those that were granted, and keeps those that
/// were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// The guest opened it, or accepted it as a connection.
    Opened,
    Input,
    Output,
    Error,
    /// The embedder granted it as the socket of this number, from 0.
    Socket(usize),
}

/// An open directory, with the listing that `fd_readdir` has begun.
pub(crate) struct OpenDir {
    pub(crate) dir: Box<dyn Dir>,
    /// The guest's name for it, if it is a preopen.
    pub(crate) preopen: Option<String>,
    pub(crate) listing: Option<Listing>,
}

/// A listing that has begun. Cookies count names, so that they mean the same on every back end.
pub(crate) struct Listing {
    pub(crate) entries: Entries,
    /// The cookie of the first entry in `window`.
    pub(crate) first: u64,
    /// Entries that were read, and that the guest may ask for again, because they did not fit.
    pub(crate) window: VecDeque<DirEntry>,
}

/// The rights of a directory. As in wasmtime, without `PATH_FILESTAT_SET_SIZE`: no call needs it, and guests
/// that find it try to drop it.
pub(crate) const DIR_RIGHTS: Rights = Rights::PATH_CREATE_DIRECTORY
    .union(Rights::PATH_CREATE_FILE)
    .union(Rights::PATH_LINK_SOURCE)
    .union(Rights::PATH_LINK_TARGET)
    .union(Rights::PATH_OPEN)
    .union(Rights::FD_READDIR)
    .union(Rights::PATH_READLINK)
    .union(Rights::PATH_RENAME_SOURCE)
    .union(Rights::PATH_RENAME_TARGET)
    .union(Rights::PATH_FILESTAT_GET)
    .union(Rights::PATH_FILESTAT_SET_TIMES)
    .union(Rights::FD_FILESTAT_GET)
    .union(Rights::FD_FILESTAT_SET_TIMES)
    .union(Rights::PATH_SYMLINK)
    .union(Rights::PATH_REMOVE_DIRECTORY)
    .union(Rights::PATH_UNLINK_FILE)
    .union(Rights::FD_FDSTAT_SET_FLAGS);

/// Those of [`DIR_RIGHTS`] that change nothing.
const READ_ONLY_DIR_RIGHTS: Rights = Rights::PATH_OPEN
    .union(Rights::FD_READDIR)
    .union(Rights::PATH_READLINK)
    .union(Rights::PATH_FILESTAT_GET)
    .union(Rights::FD_FILESTAT_GET)
    .union(Rights::FD_FDSTAT_SET_FLAGS);

/// The rights of every file.
const FILE_RIGHTS: Rights = Rights::FD_DATASYNC
    .union(Rights::FD_SYNC)
    .union(Rights::FD_ADVISE)
    .union(Rights::FD_FILESTAT_GET)
    .union(Rights::FD_FDSTAT_SET_FLAGS)
    .union(Rights::POLL_FD_READWRITE);

/// The rights of files with an offset. libc takes a character device without these for a terminal
/// ([`isatty`](https://github.com/WebAssembly/wasi-libc/blob/main/libc-bottom-half/sources/isatty.c)).
const SEEK_RIGHTS: Rights = Rights::FD_SEEK.union(Rights::FD_TELL);

/// The rights of a regular file that is open for writing.
const WRITE_RIGHTS: Rights = Rights::FD_WRITE.union(Rights::FD_ALLOCATE).union(Rights::FD_FILESTAT_SET_SIZE);

const SOCKET_RIGHTS: Rights = Rights::SOCK_SHUTDOWN.union(Rights::SOCK_ACCEPT);

impl Descriptor {
    pub(super) fn fork(
        &self,
        fork: &mut Fork,
        granted: &mut impl FnMut(Origin) -> Option<Box<dyn File>>,
    ) -> Result<Self> {
        Ok(match self {
            Self::File(OpenFile { file, read, write, origin }) => {
                let file = match granted(*origin) {
                    Some(file) => file,
                    None => file.fork(fork)?.unwrap_or_else(|| Box::new(Tombstone)),
                };
                Self::File(OpenFile { file, read: *read, write: *write, origin: *origin })
            }
            // The listing begins again; its cookies count names, so they mean the same.
            Self::Dir(OpenDir { dir, preopen, listing: _ }) => {
                Self::Dir(OpenDir { dir: dir.fork(fork)?, preopen: preopen.clone(), listing: None })
            }
        })
    }

    /// Returns its rights, and those of what is opened through it.
    pub(crate) fn rights(&self) -> (Rights, Rights) {
        match self {
            Descriptor::File(open) => (open.rights(), Rights::empty()),
            Descriptor::Dir(open) => {
                let dir = if open.dir.writable() { DIR_RIGHTS } else { READ_ONLY_DIR_RIGHTS };
                let below = dir | FILE_RIGHTS | SEEK_RIGHTS | Rights::FD_READ;
                // libc asks to open a file with no other rights than these. Without `fd_write` an `open` for
                // writing would succeed below a read-only folder, and every write to it fail.
                let write = if open.dir.writable() { WRITE_RIGHTS } else { Rights::FD_WRITE };
                (dir, below | write)
            }
        }
    }
}

impl OpenFile {
    /// Whether writes count as output, as those to standard output and error do.
    pub(crate) fn is_output(&self) -> bool {
        matches!(self.origin, Origin::Output | Origin::Error)
    }

    fn rights(&self) -> Rights {
        let mut rights = FILE_RIGHTS;
        rights.set(Rights::FD_READ, self.read);
        rights.set(Rights::FD_WRITE, self.write);
        // POSIX lets the owner set the times of a file that is open for reading only.
        rights.set(Rights::FD_FILESTAT_SET_TIMES, self.file.writable());
        match self.file.filetype() {
            FileType::RegularFile | FileType::BlockDevice => {
                rights |= SEEK_RIGHTS;
                rights.set(WRITE_RIGHTS, self.write);
            }
            // `/dev/null` and others, which libc would take for terminals otherwise.
            FileType::CharacterDevice if matches!(self.file.readiness(), Readiness::Always) => {
                rights |= SEEK_RIGHTS;
            }
            FileType::SocketStream | FileType::SocketDgram => rights |= SOCKET_RIGHTS,
            _ => {}
        }
        rights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{Device, MemoryDir, Node, OpenOptions, Quota, RelativePath, TimeSource};
    use crate::types::{FdFlags, OFlags};

    #[test]
    fn a_device_in_memory_is_not_a_terminal_to_libc() {
        let dir = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
        dir.add_device("null", Device::Null).unwrap();
        let (oflags, fdflags) = (OFlags::empty(), FdFlags::empty());
        let options = OpenOptions { follow: true, oflags, read: true, write: true, fdflags };
        let Node::File(file) = dir.open(RelativePath::parse(b"null").unwrap(), options).unwrap() else {
            panic!("no file")
        };
        let open = OpenFile { file, read: true, write: true, origin: Origin::Opened };
        assert!(open.rights().contains(SEEK_RIGHTS));
    }
}
