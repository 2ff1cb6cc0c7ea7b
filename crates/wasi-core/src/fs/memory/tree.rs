//! The inodes of a tree in memory, and who still needs them.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::lower::LowerFile;
use super::time::TimeSource;
use crate::errno::{Errno, Result};
use crate::fs::device::Device;
use crate::fs::{Dir, Quota};
use crate::types::{FileType, Filestat, SetTime, Timestamp};

/// Number of an inode; never used twice in one tree.
pub(super) type Ino = u64;

/// The inode of the top directory. It has no name and is never removed.
pub(super) const ROOT: Ino = 1;

/// Device numbers of trees in memory start here, far from those that hosts use. The counter is
/// shared by all threads of the process: two trees of one guest must never look like one.
static NEXT_DEVICE: AtomicU64 = AtomicU64::new(1 << 48);

/// One tree, shared by its open files and directories.
///
/// They belong to one guest, which uses one at a time, and to the embedder, who may fill it
/// before and read it afterwards, perhaps from another thread: the lock is for that, and is
/// held for one operation only.
#[derive(Clone)]
pub(super) struct SharedTree(Arc<Mutex<Tree>>);

impl SharedTree {
    /// A tree that is empty, or that starts as a picture of `lower`.
    pub(super) fn new(quota: Quota, time: TimeSource, lower: Option<Box<dyn Dir>>) -> Self {
        Self(Arc::new(Mutex::new(Tree::new(quota, time, lower))))
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
pub(super) struct Tree {
    inodes: HashMap<Ino, Inode>,
    next: Ino,
    device: u64,
    pub(super) quota: Quota,
    time: TimeSource,
    /// What the tree is a picture of; never changed.
    pub(super) lower: Option<Box<dyn Dir>>,
}

pub(super) struct Inode {
    pub(super) content: Content,
    pub(super) links: u64,
    handles: u64,
    /// How many of its names, and how many of its bytes, were there without being charged.
    pub(super) gift: Gift,
    atim: Timestamp,
    mtim: Timestamp,
    ctim: Timestamp,
}

/// What an embedder put here: it was not charged, so its removal earns nothing.
#[derive(Default)]
pub(super) struct Gift {
    pub(super) names: u64,
    pub(super) bytes: u64,
}

pub(super) enum Content {
    File(Vec<u8>),
    Dir(Names),
    Link(String),
    Device(Device),
    /// A file of the lower directory that nobody has written yet.
    Lower(LowerFile),
}

/// The names in a directory, sorted, so that a listing can go on behind any of them.
pub(super) struct Names {
    pub(super) map: BTreeMap<String, Ino>,
    pub(super) parent: Ino,
    /// The path of the lower directory whose names are still to be taken over.
    pub(super) unread: Option<String>,
}

impl Content {
    /// An empty directory; naming it tells it its parent.
    pub(super) fn dir() -> Self {
        Self::Dir(Names { map: BTreeMap::new(), parent: ROOT, unread: None })
    }

    /// A directory that starts as a picture of the lower one at `path`.
    pub(super) fn unread_dir(path: String) -> Self {
        Self::Dir(Names { map: BTreeMap::new(), parent: ROOT, unread: Some(path) })
    }

    pub(super) fn filetype(&self) -> FileType {
        match self {
            Self::File(_) => FileType::RegularFile,
            Self::Dir(_) => FileType::Directory,
            Self::Link(_) => FileType::SymbolicLink,
            Self::Device(_) => FileType::CharacterDevice,
            Self::Lower(file) => file.filetype,
        }
    }

    pub(super) fn size(&self) -> u64 {
        match self {
            Self::File(bytes) => bytes.len() as u64,
            Self::Link(target) => target.len() as u64,
            Self::Lower(file) => file.size,
            Self::Dir(_) | Self::Device(_) => 0,
        }
    }
}

impl Tree {
    fn new(quota: Quota, time: TimeSource, lower: Option<Box<dyn Dir>>) -> Self {
        let device = NEXT_DEVICE.fetch_add(1, Ordering::Relaxed);
        let root = if lower.is_some() { Content::unread_dir(".".to_owned()) } else { Content::dir() };
        let mut tree = Self { inodes: HashMap::new(), next: ROOT, device, quota, time, lower };
        tree.add(root);
        if let Some(root) = tree.inodes.get_mut(&ROOT) {
            root.links = 1;
        }
        tree
    }

    /// Makes an inode without a name; the caller gives it one.
    pub(super) fn add(&mut self, content: Content) -> Ino {
        let now = self.time.now();
        self.add_with_times(content, now, now, now)
    }

    /// The same with the times of what it is a picture of.
    pub(super) fn add_with_times(
        &mut self,
        content: Content,
        atim: Timestamp,
        mtim: Timestamp,
        ctim: Timestamp,
    ) -> Ino {
        let ino = self.next;
        self.next += 1;
        let inode = Inode { content, links: 0, handles: 0, gift: Gift::default(), atim, mtim, ctim };
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

    fn release(&mut self, ino: Ino) {
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.handles = inode.handles.saturating_sub(1);
        }
        self.collect(ino);
    }

    /// Lets an inode go that nothing needs any more.
    pub(super) fn collect(&mut self, ino: Ino) {
        if let Some(inode) = self.inodes.get(&ino)
            && inode.links == 0
            && inode.handles == 0
        {
            if let Content::File(bytes) = &inode.content {
                self.quota.shrink((bytes.len() as u64).saturating_sub(inode.gift.bytes));
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

    /// Its names or attributes changed now.
    pub(super) fn touch_status(&mut self, ino: Ino) {
        let now = self.time.now();
        if let Some(inode) = self.inodes.get_mut(&ino) {
            inode.ctim = now;
        }
    }
}
