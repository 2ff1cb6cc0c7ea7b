//! A directory in memory.

use std::ops::Bound::{Excluded, Unbounded};

use super::file::MemoryFile;
use super::time::TimeSource;
use super::tree::{Content, Handle, Ino, ROOT, SharedTree, Tree};
use crate::errno::{Errno, Result};
use crate::fs::device::{Device, DeviceFile};
use crate::fs::dir::{Dir, DirEntry, Entries, Node};
use crate::fs::fork::{Fork, Shared};
use crate::fs::open::OpenOptions;
use crate::fs::path::{LastLink, RelativePath};
use crate::fs::quota::Quota;
use crate::types::{Access, Fd, FileType, Filestat, OFlags, SetTime};

/// An open directory of a tree in memory.
///
/// Listings are sorted by name. A file has at most 4 GiB and takes as much memory as its size, including
/// holes. Access times change only when they are set.
pub struct MemoryDir(Handle);

impl MemoryDir {
    /// Returns a new, empty tree. What the guest adds to it is charged to `quota`, and what it removes is
    /// refunded.
    pub fn new(quota: Quota, time: TimeSource) -> Self {
        Self::top_of(SharedTree::new(quota, time, None))
    }

    pub(super) fn top_of(tree: SharedTree) -> Self {
        // This handle is not counted, which is harmless, because the top keeps its one link.
        Self(Handle { tree, ino: ROOT })
    }

    /// Opens a saved directory again. [`Errno::Notdir`] for anything else.
    pub(in crate::fs) fn at(tree: &SharedTree, ino: Ino) -> Result<Self> {
        tree.lock().names_now(ino)?;
        Handle::open(tree, ino).map(Self)
    }

    pub(in crate::fs) fn tree(&self) -> &SharedTree {
        &self.0.tree
    }

    pub(in crate::fs) fn ino(&self) -> Ino {
        self.0.ino
    }

    /// Puts a file with these bytes at `path`, and makes the directories above it.
    ///
    /// As a gift of the embedder it is not charged, and removing it refunds nothing. [`Errno::Exist`] if the
    /// name is taken.
    pub fn add_file(&self, path: &str, bytes: impl Into<Vec<u8>>) -> Result<()> {
        self.add(path, |_| Content::file(bytes.into()))
    }

    /// Puts a device at `path`, as [`MemoryDir::add_file`] does with a file.
    pub fn add_device(&self, path: &str, device: Device) -> Result<()> {
        self.add(path, |tree| tree.add_device(device))
    }

    /// Puts `stdin`, `stdout` and `stderr` here, and the numbers of the first `count` descriptors into `fd`, as
    /// programs expect them in `/dev`. All of them are listed, whether they are open or not.
    pub fn add_descriptors(&self, count: u32) -> Result<()> {
        for (number, name) in (0..).zip(["stdin", "stdout", "stderr"]) {
            self.add_device(name, Device::Descriptor(Fd(number)))?;
        }
        (0..count)
            .try_for_each(|number| self.add_device(&format!("fd/{number}"), Device::Descriptor(Fd(number))))
    }

    /// Makes the directory `path` and those above it if they are missing, as gifts like
    /// [`MemoryDir::add_file`]'s.
    pub fn add_dir_all(&self, path: &str) -> Result<()> {
        let path = RelativePath::parse(path.as_bytes())?.as_str();
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for ancestor in ends.filter_map(|end| path.get(..end)) {
            let tree = &mut *self.0.tree.lock();
            let place = tree.find(self.0.ino, ancestor, LastLink::Follow)?;
            match place.found {
                Some(ino) => drop(tree.names(ino)?),
                None => drop(tree.make_gift(place, Content::dir())?),
            }
        }
        Ok(())
    }

    /// Returns the bytes of the file at `path`; links are followed.
    pub fn read_file(&self, path: &str) -> Result<Vec<u8>> {
        let path = RelativePath::parse(path.as_bytes())?;
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::Follow)?;
        let ino = tree.existing(&place)?;
        tree.read_whole(ino)
    }

    fn add(&self, path: &str, content: impl FnOnce(&mut Tree) -> Content) -> Result<()> {
        let path = RelativePath::parse(path.as_bytes())?.as_str();
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.add_dir_all(parent)?;
        }
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path, LastLink::Keep)?;
        tree.check_vacant(&place)?;
        let content = content(tree);
        tree.make_gift(place, content).map(drop)
    }

    fn peer<'a>(&self, other: &'a dyn Dir) -> Result<&'a Self> {
        match other.downcast_ref::<Self>() {
            Some(memory) if memory.0.tree.is_same(&self.0.tree) => Ok(memory),
            None if !other.writable() => Err(Errno::Perm),
            _ => Err(Errno::Xdev),
        }
    }
}

impl Dir for MemoryDir {
    fn filestat(&self) -> Result<Filestat> {
        self.0.tree.lock().filestat(self.0.ino)
    }

    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node> {
        options.check()?;
        let shared = &self.0.tree;
        let tree = &mut *shared.lock();
        let place = tree.find(self.0.ino, path.as_str(), options.last_link())?;
        let ino = if let Some(ino) = place.found {
            options.check_found(tree.filetype(ino)?, place.wants_dir)?;
            ino
        } else {
            options.check_missing(place.wants_dir)?;
            tree.make(place, Content::file(Vec::new()))?
        };
        if let Some(stream) = tree.open_lower_stream(ino, options)? {
            return Ok(Node::File(stream));
        }
        if options.changes_content() {
            tree.copy_up(ino, options.oflags.contains(OFlags::TRUNC))?;
        }
        let filestat = tree.filestat(ino)?;
        Ok(match &tree.inode(ino)?.content {
            &Content::Device(number) => {
                let device = tree.device(number)?.clone();
                Node::File(Box::new(DeviceFile::new(device, filestat, options.fdflags)))
            }
            Content::Dir(_) => Node::Dir(Box::new(Self(Handle::new(shared, tree, ino)?))),
            _ => {
                let lower = tree.open_lower(ino)?;
                let handle = Handle::new(shared, tree, ino)?;
                Node::File(Box::new(MemoryFile::new(handle, lower, options.fdflags)))
            }
        })
    }

    fn filestat_at(&self, path: RelativePath<'_>, follow: bool) -> Result<Filestat> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::new(follow))?;
        tree.filestat(tree.existing(&place)?)
    }

    /// Everything can be read and changed here, except for what lies below an overlay: that must be readable
    /// to be read or copied, and streams are only read.
    fn access_at(&self, path: RelativePath<'_>, follow: bool, access: Access) -> Result<()> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::new(follow))?;
        let ino = tree.existing(&place)?;
        let inode = tree.inode(ino)?;
        inode.mode.check(access.intersection(Access::EXECUTE))?;
        match (&inode.content, &tree.lower) {
            (Content::Lower(file), Some(lower)) if access.intersects(Access::READ | Access::WRITE) => {
                if access.contains(Access::WRITE) && file.filetype != FileType::RegularFile {
                    return Err(Errno::Perm);
                }
                lower.access_at(RelativePath::parse(file.path.as_bytes())?, false, Access::READ)
            }
            _ => Ok(()),
        }
    }

    fn set_mode_at(&self, path: RelativePath<'_>, permissions: u32) -> Result<()> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::Follow)?;
        tree.set_mode(tree.existing(&place)?, permissions)
    }

    fn set_times_at(&self, path: RelativePath<'_>, follow: bool, atim: SetTime, mtim: SetTime) -> Result<()> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::new(follow))?;
        tree.set_times(tree.existing(&place)?, atim, mtim)
    }

    fn set_times(&self, atim: SetTime, mtim: SetTime) -> Result<()> {
        self.0.tree.lock().set_times(self.0.ino, atim, mtim)
    }

    fn entries(&self) -> Result<Entries> {
        let shared = &self.0.tree;
        let handle = Handle::new(shared, &mut shared.lock(), self.0.ino)?;
        Ok(Box::new(MemoryEntries { dir: handle, last: None }))
    }

    fn create_dir(&self, path: RelativePath<'_>) -> Result<()> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::Keep)?;
        if place.found.is_some() {
            return Err(Errno::Exist);
        }
        tree.make(place, Content::dir()).map(drop)
    }

    fn remove_dir(&self, path: RelativePath<'_>) -> Result<()> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::Keep)?;
        let dir = tree.existing(&place)?;
        if place.name == "." {
            return Err(Errno::Inval);
        }
        if !tree.names(dir)?.map.is_empty() {
            return Err(Errno::Notempty);
        }
        tree.unlink(&place)
    }

    fn unlink(&self, path: RelativePath<'_>) -> Result<()> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::Keep)?;
        if tree.filetype(tree.existing(&place)?)? == FileType::Directory {
            return Err(Errno::Isdir);
        }
        tree.unlink(&place)
    }

    fn read_link(&self, path: RelativePath<'_>) -> Result<String> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::Slash)?;
        match &tree.inode(tree.existing(&place)?)?.content {
            Content::Link(target) => Ok(target.clone()),
            _ => Err(Errno::Inval),
        }
    }

    fn symlink(&self, target: RelativePath<'_>, path: RelativePath<'_>) -> Result<()> {
        let tree = &mut *self.0.tree.lock();
        let place = tree.find(self.0.ino, path.as_str(), LastLink::Keep)?;
        tree.check_vacant(&place)?;
        tree.make_link(place, target.as_str()).map(drop)
    }

    fn link(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()> {
        let peer = self.peer(new_dir)?;
        let tree = &mut *self.0.tree.lock();
        let old = tree.find(self.0.ino, path.as_str(), LastLink::Keep)?;
        let ino = tree.existing(&old)?;
        if tree.filetype(ino)? == FileType::Directory {
            return Err(Errno::Perm);
        }
        let new = tree.find(peer.0.ino, new_path.as_str(), LastLink::Keep)?;
        tree.check_vacant(&new)?;
        tree.link(new, ino)
    }

    fn rename(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()> {
        let peer = self.peer(new_dir)?;
        let tree = &mut *self.0.tree.lock();
        let old = tree.find(self.0.ino, path.as_str(), LastLink::Keep)?;
        tree.existing(&old)?;
        let new = tree.find(peer.0.ino, new_path.as_str(), LastLink::Keep)?;
        tree.rename(&old, new)
    }

    fn reopen(&self) -> Result<Box<dyn Dir>> {
        let shared = &self.0.tree;
        let handle = Handle::new(shared, &mut shared.lock(), self.0.ino)?;
        Ok(Box::new(Self(handle)))
    }

    fn fork(&self, fork: &mut Fork) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self(self.0.fork(fork)?)))
    }
}

/// A listing that goes on after the name that it returned last, whatever was added or removed in the
/// meantime.
struct MemoryEntries {
    dir: Handle,
    last: Option<String>,
}

impl Iterator for MemoryEntries {
    type Item = Result<DirEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        let tree = &mut *self.dir.tree.lock();
        let names = match tree.names(self.dir.ino) {
            Ok(names) => &names.map,
            Err(error) => return Some(Err(error)),
        };
        let behind = self.last.as_deref().map_or(Unbounded, Excluded);
        let (name, &ino) = names.range::<str, _>((behind, Unbounded)).next()?;
        let name = name.clone();
        self.last = Some(name.clone());
        Some(tree.filetype(ino).map(|filetype| DirEntry { name, ino, filetype }))
    }
}
