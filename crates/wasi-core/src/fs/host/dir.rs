//! An open directory of the host.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir as CapDir;
use rustix::fs::{AtFlags, Mode, OFlags as HostFlags, Stat};
use rustix::io::Errno as Host;

use super::file::HostFile;
use super::place::Place;
use super::size_limit::SizeLimit;
use super::special::SpecialFile;
use super::{attributes, entries, place};
use crate::errno::{Errno, Result};
use crate::fs::dir::{Dir, Entries, Node};
use crate::fs::file::File;
use crate::fs::fork::{Fork, Shared};
use crate::fs::open::OpenOptions;
use crate::fs::path::{LastLink, RelativePath};
use crate::fs::quota::Quota;
use crate::types::{Access, FdFlags, FileType, Filestat, OFlags, SetTime};

/// The mode of a new file, before the host's umask.
const NEW_FILE: Mode = Mode::from_raw_mode(0o666);

/// An open directory of the host, for reading and writing.
///
/// WASI has no form for names that are not UTF-8: listings leave them out, and a link to one is
/// [`Errno::Ilseq`]. Block devices are refused with [`Errno::Perm`]; terminals and other character devices
/// open as streams. Device and inode numbers are the host's.
pub struct HostDir {
    /// Shared with other handles to it, also those of forks on other threads. It never changes.
    dir: Arc<CapDir>,
    quota: Quota,
}

impl HostDir {
    /// Opens a directory of the host by its path, with the authority of this process.
    ///
    /// What the guest adds below it is charged to `quota`, and refunded when it is removed.
    pub fn open_ambient(path: impl AsRef<Path>, quota: Quota) -> io::Result<Self> {
        Ok(Self::new(CapDir::open_ambient_dir(path, ambient_authority())?, quota))
    }

    /// Takes a directory that is open already.
    pub fn new(dir: CapDir, quota: Quota) -> Self {
        Self { dir: Arc::new(dir), quota }
    }

    pub(in crate::fs) fn quota(&self) -> &Quota {
        &self.quota
    }

    fn locate(&self, path: RelativePath<'_>, last: LastLink) -> Result<Place<'_>> {
        Place::find(&self.dir, path.as_str(), last)
    }

    /// Returns the other end of a link or a rename. Directories with two quotas count as two file systems.
    fn peer<'a>(&self, other: &'a dyn Dir) -> Result<&'a Self> {
        match other.downcast_ref::<Self>() {
            Some(host) if host.quota.is_same(&self.quota) => Ok(host),
            None if !other.writable() => Err(Errno::Perm),
            _ => Err(Errno::Xdev),
        }
    }

    /// Charges a new name, makes it, and refunds it if that failed.
    fn add_name<T>(&self, make: impl FnOnce() -> rustix::io::Result<T>) -> Result<T> {
        self.quota.add_file()?;
        make().map_err(|error| {
            self.quota.remove_file();
            error.into()
        })
    }

    /// Refunds a name that was removed, and the charged bytes of the file or link if it was the last one.
    fn forget_name(&self, stat: &Stat) {
        self.quota.remove_file();
        let charged = matches!(attributes::filetype(stat), FileType::RegularFile | FileType::SymbolicLink);
        if charged && stat.st_nlink == 1 {
            self.quota.forget(attributes::file_id(stat));
        }
    }

    /// Fast path: opens an existing file for reading, or creates one, in one call of the host instead of
    /// four.
    ///
    /// `None` on any failure; the slow path then finds the exact error.
    fn open_at_once(&self, path: RelativePath<'_>, options: OpenOptions) -> Option<OwnedFd> {
        let flags = host_flags(options, FileType::RegularFile);
        if options.oflags.contains(OFlags::CREAT) {
            let flags = flags | HostFlags::CREATE | HostFlags::EXCL;
            self.quota.add_file().ok()?;
            let fd = place::open_at_once(&self.dir, path.as_str(), flags, NEW_FILE);
            if fd.is_none() {
                self.quota.remove_file();
            }
            fd
        } else if options.changes_content() || !options.oflags.is_empty() {
            None
        } else {
            place::open_at_once(&self.dir, path.as_str(), flags, Mode::empty())
        }
    }

    /// Wraps a new descriptor. Its kind comes from the descriptor itself, because the name may lead elsewhere
    /// by now.
    fn node(&self, fd: OwnedFd, options: OpenOptions) -> Result<Node> {
        let stat = rustix::fs::fstat(&fd)?;
        Ok(match attributes::filetype(&stat) {
            FileType::BlockDevice => return Err(Errno::Perm),
            FileType::Directory => {
                let dir = CapDir::from_std_file(fd.into());
                Node::Dir(Box::new(Self::new(dir, self.quota.clone())))
            }
            FileType::RegularFile => {
                let writes = options.changes_content();
                let limit = if writes { SizeLimit::of_this_process() } else { SizeLimit::none() };
                let mut file = HostFile::new(fd.into(), &stat, options.fdflags, limit, &self.quota);
                if options.oflags.contains(OFlags::TRUNC) {
                    file.set_size(0)?;
                }
                Node::File(Box::new(file))
            }
            filetype => Node::File(Box::new(SpecialFile::new(fd, filetype, options.fdflags))),
        })
    }
}

/// Returns the host's flags for an open that does not follow a link, wait, or take over a terminal.
fn host_flags(options: OpenOptions, filetype: FileType) -> HostFlags {
    let mut flags = HostFlags::CLOEXEC | HostFlags::NOFOLLOW | HostFlags::NONBLOCK | HostFlags::NOCTTY;
    flags |= match (options.read, options.changes_content()) {
        _ if filetype == FileType::Directory => HostFlags::RDONLY | HostFlags::DIRECTORY,
        (_, false) => HostFlags::RDONLY,
        (false, true) => HostFlags::WRONLY,
        (true, true) => HostFlags::RDWR,
    };
    if options.fdflags.contains(FdFlags::APPEND) {
        flags |= HostFlags::APPEND;
    }
    flags
}

impl Dir for HostDir {
    fn filestat(&self) -> Result<Filestat> {
        Ok(attributes::filestat(&rustix::fs::fstat(&self.dir)?))
    }

    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node> {
        options.check()?;
        if let Some(fd) = self.open_at_once(path, options) {
            return self.node(fd, options);
        }
        let place = self.locate(path, options.last_link())?;
        let fd = if let Some(filetype) = place.stat.as_ref().map(attributes::filetype) {
            options.check_found(filetype, place.wants_dir)?;
            if filetype == FileType::BlockDevice {
                return Err(Errno::Perm);
            }
            place.open(host_flags(options, filetype), Mode::empty())?
        } else {
            options.check_missing(place.wants_dir)?;
            let flags = host_flags(options, FileType::RegularFile) | HostFlags::CREATE | HostFlags::EXCL;
            self.add_name(|| place.open(flags, NEW_FILE))?
        };
        self.node(fd, options)
    }

    fn filestat_at(&self, path: RelativePath<'_>, follow: bool) -> Result<Filestat> {
        let place = self.locate(path, LastLink::new(follow))?;
        Ok(attributes::filestat(place.existing()?))
    }

    fn access_at(&self, path: RelativePath<'_>, follow: bool, access: Access) -> Result<()> {
        use rustix::fs::Access as HostAccess;
        let place = self.locate(path, LastLink::new(follow))?;
        let mode = attributes::filestat(place.existing()?).mode;
        let flags = AtFlags::EACCESS | AtFlags::SYMLINK_NOFOLLOW;
        let host = HostAccess::from_bits_truncate(access.bits().into());
        match rustix::fs::accessat(&place.dir, &*place.name, host, flags) {
            // Older hosts do not take the flags, without which a link that is new here could be followed.
            Err(Host::NOSYS | Host::INVAL | Host::OPNOTSUPP) => mode.check(access),
            outcome => Ok(outcome?),
        }
    }

    fn set_times_at(&self, path: RelativePath<'_>, follow: bool, atim: SetTime, mtim: SetTime) -> Result<()> {
        let times = attributes::timestamps(atim, mtim);
        // If both times stay, the host does not look whether the file exists.
        let changes = [atim, mtim] != [SetTime::Keep; 2];
        if !follow
            && changes
            && let Some((dir, name)) = place::named(&self.dir, path.as_str())?
        {
            return Ok(rustix::fs::utimensat(&dir, name, &times, AtFlags::SYMLINK_NOFOLLOW)?);
        }
        let place = self.locate(path, LastLink::new(follow))?;
        place.existing()?;
        Ok(rustix::fs::utimensat(&place.dir, &*place.name, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    fn set_times(&self, atim: SetTime, mtim: SetTime) -> Result<()> {
        let times = attributes::timestamps(atim, mtim);
        Ok(rustix::fs::utimensat(&self.dir, ".", &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    fn entries(&self) -> Result<Entries> {
        entries::list(&self.dir)
    }

    fn create_dir(&self, path: RelativePath<'_>) -> Result<()> {
        let place = self.locate(path, LastLink::Keep)?;
        self.add_name(|| rustix::fs::mkdirat(&place.dir, &*place.name, Mode::from_raw_mode(0o777)))
    }

    fn remove_dir(&self, path: RelativePath<'_>) -> Result<()> {
        let place = self.locate(path, LastLink::Keep)?;
        let gone = place.existing()?;
        rustix::fs::unlinkat(&place.dir, &*place.name, AtFlags::REMOVEDIR)?;
        self.forget_name(gone);
        Ok(())
    }

    fn unlink(&self, path: RelativePath<'_>) -> Result<()> {
        let place = self.locate(path, LastLink::Keep)?;
        let gone = place.existing()?;
        if attributes::filetype(gone) == FileType::Directory {
            return Err(Errno::Isdir);
        }
        rustix::fs::unlinkat(&place.dir, &*place.name, AtFlags::empty())?;
        self.forget_name(gone);
        Ok(())
    }

    fn read_link(&self, path: RelativePath<'_>) -> Result<String> {
        if let Some((dir, name)) = place::named(&self.dir, path.as_str())? {
            return place::read_link(&dir, name);
        }
        let place = self.locate(path, LastLink::Slash)?;
        place.existing()?;
        place::read_link(&place.dir, &place.name)
    }

    fn symlink(&self, target: RelativePath<'_>, path: RelativePath<'_>) -> Result<()> {
        let place = self.locate(path, LastLink::Keep)?;
        place.check_vacant()?;
        let text = target.as_str().len() as u64;
        self.quota.grow(text)?;
        let made = self.add_name(|| rustix::fs::symlinkat(target.as_str(), &place.dir, &*place.name));
        if made.is_err() {
            self.quota.shrink(text);
        } else if self.quota.counts_bytes()
            && let Ok(stat) = rustix::fs::statat(&place.dir, &*place.name, AtFlags::SYMLINK_NOFOLLOW)
        {
            self.quota.attribute(attributes::file_id(&stat), text);
        }
        made
    }

    fn link(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()> {
        let peer = self.peer(new_dir)?;
        let old = self.locate(path, LastLink::Keep)?;
        if attributes::filetype(old.existing()?) == FileType::Directory {
            return Err(Errno::Perm);
        }
        let new = peer.locate(new_path, LastLink::Keep)?;
        new.check_vacant()?;
        self.add_name(|| rustix::fs::linkat(&old.dir, &*old.name, &new.dir, &*new.name, AtFlags::empty()))
    }

    fn rename(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()> {
        let peer = self.peer(new_dir)?;
        let old = self.locate(path, LastLink::Keep)?;
        let moved = old.existing()?;
        let new = peer.locate(new_path, LastLink::Keep)?;
        if old.name == "." || new.name == "." {
            return Err(Errno::Busy);
        }
        if new.wants_dir && attributes::filetype(moved) != FileType::Directory {
            return Err(Errno::Notdir);
        }
        rustix::fs::renameat(&old.dir, &*old.name, &new.dir, &*new.name)?;
        match &new.stat {
            Some(gone) if attributes::file_id(gone) != attributes::file_id(moved) => self.forget_name(gone),
            _ => {}
        }
        Ok(())
    }

    fn reopen(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self { dir: Arc::clone(&self.dir), quota: self.quota.clone() }))
    }

    fn fork(&self, fork: &mut Fork) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self { dir: Arc::clone(&self.dir), quota: fork.copy(&self.quota)? }))
    }

    fn charge_to(&mut self, quota: &Quota) {
        self.quota = quota.clone();
    }
}
