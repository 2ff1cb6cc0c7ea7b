//! The inodes of a tree in memory, and who still needs them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::time::TimeSource;
use crate::errno::{Errno, Result};
use crate::fs::device::Device;
use crate::fs::dir::Dir;
use crate::fs::fork::{Fork, Shared};
use crate::fs::quota::Quota;
use crate::types::{FileType, Filestat, SetTime, Timestamp};

/// Number of an inode; never used twice in one tree.
pub(in crate::fs) type Ino = u64;

/// The inode of the top directory. It has no name and is never removed.
pub(super) const ROOT: Ino = 1;

/// Device numbers of trees in memory start here, far from those that hosts use.
const FIRST_DEVICE: u64 = 1 << 48;

/// One tree, shared by its open files and directories.
///
/// They belong to one guest, which uses one at a time, and to the embedder, who may fill it
/// before and read it afterwards, perhaps from another thread: the lock is for that, and is
/// held for one operation only.
#[derive(Clone)]
pub(crate) struct SharedTree(pub(super) Arc<Mutex<Tree>>);

impl SharedTree {
    /// A tree that is empty, or that starts as a picture of `lower`.
    pub(super) fn new(quota: Quota, time: TimeSource, lower: Option<Box<dyn Dir>>) -> Self {
        Self(Arc::new(Mutex::new(Tree::new(quota, time, lower))))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Tree> {
        // A panic elsewhere cannot leave an operation of ours half done: none of them panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets those inodes go that nothing needs.
    fn collect_all(&self, inodes: &[Ino]) {
        let tree = &mut *self.lock();
        for &ino in inodes {
            tree.collect(ino);
        }
    }
}

impl Shared for SharedTree {
    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What is open in the original is kept in the copy until the fork is complete, for descriptors that follow.
    fn fork(&self, fork: &mut Fork) -> Result<Self> {
        let (tree, open) = self.lock().fork(fork)?;
        let copy = Self(Arc::new(Mutex::new(tree)));
        let for_the_end = copy.clone();
        fork.at_end(move || for_the_end.collect_all(&open));
        Ok(copy)
    }
}

/// A use of an inode by an open file or directory: the content stays while there is one.
pub(in crate::fs) struct Handle {
    pub(super) tree: SharedTree,
    pub(super) ino: Ino,
}

impl Handle {
    /// The caller holds the tree's lock as `locked`.
    pub(super) fn new(tree: &SharedTree, locked: &mut Tree, ino: Ino) -> Result<Self> {
        locked.inode(ino)?;
        *locked.handles.entry(ino).or_default() += 1;
        Ok(Self { tree: tree.clone(), ino })
    }

    /// The inode of this number in a tree that was taken up again.
    pub(in crate::fs) fn open(tree: &SharedTree, ino: Ino) -> Result<Self> {
        Self::new(tree, &mut tree.lock(), ino)
    }

    /// The same inode in the copy of its tree.
    pub(super) fn fork(&self, fork: &mut Fork) -> Result<Self> {
        let tree = fork.copy(&self.tree)?;
        Self::new(&tree, &mut tree.lock(), self.ino)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.tree.lock().release(self.ino);
    }
}

/// All inodes. An inode goes when neither a name nor a handle is left.
///
/// A tree and its forks share what none of them has changed since: a fork copies nothing, the
/// first change after it copies the map, and what is changed is copied then.
pub(crate) struct Tree {
    pub(super) inodes: Arc<HashMap<Ino, Arc<Inode>>>,
    /// How many open files and directories there are of an inode that has any.
    pub(super) handles: HashMap<Ino, u64>,
    /// What [`Content::Device`] counts. Not in the inodes, because a fork's devices are its own.
    pub(super) devices: Vec<Device>,
    pub(super) next: Ino,
    pub(super) device: u64,
    pub(super) quota: Quota,
    pub(super) time: TimeSource,
    /// What the tree is a picture of; never changed.
    pub(super) lower: Option<Box<dyn Dir>>,
}

#[derive(Clone)]
pub(super) struct Inode {
    pub(super) content: Content,
    pub(super) links: u64,
    /// How many of its names, and how many of its bytes, were there without being charged.
    pub(super) gift: Gift,
    /// That a file in memory is the same as one below, because it was written there.
    pub(super) last_commit: Option<LastCommit>,
    pub(super) atim: Timestamp,
    pub(super) mtim: Timestamp,
    pub(super) ctim: Timestamp,
}

/// What an embedder put here: it was not charged, so its removal earns nothing.
#[derive(Clone, Default)]
pub(super) struct Gift {
    pub(super) names: u64,
    pub(super) bytes: u64,
}

/// The files below that a file in memory was written to, and the content that it had then.
///
/// Whoever writes the file again gets a content of its own, as after a fork.
#[derive(Clone)]
pub(super) struct LastCommit {
    /// More than one for a file with several names.
    pub(super) paths: Vec<String>,
    pub(super) bytes: Arc<Vec<u8>>,
}

impl LastCommit {
    /// Whether it is this very content, at one of the paths.
    pub(super) fn is(&self, bytes: &Arc<Vec<u8>>, path: &str) -> bool {
        Arc::ptr_eq(&self.bytes, bytes) && self.paths.iter().any(|other| other == path)
    }
}

#[derive(Clone)]
pub(super) enum Content {
    File(Arc<Vec<u8>>),
    Dir(Names),
    Link(String),
    /// Which of the tree's devices it is.
    Device(usize),
    /// A file of the lower directory that nobody has written yet.
    Lower(LowerFile),
}

/// A file below the lower directory, and what was seen of it when its name was taken over.
#[derive(Clone)]
pub(super) struct LowerFile {
    pub(super) path: String,
    pub(super) filetype: FileType,
    pub(super) size: u64,
}

/// The names in a directory, sorted, so that a listing can go on behind any of them.
#[derive(Clone)]
pub(super) struct Names {
    pub(super) map: BTreeMap<String, Ino>,
    pub(super) parent: Ino,
    /// The path of the lower directory whose names are still to be taken over.
    pub(super) unread: Option<String>,
}

impl Content {
    pub(super) fn file(bytes: Vec<u8>) -> Self {
        Self::File(Arc::new(bytes))
    }

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
        let root = if lower.is_some() { Content::unread_dir(".".to_owned()) } else { Content::dir() };
        let mut tree = Self {
            inodes: Arc::default(),
            handles: HashMap::new(),
            devices: Vec::new(),
            next: ROOT,
            device: FIRST_DEVICE,
            quota,
            time,
            lower,
        };
        let root = tree.add(root);
        if let Ok(root) = tree.inode_mut(root) {
            root.links = 1;
        }
        tree
    }

    fn fork(&self, fork: &mut Fork) -> Result<(Self, Vec<Ino>)> {
        let lower = self.lower.as_ref().map(|lower| lower.fork(fork)).transpose()?;
        let tree = Self {
            inodes: Arc::clone(&self.inodes),
            handles: HashMap::new(),
            devices: self.devices.iter().map(|device| device.fork(fork)).collect::<Result<_>>()?,
            next: self.next,
            device: self.device,
            quota: fork.copy(&self.quota)?,
            time: self.time.clone(),
            lower,
        };
        Ok((tree, self.handles.keys().copied().collect()))
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
        let inode = Inode { content, links: 0, gift: Gift::default(), last_commit: None, atim, mtim, ctim };
        Arc::make_mut(&mut self.inodes).insert(ino, Arc::new(inode));
        ino
    }

    /// Takes a device over; the content that stands for it.
    pub(super) fn add_device(&mut self, device: Device) -> Content {
        self.devices.push(device);
        Content::Device(self.devices.len() - 1)
    }

    /// What [`Content::Device`] of this number stands for.
    pub(super) fn device(&self, number: usize) -> Result<&Device> {
        self.devices.get(number).ok_or(Errno::Nxio)
    }

    pub(super) fn inode(&self, ino: Ino) -> Result<&Inode> {
        self.inodes.get(&ino).map(|inode| &**inode).ok_or(Errno::Stale)
    }

    pub(super) fn inode_mut(&mut self, ino: Ino) -> Result<&mut Inode> {
        // Looked up first: what is not there must not cost a copy.
        self.inode(ino)?;
        Arc::make_mut(&mut self.inodes).get_mut(&ino).map(Arc::make_mut).ok_or(Errno::Stale)
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

    /// Drops all inodes and their charges, and begins again as a picture of the lower directory.
    /// Inodes that are open are gone, and their numbers are not used again.
    pub(super) fn start_anew(&mut self) {
        for (&ino, inode) in self.inodes.iter() {
            if !matches!(inode.content, Content::Lower(_)) {
                self.quota.shrink(inode.content.size().saturating_sub(inode.gift.bytes));
            }
            for _ in inode.gift.names..if ino == ROOT { 0 } else { inode.links } {
                self.quota.remove_file();
            }
        }
        let now = self.time.now();
        let content = Content::unread_dir(".".to_owned());
        let root = Inode {
            content,
            links: 1,
            gift: Gift::default(),
            last_commit: None,
            atim: now,
            mtim: now,
            ctim: now,
        };
        self.inodes = Arc::new(HashMap::from([(ROOT, Arc::new(root))]));
        self.handles.retain(|&ino, _| ino == ROOT);
    }

    fn release(&mut self, ino: Ino) {
        match self.handles.get_mut(&ino) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.handles.remove(&ino)),
        }
        self.collect(ino);
    }

    /// Lets an inode go that nothing needs any more.
    pub(super) fn collect(&mut self, ino: Ino) {
        if let Ok(inode) = self.inode(ino)
            && inode.links == 0
            && !self.handles.contains_key(&ino)
        {
            if let Content::File(_) | Content::Link(_) = &inode.content {
                self.quota.shrink(inode.content.size().saturating_sub(inode.gift.bytes));
            }
            Arc::make_mut(&mut self.inodes).remove(&ino);
        }
    }

    /// The content changed now.
    pub(super) fn touch(&mut self, ino: Ino) {
        let now = self.time.now();
        if let Ok(inode) = self.inode_mut(ino) {
            inode.mtim = now;
            inode.ctim = now;
        }
    }

    /// Its names or attributes changed now.
    pub(super) fn touch_status(&mut self, ino: Ino) {
        let now = self.time.now();
        if let Ok(inode) = self.inode_mut(ino) {
            inode.ctim = now;
        }
    }
}
