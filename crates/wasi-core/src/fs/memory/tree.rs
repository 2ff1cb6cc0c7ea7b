//! The inodes of a tree in memory, and how long they live.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::time::TimeSource;
use crate::errno::{Errno, Result};
use crate::fs::device::Device;
use crate::fs::dir::Dir;
use crate::fs::fork::{Fork, Shared};
use crate::fs::quota::Quota;
use crate::types::{FileType, Filestat, Mode, SetTime, Timestamp};

/// The number of an inode, never used twice in one tree.
pub(in crate::fs) type Ino = u64;

/// The inode of the top directory. It has no name and is never removed.
pub(super) const ROOT: Ino = 1;

/// Device numbers of trees in memory start here, far from those of hosts.
const FIRST_DEVICE: u64 = 1 << 48;

/// One tree, shared by its open files and directories.
///
/// The guest uses them on its thread, and the embedder may fill or read the tree, perhaps from another
/// thread: hence the lock, which is held for one operation.
#[derive(Clone)]
pub(crate) struct SharedTree(pub(super) Arc<Mutex<Tree>>);

impl SharedTree {
    /// Returns a tree that is empty, or that starts with the content of `lower`.
    pub(super) fn new(quota: Quota, time: TimeSource, lower: Option<Box<dyn Dir>>) -> Self {
        Self(Arc::new(Mutex::new(Tree::new(quota, time, lower))))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Tree> {
        // The tree is sound even after a panic, because none of its operations panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes those of the inodes that nothing needs.
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

    /// Files without a name that are open stay in the copy until the fork is complete, for descriptors that
    /// follow.
    fn fork(&self, fork: &mut Fork) -> Result<Self> {
        let (tree, open) = self.lock().fork(fork)?;
        let copy = Self(Arc::new(Mutex::new(tree)));
        let for_the_end = copy.clone();
        fork.at_end(move || for_the_end.collect_all(&open));
        Ok(copy)
    }
}

/// The use of an inode by an open file or directory, which keeps the inode.
pub(in crate::fs) struct Handle {
    pub(super) tree: SharedTree,
    pub(super) ino: Ino,
}

impl Handle {
    /// Counts a use. The caller holds the tree's lock as `locked`.
    pub(super) fn new(tree: &SharedTree, locked: &mut Tree, ino: Ino) -> Result<Self> {
        locked.inode(ino)?;
        *locked.handles.entry(ino).or_default() += 1;
        Ok(Self { tree: tree.clone(), ino })
    }

    /// Opens an inode of a saved tree.
    pub(in crate::fs) fn open(tree: &SharedTree, ino: Ino) -> Result<Self> {
        Self::new(tree, &mut tree.lock(), ino)
    }

    /// Returns the same inode in the copy of its tree.
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

/// All inodes. An inode is removed when it has neither a name nor a handle.
///
/// A tree and its forks share what none of them has changed: a fork copies nothing, the first change after it
/// copies the map, and each changed inode is copied when it changes.
pub(crate) struct Tree {
    pub(super) inodes: Arc<HashMap<Ino, Arc<Inode>>>,
    /// The number of handles of each inode that has any.
    pub(super) handles: HashMap<Ino, u64>,
    /// The devices that [`Content::Device`] numbers. They are not in the inodes, because a fork has its own.
    pub(super) devices: Vec<Device>,
    pub(super) next: Ino,
    pub(super) device: u64,
    pub(super) quota: Quota,
    pub(super) time: TimeSource,
    /// The lower directory of an overlay, which never changes.
    pub(super) lower: Option<Box<dyn Dir>>,
}

#[derive(Clone)]
pub(super) struct Inode {
    pub(super) content: Content,
    pub(super) links: u64,
    pub(super) mode: Mode,
    /// How many of its names and bytes were not charged.
    pub(super) gift: Gift,
    /// Where the file was written in the lower directory.
    pub(super) last_commit: Option<LastCommit>,
    pub(super) atim: Timestamp,
    pub(super) mtim: Timestamp,
    pub(super) ctim: Timestamp,
}

/// What the embedder put into the tree. It was not charged, so removing it refunds nothing.
#[derive(Clone, Default)]
pub(super) struct Gift {
    pub(super) names: u64,
    pub(super) bytes: u64,
}

/// The last commit of a file in memory: where it was written in the lower directory, and its content then.
///
/// The content is shared with the inode, so the next write to the file makes a copy, as after a fork.
#[derive(Clone)]
pub(super) struct LastCommit {
    /// More than one for a file with several names.
    pub(super) paths: Vec<String>,
    pub(super) bytes: Arc<Vec<u8>>,
}

impl LastCommit {
    /// Whether this very content was written to this path.
    pub(super) fn is(&self, bytes: &Arc<Vec<u8>>, path: &str) -> bool {
        Arc::ptr_eq(&self.bytes, bytes) && self.paths.iter().any(|other| other == path)
    }
}

#[derive(Clone)]
pub(super) enum Content {
    File(Arc<Vec<u8>>),
    Dir(Names),
    Link(String),
    /// The number of one of the tree's devices.
    Device(usize),
    /// A file of the lower directory that was not written yet.
    Lower(LowerFile),
}

/// A file of the lower directory, with its attributes from when its name was taken over.
#[derive(Clone)]
pub(super) struct LowerFile {
    pub(super) path: String,
    pub(super) filetype: FileType,
    pub(super) size: u64,
}

/// The names in a directory, sorted, so that a listing can go on after any of them.
#[derive(Clone)]
pub(super) struct Names {
    pub(super) map: BTreeMap<String, Ino>,
    pub(super) parent: Ino,
    /// The path of the lower directory, as long as its names were not taken over.
    pub(super) unread: Option<String>,
}

impl Content {
    pub(super) fn file(bytes: Vec<u8>) -> Self {
        Self::File(Arc::new(bytes))
    }

    /// Returns an empty directory. It gets its parent when it gets a name.
    pub(super) fn dir() -> Self {
        Self::Dir(Names { map: BTreeMap::new(), parent: ROOT, unread: None })
    }

    /// Returns a directory that starts with the content of the lower one at `path`.
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

    /// Makes an inode without a name. The caller gives it one.
    pub(super) fn add(&mut self, content: Content) -> Ino {
        let now = self.time.now();
        let mode = Mode::of_new(content.filetype());
        self.add_with(content, mode, now, now, now)
    }

    /// Makes an inode with the mode and the times of a file in the lower directory.
    pub(super) fn add_with(
        &mut self,
        content: Content,
        mode: Mode,
        atim: Timestamp,
        mtim: Timestamp,
        ctim: Timestamp,
    ) -> Ino {
        let ino = self.next;
        self.next += 1;
        let (gift, last_commit) = (Gift::default(), None);
        let inode = Inode { content, links: 0, mode, gift, last_commit, atim, mtim, ctim };
        Arc::make_mut(&mut self.inodes).insert(ino, Arc::new(inode));
        ino
    }

    /// Takes over a device, and returns the content that stands for it.
    pub(super) fn add_device(&mut self, device: Device) -> Content {
        self.devices.push(device);
        Content::Device(self.devices.len() - 1)
    }

    /// Returns the device of this number.
    pub(super) fn device(&self, number: usize) -> Result<&Device> {
        self.devices.get(number).ok_or(Errno::Nxio)
    }

    pub(super) fn inode(&self, ino: Ino) -> Result<&Inode> {
        self.inodes.get(&ino).map(|inode| &**inode).ok_or(Errno::Stale)
    }

    pub(super) fn inode_mut(&mut self, ino: Ino) -> Result<&mut Inode> {
        // Looked up first, because a missing inode must not cost a copy of the map.
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
            mode: inode.mode,
        })
    }

    pub(super) fn set_mode(&mut self, ino: Ino, permissions: u32) -> Result<()> {
        let now = self.time.now();
        let inode = self.inode_mut(ino)?;
        inode.mode = inode.mode.with_permissions(permissions);
        inode.ctim = now;
        Ok(())
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

    /// Removes and refunds all inodes, and starts again with the content of the lower directory.
    ///
    /// Open inodes are removed, too, and their numbers are not used again.
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
            mode: Mode::of_new(FileType::Directory),
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

    /// Removes an inode if nothing needs it any more.
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

    /// Sets the times of a change of the content.
    pub(super) fn touch(&mut self, ino: Ino) {
        let now = self.time.now();
        if let Ok(inode) = self.inode_mut(ino) {
            inode.mtim = now;
            inode.ctim = now;
        }
    }

    /// Sets the time of a change of names or attributes.
    pub(super) fn touch_status(&mut self, ino: Ino) {
        let now = self.time.now();
        if let Ok(inode) = self.inode_mut(ino) {
            inode.ctim = now;
        }
    }
}
