//! How a file is opened, and the checks that every back end makes.

use crate::errno::{Errno, Result};
use crate::fs::path::LastLink;
use crate::types::{FdFlags, FileType, OFlags};

/// How [`Dir::open`](super::Dir::open) opens.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// Whether a symbolic link in the last component is followed. If not, it is [`Errno::Loop`].
    pub follow: bool,
    /// Create, exclusive, truncate, directory.
    pub oflags: OFlags,
    /// The file will be read. Directories ignore it.
    pub read: bool,
    /// The file will be written. [`Errno::Isdir`] for a directory.
    pub write: bool,
    /// Append and non-blocking; the synchronising ones are [`Errno::Notsup`].
    pub fdflags: FdFlags,
}

impl OpenOptions {
    /// Checks the flags. [`Errno::Inval`] for creating a directory; [`Errno::Notsup`] for the synchronising
    /// flags, as in wasmtime: `fd_sync` does that.
    pub(super) fn check(self) -> Result<()> {
        if self.oflags.contains(OFlags::CREAT | OFlags::DIRECTORY) {
            Err(Errno::Inval)
        } else if self.fdflags.intersects(FdFlags::DSYNC | FdFlags::RSYNC | FdFlags::SYNC) {
            Err(Errno::Notsup)
        } else {
            Ok(())
        }
    }

    /// Whether the file must not exist yet.
    pub(super) fn is_exclusive(self) -> bool {
        self.oflags.contains(OFlags::CREAT | OFlags::EXCL)
    }

    /// Whether the file is written or truncated.
    pub(super) fn changes_content(self) -> bool {
        self.write || self.oflags.contains(OFlags::TRUNC)
    }

    /// Returns what happens to a link in the last component. POSIX never follows one to a file that must be
    /// new ([`O_EXCL`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html)).
    pub(super) fn last_link(self) -> LastLink {
        LastLink::new(self.follow && !self.is_exclusive())
    }

    /// Checks the kind of what was found. `wants_dir`: the path ended in a slash.
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

    /// Checks whether a file may be created where nothing was found.
    pub(super) fn check_missing(self, wants_dir: bool) -> Result<()> {
        match (self.oflags.contains(OFlags::CREAT), wants_dir) {
            (false, _) => Err(Errno::Noent),
            (true, true) => Err(Errno::Isdir),
            (true, false) => Ok(()),
        }
    }
}
