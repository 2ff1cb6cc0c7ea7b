//! The inodes of a tree in memory, and who still needs them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::time::TimeSource;
use crate::errno::{Errno, Result};
use crate::fs::Quota;
use crate::fs::device::Device;
use crate::types::{FileType, Filestat, SetTime, Timestamp};

/// Number of an inode; never used twice in one tree.
pub(super) type Ino = u64;

/// The inode of the top directory. It has no name and is never removed.
pub(super) const ROOT: Ino = 1;

/// The largest file: an offset past it, however cheap it is to name, would have to be memory.
const FILE_MAX: u64 = 1 << 32;

/// One tree, shared by its open files and directories.
///
/// They belong to one guest, which uses one at a time, and to the embedder, who may fill it
/// before and read it afterwards, perhaps from another thread: the lock is for that, and is
/// held for one operation only.
#[derive(Clone, Debug)]
pub(super) struct SharedTree(Arc<Mutex<Tree>>);

impl SharedTree {
    pub(super) fn new(quota: Quota, time: TimeSource) -> Self {
        Self(Arc::new(Mutex::new(Tree::new(quota, time))))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Tree> {
        // A panic elsewhere cannot leave an operation of ours half done: none of them panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A use of an inode by an open file or directory: the content stays while there is one.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) tree: SharedTree,
    pub(super) ino: Ino,
}

impl Handle {
    /// The caller holds the tree's lock as `locked`.
    pub(super) fn new(tree: &SharedTree, locked: &mut Tree, ino: Ino) -> Result<Self> {
        locked.inode_mut(ino)?.handles += 1;
        Ok(Self { tree: tree.clone(), ino })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.tree.lock().release(self.ino);
    }
}

/// All inodes. An inode goes when neither a name nor a handle is left.
#[derive(Debug)]
pub(super) struct Tree {
    inodes: HashMap<Ino, Inode>,
    next: Ino,
    device: u64,
    pub(super) quota: Quota,
    time: TimeSource,
}

#[derive(Debug)]
pub(super) struct Inode {
    pub(super) content: Content,
    links: u64,
    handles: u64,
    atim: Timestamp,
    mtim: Timestamp,
    ctim: Timestamp,
}

#[derive(Debug)]
pub(super) enum Content {
    File(Vec<u8>),
    Dir(Names),
    Link(String),
    Device(Device),
}

/// The names in a directory, sorted, so that a listing can go on behind any of them.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) map: BTreeMap<String, Ino>,
    pub(super) parent: Ino,
}

impl Content {
    pub(super) fn dir(parent: Ino) -> Self {
        Self::Dir(Names { map: BTreeMap::new(), parent })
    }

    pub(super) fn filetype(&self) -> FileType {
        match self {
            Self::File(_) => FileType::RegularFile,
            Self::Dir(_) => FileType::Directory,
            Self::Link(_) => FileType::SymbolicLink,
            Self::Device(_) => FileType::CharacterDevice,
        }
    }

    fn size(&self) -> u64 {
        match self {
            Self::File(bytes) => bytes.len() as u64,
            Self::Link(target) => target.len() as u64,
            Self::Dir(_) | Self::Device(_) => 0,
        }
    }
}

impl Tree {
    fn new(quota: Quota, time: TimeSource) -> Self {
        let device = quota.new_device();
        let mut tree = Self { inodes: HashMap::new(), next: ROOT, device, quota, time };
        tree.add(Content::dir(ROOT));
        if let Some(root) = tree.inodes.get_mut(&ROOT) {
            root.links = 1;
        }
        tree
    }

    /// Makes an inode without a name; the caller gives it one or a handle.
    pub(super) fn add(&mut self, content: Content) -> Ino {
        let ino = self.next;
        self.next += 1;
        let now = self.time.now();
        let inode = Inode { content, links: 0, handles: 0, atim: now, mtim: now, ctim: now };
        self.inodes.insert(ino, inode);
        ino
    }

    pub(super) fn inode(&self, ino: Ino) -> Result<&Inode> {
        self.inodes.get(&ino).ok_or(Errno::Stale)
    }

    pub(super) fn inode_mut(&mut self, ino: Ino) -> Result<&mut Inode> {
        self.inodes.get_mut(&ino).ok_or(Errno::Stale)
    }

    pub(super) fn filetype(&self, ino: Ino) -> Result<FileType> {
        Ok(self.inode(ino)?.content.filetype())
    }

    pub(super) fn filestat(&self, ino: Ino) -> Result<Filestat> {
        let inode = self.inode(ino)?;
        Ok(Filestat {
            dev: self.device,
            ino,
            filetype: inode.content.filetype(),
            nlink: inode.links,
            size: inode.content.size(),
            atim: inode.atim,
            mtim: inode.mtim,
            ctim: inode.ctim,
        })
    }

    pub(super) fn set_times(&mut self, ino: Ino, atim: SetTime, mtim: SetTime) -> Result<()> {
        let now = self.time.now();
        let inode = self.inode_mut(ino)?;
        if let SetTime::To(time) = atim {
            inode.atim = time;
        }
        if let SetTime::To(time) = mtim {
            inode.mtim = time;
        }
        inode.ctim = now;
        Ok(())
    }

    /// The names of a directory. [`Errno::Notdir`] if it is none.
    pub(super) fn names(&self, dir: Ino) -> Result<&Names> {
        match &self.inode(dir)?.content {
            Content::Dir(names) => Ok(names),
            _ => Err(Errno::Notdir),
        }
    }

    fn names_mut(&mut self, dir: Ino) -> Result<&mut Names> {
        match &mut self.inode_mut(dir)?.content {
            Content::Dir(names) => Ok(names),
            _ => Err(Errno::Notdir),
        }
    }

    /// Checks that a directory is not one that was removed while it was open. [`Errno::Noent`] if so.
    pub(super) fn check_alive(&self, dir: Ino) -> Result<()> {
        if self.inode(dir)?.links == 0 { Err(Errno::Noent) } else { Ok(()) }
    }

    /// Gives an inode a free name. The name must be charged. [`Errno::Noent`] in a directory that is gone.
    pub(super) fn link(&mut self, dir: Ino, name: String, ino: Ino) -> Result<()> {
        self.check_alive(dir)?;
        self.names_mut(dir)?.map.insert(name, ino);
        if let Content::Dir(names) = &mut self.inode_mut(ino)?.content {
            names.parent = dir;
        }
        self.inode_mut(ino)?.links += 1;
        self.touch_status(ino);
        self.touch(dir);
        Ok(())
    }

    /// Takes a name away, and the inode with it if nothing else needs it. The charge stays with the caller.
    pub(super) fn unlink(&mut self, dir: Ino, name: &str) -> Result<()> {
        let ino = self.names_mut(dir)?.map.remove(name).ok_or(Errno::Noent)?;
        self.touch(dir);
        self.touch_status(ino);
        let inode = self.inode_mut(ino)?;
        inode.links = inode.links.saturating_sub(1);
        self.collect(ino);
        Ok(())
    }

    fn release(&mut self, ino: Ino) {
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.handles = inode.handles.saturating_sub(1);
        }
        self.collect(ino);
    }

    fn collect(&mut self, ino: Ino) {
        if let Some(inode) = self.inodes.get(&ino)
            && inode.links == 0
            && inode.handles == 0
        {
            if let Content::File(bytes) = &inode.content {
                self.quota.shrink(bytes.len() as u64);
            }
            self.inodes.remove(&ino);
        }
    }

    /// The content changed now.
    pub(super) fn touch(&mut self, ino: Ino) {
        let now = self.time.now();
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.mtim = now;
            inode.ctim = now;
        }
    }

    fn touch_status(&mut self, ino: Ino) {
        let now = self.time.now();
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.ctim = now;
        }
    }

    /// The bytes of a file. [`Errno::Inval`] for anything else.
    pub(super) fn bytes(&self, ino: Ino) -> Result<&[u8]> {
        match &self.inode(ino)?.content {
            Content::File(bytes) => Ok(bytes),
            _ => Err(Errno::Inval),
        }
    }

    /// The bytes of a file, to be changed but not resized.
    pub(super) fn bytes_mut(&mut self, ino: Ino) -> Result<&mut [u8]> {
        Ok(self.file_mut(ino)?)
    }

    fn file_mut(&mut self, ino: Ino) -> Result<&mut Vec<u8>> {
        match &mut self.inode_mut(ino)?.content {
            Content::File(bytes) => Ok(bytes),
            _ => Err(Errno::Inval),
        }
    }

    /// Cuts a file or fills it up with zeros. The growth is charged, and the memory there, before it grows:
    /// [`Errno::Fbig`] past 4 GiB, [`Errno::Nospc`] past the quota or what the host has.
    pub(super) fn resize(&mut self, ino: Ino, size: u64) -> Result<()> {
        let before = self.bytes(ino)?.len() as u64;
        if size > before.max(FILE_MAX) {
            return Err(Errno::Fbig);
        }
        let growth = size.saturating_sub(before);
        self.quota.grow(growth)?;
        let bytes = self.file_mut(ino)?;
        if usize::try_from(growth).is_err() || bytes.try_reserve(growth as usize).is_err() {
            self.quota.shrink(growth);
            return Err(Errno::Nospc);
        }
        bytes.resize(size as usize, 0);
        if size < before {
            bytes.shrink_to_fit();
        }
        self.quota.shrink(before.saturating_sub(size));
        self.touch(ino);
        Ok(())
    }
}
