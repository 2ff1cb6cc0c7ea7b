//! Where a path leads on the host: an open directory, and one name in it.

use std::borrow::Cow;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use cap_std::fs::Dir as CapDir;
use rustix::fs::{AtFlags, Mode, OFlags as HostFlags, Stat};

use super::attributes;
use crate::errno::{Errno, Result};
use crate::fs::path::{LINKS_MAX, LastLink, PATH_MAX, split_last};
use crate::types::FileType;

/// A name in a directory, with the attributes of what was there when it was looked up.
///
/// The calls that use a place never follow a link in the last component, so a link that someone puts there
/// later is an error, not a way out.
pub(super) struct Place<'a> {
    pub(super) dir: Parent<'a>,
    /// One component, or `.` for the directory itself; never `..`.
    pub(super) name: String,
    /// Whether the path ended in a slash or in `..`, and so demands a directory.
    pub(super) wants_dir: bool,
    /// The attributes of what the name stands for; `None` if the name is free.
    pub(super) stat: Option<Stat>,
}

/// The directory that holds the name: the granted one itself, or one opened below it.
pub(super) enum Parent<'a> {
    Granted(&'a CapDir),
    Below(CapDir),
}

impl<'a> Parent<'a> {
    /// Opens the parent. On hosts that can tell the difference, this takes the right to search it, not to
    /// list it.
    fn find(granted: &'a CapDir, path: &str) -> Result<Self> {
        if path.is_empty() {
            return Ok(Self::Granted(granted));
        }
        let flags = SEARCH | HostFlags::DIRECTORY | HostFlags::CLOEXEC;
        Ok(Self::Below(match open_beneath(granted, path, flags, Mode::empty()) {
            Some(fd) => CapDir::from_std_file(fd.into()),
            None => granted.open_dir(path)?,
        }))
    }
}

impl AsFd for Parent<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Granted(dir) => dir.as_fd(),
            Self::Below(dir) => dir.as_fd(),
        }
    }
}

impl<'a> Place<'a> {
    /// Resolves `path` below `granted`. [`Errno::Perm`] if it leads out, [`Errno::Loop`] after more than 40
    /// links.
    pub(super) fn find(granted: &'a CapDir, path: &str, last: LastLink) -> Result<Self> {
        let mut path = Cow::Borrowed(path);
        for _ in 0..=LINKS_MAX {
            let (parent, name, wants_dir) = split_last(&path);
            let dir = Parent::find(granted, parent)?;
            let stat = match rustix::fs::statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => Some(stat),
                Err(rustix::io::Errno::NOENT) => None,
                Err(error) => return Err(error.into()),
            };
            let is_link =
                stat.as_ref().is_some_and(|stat| attributes::filetype(stat) == FileType::SymbolicLink);
            let place = Self { dir, name: name.to_owned(), wants_dir, stat };
            if !is_link || !last.followed(wants_dir) {
                return Ok(place);
            }
            path = Cow::Owned(beside(parent, &read_link(&place.dir, &place.name)?, wants_dir)?);
        }
        Err(Errno::Loop)
    }

    /// Returns the attributes of what is here. [`Errno::Noent`] if the name is free, [`Errno::Notdir`] for
    /// `file/`.
    pub(super) fn existing(&self) -> Result<&Stat> {
        let stat = self.stat.as_ref().ok_or(Errno::Noent)?;
        if self.wants_dir && attributes::filetype(stat) != FileType::Directory {
            return Err(Errno::Notdir);
        }
        Ok(stat)
    }

    /// Checks that anything but a directory can be made here.
    pub(super) fn check_vacant(&self) -> Result<()> {
        match &self.stat {
            Some(_) => self.existing().and(Err(Errno::Exist)),
            None if self.wants_dir => Err(Errno::Noent),
            None => Ok(()),
        }
    }

    /// Opens what is here. The flags must forbid following a link.
    pub(super) fn open(&self, flags: HostFlags, mode: Mode) -> rustix::io::Result<OwnedFd> {
        rustix::fs::openat(&self.dir, &*self.name, flags, mode)
    }
}

/// Splits a path that ends in a name without a slash into an open directory and the name, which it does not
/// look up. `None` for every other path.
pub(super) fn named<'a, 'b>(granted: &'a CapDir, path: &'b str) -> Result<Option<(Parent<'a>, &'b str)>> {
    let (parent, name, wants_dir) = split_last(path);
    if wants_dir { Ok(None) } else { Ok(Some((Parent::find(granted, parent)?, name))) }
}

/// Opens what a path leads to in one call, on hosts with [`openat2`]. `None` on any failure.
///
/// The path cannot lead out. The flags must forbid following a link in the last component.
///
/// [`openat2`]: https://man7.org/linux/man-pages/man2/openat2.2.html
pub(super) fn open_at_once(granted: &CapDir, path: &str, flags: HostFlags, mode: Mode) -> Option<OwnedFd> {
    let (parent, name, wants_dir) = split_last(path);
    if wants_dir {
        return None;
    }
    if parent.is_empty() {
        return rustix::fs::openat(granted, name, flags, mode).ok();
    }
    open_beneath(granted, path, flags, mode)
}

#[cfg(target_os = "linux")]
const SEARCH: HostFlags = HostFlags::PATH;
#[cfg(not(target_os = "linux"))]
const SEARCH: HostFlags = HostFlags::RDONLY;

#[cfg(target_os = "linux")]
fn open_beneath(granted: &CapDir, path: &str, flags: HostFlags, mode: Mode) -> Option<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};
    // The same as in cap-std (its `rustix/linux/fs/open_impl.rs`), which cites
    // https://lwn.net/Articles/796868/.
    openat2(granted, path, flags, mode, ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS).ok()
}

/// Always fails: this host has no such call.
#[cfg(not(target_os = "linux"))]
fn open_beneath(_granted: &CapDir, _path: &str, _flags: HostFlags, _mode: Mode) -> Option<OwnedFd> {
    None
}

/// Returns the text of a link. [`Errno::Inval`] for anything else, [`Errno::Ilseq`] unless it is UTF-8.
pub(super) fn read_link(dir: &Parent<'_>, name: &str) -> Result<String> {
    let target = rustix::fs::readlinkat(dir, name, Vec::new())?;
    target.into_string().map_err(|_| Errno::Ilseq)
}

/// Returns the path of a link's target, from where the path of the link itself starts.
fn beside(parent: &str, target: &str, wants_dir: bool) -> Result<String> {
    if target.starts_with('/') {
        return Err(Errno::Perm);
    }
    let mut path = match parent {
        "" => target.to_owned(),
        parent => format!("{parent}/{target}"),
    };
    if wants_dir {
        path.push('/');
    }
    // Each of 40 links may add as much text as a path can have, so the sum needs a bound.
    if path.len() > 2 * PATH_MAX { Err(Errno::Nametoolong) } else { Ok(path) }
}
