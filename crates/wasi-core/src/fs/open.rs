//! What every back end asks of an open before it looks further.

use crate::errno::{Errno, Result};
use crate::fs::path::LastLink;
use crate::types::{FdFlags, FileType, OFlags};

/// How [`Dir::open`](super::Dir::open) opens. Directories ignore `read` and `write`.
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

impl OpenOptions {
    /// [`Errno::Inval`] for flags that contradict each other: an open makes files, never directories.
    /// [`Errno::Notsup`] for the synchronising ones, as in wasmtime: `fd_sync` is there for that.
    pub(super) fn check(self) -> Result<()> {
        if self.oflags.contains(OFlags::CREAT | OFlags::DIRECTORY) {
            Err(Errno::Inval)
        } else if self.fdflags.intersects(FdFlags::DSYNC | FdFlags::RSYNC | FdFlags::SYNC) {
            Err(Errno::Notsup)
        } else {
            Ok(())
        }
    }

    /// Whether the file must not be there yet.
    pub(super) fn is_exclusive(self) -> bool {
        self.oflags.contains(OFlags::CREAT | OFlags::EXCL)
    }

    /// Whether the file is written or cut.
    pub(super) fn changes_content(self) -> bool {
        self.write || self.oflags.contains(OFlags::TRUNC)
    }

    /// What becomes of a link in the last component. POSIX: one is never followed to a file that must be new.
    pub(super) fn last_link(self) -> LastLink {
        LastLink::new(self.follow && !self.is_exclusive())
    }

    /// Checks what was found: its kind, and whether the path ended in a slash.
    pub(super) fn check_found(self, filetype: FileType, wants_dir: bool) -> Result<()> {
        match filetype {
            _ if self.is_exclusive() => Err(Errno::Exist),
            FileType::SymbolicLink => Err(Errno::Loop),
            FileType::Directory if self.changes_content() || self.oflags.contains(OFlags::CREAT) => {
                Err(Errno::Isdir)
            }
            FileType::Directory => Ok(()),
            _ if wants_dir || self.oflags.contains(OFlags::DIRECTORY) => Err(Errno::Notdir),
            _ => Ok(()),
        }
    }

    /// Checks whether a file may be made where nothing was found.
    pub(super) fn check_missing(self, wants_dir: bool) -> Result<()> {
        match (self.oflags.contains(OFlags::CREAT), wants_dir) {
            (false, _) => Err(Errno::Noent),
            (true, true) => Err(Errno::Isdir),
            (true, false) => Ok(()),
        }
    }
}
