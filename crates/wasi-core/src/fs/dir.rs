//! An open directory, whatever is behind it.

use std::any::Any;

#[cfg(doc)]
use crate::errno::Errno;
use crate::errno::Result;
use crate::fs::file::File;
use crate::fs::fork::Fork;
use crate::fs::open::OpenOptions;
use crate::fs::path::RelativePath;
use crate::fs::quota::Quota;
use crate::types::{FileType, Filestat, SetTime};

/// An open directory: the capability to everything below it, and to nothing else.
///
/// Every path is resolved below the directory, whatever symbolic links say: one
/// that would leave it is [`Errno::Perm`]. A path through something that is no
/// directory is [`Errno::Notdir`], a missing one [`Errno::Noent`], more than 40
/// links [`Errno::Loop`]. The empty path is [`Errno::Noent`].
pub trait Dir: Any + Send {
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

    /// Charges what is added below it to this budget from now on. Only directories of the host, whose
    /// growth is charged as it happens, need to know; a decorator passes the call on.
    fn charge_to(&mut self, _quota: &Quota) {}

    /// Returns the directory that a decorator wraps, `None` for anything else.
    fn inner(&self) -> Option<&dyn Dir> {
        None
    }

    /// Whether anything below can be changed; a decorator that forbids it says `false`.
    fn writable(&self) -> bool {
        true
    }
}

impl dyn Dir {
    /// Returns this directory as a `T`, if it is one itself. So a back end finds the other end of a link or a
    /// rename: a decorator is no `T`, and nothing is linked or moved past it.
    pub(super) fn downcast_ref<T: Dir>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    /// Returns the `T` that this directory is, or that it shows through decorators.
    pub(super) fn find<T: Dir>(&self) -> Option<&T> {
        self.downcast_ref().or_else(|| self.inner()?.find())
    }
}

/// What [`Dir::open`] found or made.
pub enum Node {
    /// Anything that is read or written as bytes.
    File(Box<dyn File>),
    /// A directory.
    Dir(Box<dyn Dir>),
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
