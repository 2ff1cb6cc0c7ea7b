//! What one descriptor holds, and what can be done with it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::errno::Result;
use crate::fs::{Dir, DirEntry, Entries, File, Fork, Readiness, Tombstone};
use crate::types::{FileType, Rights};

/// What one descriptor holds.
pub(crate) enum Descriptor {
    File(OpenFile),
    Dir(OpenDir),
}

/// An open file and what it was opened for.
pub(crate) struct OpenFile {
    pub(crate) file: Box<dyn File>,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) origin: Origin,
}

/// Where an open file comes from: a fork gets what was granted anew, and keeps what was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// The guest opened it, or accepted it as a connection.
    Opened,
    Input,
    Output,
    Error,
    /// The embedder's socket of this number, from 0.
    Socket(usize),
}

/// An open directory, with the listing that `fd_readdir` is in the middle of.
pub(crate) struct OpenDir {
    pub(crate) dir: Box<dyn Dir>,
    /// The guest's name for it, if it is a preopen.
    pub(crate) preopen: Option<String>,
    pub(crate) listing: Option<Listing>,
}

/// A listing under way. Cookies count the names, so that they mean the same on every back end.
pub(crate) struct Listing {
    pub(crate) entries: Entries,
    /// Cookie of the first entry in `window`.
    pub(crate) first: u64,
    /// Entries that were read and may be asked for again, because they did not fit.
    pub(crate) window: VecDeque<DirEntry>,
}

/// What a directory can do, and with what opens below it. As wasmtime's: without `PATH_FILESTAT_SET_SIZE`,
/// which no call needs, and which guests that find it want to drop.
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

/// The part of [`DIR_RIGHTS`] that changes nothing.
const READ_ONLY_DIR_RIGHTS: Rights = Rights::PATH_OPEN
    .union(Rights::FD_READDIR)
    .union(Rights::PATH_READLINK)
    .union(Rights::PATH_FILESTAT_GET)
    .union(Rights::FD_FILESTAT_GET)
    .union(Rights::FD_FDSTAT_SET_FLAGS);

/// What an open file can do.
const FILE_RIGHTS: Rights = Rights::FD_DATASYNC
    .union(Rights::FD_SYNC)
    .union(Rights::FD_ADVISE)
    .union(Rights::FD_ALLOCATE)
    .union(Rights::FD_FILESTAT_GET)
    .union(Rights::FD_FILESTAT_SET_TIMES)
    .union(Rights::FD_FDSTAT_SET_FLAGS)
    .union(Rights::POLL_FD_READWRITE);

/// What only files with an offset can do. libc takes a character device without these for a terminal.
const SEEK_RIGHTS: Rights = Rights::FD_SEEK.union(Rights::FD_TELL);

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
            // A listing under way goes on by its cookie, which counts the names: they are the same.
            Self::Dir(OpenDir { dir, preopen, listing: _ }) => {
                Self::Dir(OpenDir { dir: dir.fork(fork)?, preopen: preopen.clone(), listing: None })
            }
        })
    }

    /// Its own rights, and those of what is opened through it.
    pub(crate) fn rights(&self) -> (Rights, Rights) {
        match self {
            Descriptor::File(open) => (open.rights(), Rights::empty()),
            Descriptor::Dir(open) => {
                let dir = if open.dir.writable() { DIR_RIGHTS } else { READ_ONLY_DIR_RIGHTS };
                let mut below = dir | FILE_RIGHTS | SEEK_RIGHTS | Rights::FD_READ;
                if open.dir.writable() {
                    below |= Rights::FD_WRITE | Rights::FD_FILESTAT_SET_SIZE;
                }
                (dir, below)
            }
        }
    }
}

impl OpenFile {
    /// Whether writes count as output: standard output and error.
    pub(crate) fn is_output(&self) -> bool {
        matches!(self.origin, Origin::Output | Origin::Error)
    }

    fn rights(&self) -> Rights {
        let mut rights = FILE_RIGHTS;
        rights.set(Rights::FD_READ, self.read);
        rights.set(Rights::FD_WRITE, self.write);
        match self.file.filetype() {
            FileType::RegularFile | FileType::BlockDevice => {
                rights |= SEEK_RIGHTS;
                rights.set(Rights::FD_FILESTAT_SET_SIZE, self.write);
            }
            // `/dev/null` and its like, which libc would take for terminals otherwise.
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
