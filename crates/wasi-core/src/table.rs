//! The descriptor table: numbers to open files and directories, the lowest free number first.

mod saved;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::errno::{Errno, Result};
use crate::fs::{Dir, DirEntry, Entries, File, Fork, Readiness};
use crate::types::{Fd, FileType, Rights};

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

/// All descriptors of one context.
///
/// Several numbers can stand for one open file, as after POSIX's `dup`: they share its offset, and
/// it closes with the last of them.
pub(crate) struct Table {
    /// Which of `open` a number stands for.
    numbers: Vec<Option<usize>>,
    open: Vec<Option<Open>>,
    limit: u32,
}

/// What is open, and how many numbers stand for it.
struct Open {
    descriptor: Descriptor,
    numbers: u32,
}

impl Table {
    pub(crate) fn new(limit: u32) -> Self {
        Self { numbers: Vec::new(), open: Vec::new(), limit }
    }

    /// Puts a descriptor at the lowest free number. [`Errno::Mfile`] if all are taken.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<Fd> {
        let fd = self.lowest_free()?;
        let open = Some(Open { descriptor, numbers: 1 });
        let index = self.open.iter().position(Option::is_none).unwrap_or(self.open.len());
        match self.open.get_mut(index) {
            Some(slot) => *slot = open,
            None => self.open.push(open),
        }
        self.name(fd, index);
        Ok(fd)
    }

    /// Whether another descriptor would fit: asked before something is made for it.
    pub(crate) fn has_room(&self) -> bool {
        self.lowest_free().is_ok()
    }

    /// Everything that is open, each once.
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = &Descriptor> {
        self.open.iter().flatten().map(|open| &open.descriptor)
    }

    /// [`Errno::Badf`] if nothing is open there.
    pub(crate) fn get(&self, fd: Fd) -> Result<&Descriptor> {
        let open = self.open.get(self.index(fd)?).and_then(Option::as_ref);
        open.map(|open| &open.descriptor).ok_or(Errno::Badf)
    }

    /// [`Errno::Badf`] if nothing is open there.
    pub(crate) fn get_mut(&mut self, fd: Fd) -> Result<&mut Descriptor> {
        let index = self.index(fd)?;
        let open = self.open.get_mut(index).and_then(Option::as_mut);
        open.map(|open| &mut open.descriptor).ok_or(Errno::Badf)
    }

    /// Frees the number, and closes what it stands for if it was the last. [`Errno::Badf`] if nothing is open there.
    pub(crate) fn close(&mut self, fd: Fd) -> Result<()> {
        let index = self.index(fd)?;
        if let Some(number) = self.numbers.get_mut(fd.0 as usize) {
            *number = None;
        }
        if let Some(slot) = self.open.get_mut(index) {
            match slot {
                Some(open) if open.numbers > 1 => open.numbers -= 1,
                slot => *slot = None,
            }
        }
        Ok(())
    }

    /// Moves `from` to `to` and closes what was there. [`Errno::Badf`] unless both are open.
    pub(crate) fn renumber(&mut self, from: Fd, to: Fd) -> Result<()> {
        self.index(to)?;
        if self.duplicate_to(from, to)? { self.close(from) } else { Ok(()) }
    }

    /// Makes the lowest free number stand for what `fd` does. [`Errno::Badf`] if nothing is open
    /// there, [`Errno::Mfile`] if all numbers are taken.
    pub(crate) fn duplicate(&mut self, fd: Fd) -> Result<Fd> {
        self.index(fd)?;
        let to = self.lowest_free()?;
        self.duplicate_to(fd, to)?;
        Ok(to)
    }

    /// Makes `to` stand for what `fd` does and closes what was there; `false` if they are the same
    /// number. [`Errno::Badf`] if nothing is open at `fd`, or `to` is above the limit.
    pub(crate) fn duplicate_to(&mut self, fd: Fd, to: Fd) -> Result<bool> {
        let index = self.index(fd)?;
        if to.0 >= self.limit {
            return Err(Errno::Badf);
        }
        if fd == to {
            return Ok(false);
        }
        if let Some(Some(open)) = self.open.get_mut(index) {
            open.numbers += 1;
        }
        match self.close(to) {
            Ok(()) | Err(Errno::Badf) => {}
            Err(errno) => return Err(errno),
        }
        self.name(to, index);
        Ok(true)
    }

    /// The same numbers for the same files, as a fork has them; `granted` gives those that the
    /// embedder grants.
    pub(crate) fn fork(
        &self,
        fork: &mut Fork,
        granted: &mut impl FnMut(Origin) -> Option<Box<dyn File>>,
    ) -> Result<Self> {
        let open = self.open.iter().map(|open| {
            open.as_ref().map(|open| {
                Ok(Open { descriptor: open.descriptor.fork(fork, granted)?, numbers: open.numbers })
            })
        });
        let open = open.map(Option::transpose).collect::<Result<_>>()?;
        Ok(Self { numbers: self.numbers.clone(), open, limit: self.limit })
    }

    fn index(&self, fd: Fd) -> Result<usize> {
        self.numbers.get(fd.0 as usize).copied().flatten().ok_or(Errno::Badf)
    }

    fn lowest_free(&self) -> Result<Fd> {
        let number = self.numbers.iter().position(Option::is_none).unwrap_or(self.numbers.len());
        match u32::try_from(number) {
            Ok(number) if number < self.limit => Ok(Fd(number)),
            _ => Err(Errno::Mfile),
        }
    }

    fn name(&mut self, fd: Fd, index: usize) {
        let number = fd.0 as usize;
        if number >= self.numbers.len() {
            self.numbers.resize(number + 1, None);
        }
        if let Some(slot) = self.numbers.get_mut(number) {
            *slot = Some(index);
        }
    }

    /// A file or a directory of that number, each with its own error for the other kind.
    pub(crate) fn file(&mut self, fd: Fd, if_dir: Errno) -> Result<&mut OpenFile> {
        match self.get_mut(fd)? {
            Descriptor::File(file) => Ok(file),
            Descriptor::Dir(_) => Err(if_dir),
        }
    }

    /// The directory of that number. [`Errno::Notdir`] if it is a file.
    pub(crate) fn dir(&self, fd: Fd) -> Result<&OpenDir> {
        match self.get(fd)? {
            Descriptor::Dir(dir) => Ok(dir),
            Descriptor::File(_) => Err(Errno::Notdir),
        }
    }

    /// The same, to be changed.
    pub(crate) fn dir_mut(&mut self, fd: Fd) -> Result<&mut OpenDir> {
        match self.get_mut(fd)? {
            Descriptor::Dir(dir) => Ok(dir),
            Descriptor::File(_) => Err(Errno::Notdir),
        }
    }
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
    fn fork(
        &self,
        fork: &mut Fork,
        granted: &mut impl FnMut(Origin) -> Option<Box<dyn File>>,
    ) -> Result<Self> {
        Ok(match self {
            Self::File(OpenFile { file, read, write, origin }) => {
                let file = match granted(*origin) {
                    Some(file) => file,
                    None => file.fork(fork)?,
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

pub(crate) use saved::SavedTable;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{Device, MemoryDir, Node, OpenOptions, Quota, RelativePath, TimeSource};
    use crate::types::{FdFlags, OFlags};

    #[test]
    fn a_device_in_memory_is_no_terminal_to_libc() {
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
