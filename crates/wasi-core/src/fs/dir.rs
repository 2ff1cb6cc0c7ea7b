//! An open directory, whatever is behind it.

use std::any::Any;

use crate::errno::{Errno, Result};
use crate::fs::file::File;
use crate::fs::fork::Fork;
use crate::fs::open::OpenOptions;
use crate::fs::path::RelativePath;
use crate::fs::quota::Quota;
use crate::types::{Access, FileType, Filestat, SetTime};

/// An open directory: the capability to everything below it, and to nothing else.
///
/// Every path is resolved below the directory: one that leaves it, through `..` or a symbolic link, is
/// [`Errno::Perm`]. [`Errno::Notdir`] for a path through something that is not a directory, [`Errno::Noent`]
/// for one that does not exist or is empty, [`Errno::Loop`] after more than 40 links.
pub trait Dir: Any + Send {
    /// Returns the attributes of the directory itself.
    fn filestat(&self) -> Result<Filestat>;

    /// Opens or creates what `path` names. A FIFO opens without waiting for its other end.
    ///
    /// The errors are those of POSIX [`openat`], and [`Errno::Isdir`] for a directory opened for writing,
    /// [`Errno::Notdir`] for a file with a trailing slash, [`Errno::Inval`] for creating a directory.
    ///
    /// [`openat`]: https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html
    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node>;

    /// Returns the attributes of what `path` names; of a link itself unless `follow`.
    fn filestat_at(&self, path: RelativePath<'_>, follow: bool) -> Result<Filestat>;

    /// Checks whether what `path` names can be used in this way; a link itself, unless `follow`, always can.
    /// [`Errno::Acces`] or [`Errno::Perm`] if not.
    ///
    /// See [POSIX `faccessat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/access.html).
    fn access_at(&self, path: RelativePath<'_>, follow: bool, access: Access) -> Result<()> {
        self.filestat_at(path, follow)?.mode.check(access)
    }

    /// Sets the permissions (`0o7777`) of what `path` names. [`Errno::Notsup`] unless the directory keeps
    /// them, and [`Errno::Perm`] if nothing there can be changed.
    ///
    /// See [POSIX `chmod`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/chmod.html).
    fn set_mode_at(&self, path: RelativePath<'_>, _permissions: u32) -> Result<()> {
        self.filestat_at(path, true)?;
        Err(if self.writable() { Errno::Notsup } else { Errno::Perm })
    }

    /// Sets the times of what `path` names; of a link itself unless `follow`.
    fn set_times_at(&self, path: RelativePath<'_>, follow: bool, atim: SetTime, mtim: SetTime) -> Result<()>;

    /// Sets the times of the directory itself.
    fn set_times(&self, atim: SetTime, mtim: SetTime) -> Result<()>;

    /// Lists the directory from its beginning.
    fn entries(&self) -> Result<Entries>;

    /// Makes a directory. [`Errno::Exist`] if the name is taken.
    fn create_dir(&self, path: RelativePath<'_>) -> Result<()>;

    /// Removes an empty directory. [`Errno::Notdir`] for a link to one, [`Errno::Inval`] for `.`.
    fn remove_dir(&self, path: RelativePath<'_>) -> Result<()>;

    /// Removes a file or a link. [`Errno::Isdir`] for a directory, [`Errno::Notdir`] for `file/`.
    fn unlink(&self, path: RelativePath<'_>) -> Result<()>;

    /// Returns the text of a symbolic link. [`Errno::Inval`] for anything else.
    fn read_link(&self, path: RelativePath<'_>) -> Result<String>;

    /// Makes a symbolic link. The target is only text here; it is resolved when the link is used.
    fn symlink(&self, target: RelativePath<'_>, path: RelativePath<'_>) -> Result<()>;

    /// Makes `new_path` in `new_dir` another name of the file at `path`; a link is not followed.
    ///
    /// [`Errno::Perm`] for a directory, [`Errno::Xdev`] if the two are on different file systems.
    fn link(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()>;

    /// Moves `path` to `new_path` in `new_dir`, over what is there if POSIX allows it.
    ///
    /// [`Errno::Xdev`] if the two are on different file systems, [`Errno::Busy`] for `.`.
    fn rename(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()>;

    /// Returns another handle to the same directory.
    fn reopen(&self) -> Result<Box<dyn Dir>>;

    /// Returns this directory for a fork of the guest: in the copy of its tree if it is in memory. By default
    /// it is the same directory again.
    fn fork(&self, _fork: &mut Fork) -> Result<Box<dyn Dir>> {
        self.reopen()
    }

    /// Charges what is added below this directory to another quota from now on. Only directories of the host
    /// do so, because a tree in memory has its own; a decorator passes the call on.
    fn charge_to(&mut self, _quota: &Quota) {}

    /// Returns the directory that a decorator wraps; `None` for everything else.
    fn inner(&self) -> Option<&dyn Dir> {
        None
    }

    /// Returns whether anything below can be changed.
    fn writable(&self) -> bool {
        true
    }
}

impl dyn Dir {
    /// Returns this directory as a `T`, if it is one itself.
    ///
    /// A back end finds the other end of a link or a rename so. A decorator is not a `T`, which keeps files
    /// from being linked or moved past it.
    pub(super) fn downcast_ref<T: Dir>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    /// Returns this directory, or the one that it decorates, as a `T`.
    pub(crate) fn find<T: Dir>(&self) -> Option<&T> {
        self.downcast_ref().or_else(|| self.inner()?.find())
    }
}

/// What [`Dir::open`] opened.
pub enum Node {
    /// Anything that can be read or written as bytes.
    File(Box<dyn File>),
    /// A directory.
    Dir(Box<dyn Dir>),
}

/// One name in a directory. The caller adds `.` and `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name: not empty, and without `/` and NUL.
    pub name: String,
    /// Equal to the [`Filestat::ino`] of the file it names.
    pub ino: u64,
    /// The kind of what it names: of a symbolic link itself, not of its target.
    pub filetype: FileType,
}

/// The names of one directory, each once, in any order.
pub type Entries = Box<dyn Iterator<Item = Result<DirEntry>> + Send>;
