//! Saves a tree in memory and opens it again. Every number in the saved form is checked before it is used.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::time::SavedTime;
use super::tree::{Content, Gift, Ino, Inode, LastCommit, LowerFile, Names, ROOT, SharedTree, Tree};
use crate::bytes::Bytes;
use crate::fs::device::Device;
use crate::fs::dir::Dir;
use crate::fs::form::{SavedDevice, SavedDir};
use crate::fs::path::NAME_MAX;
use crate::fs::quota::Quota;
use crate::types::{FileType, Mode, Timestamp};
use crate::world_error::WorldError;

/// A saved tree.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::fs) struct SavedTree {
    /// By number, so that the same tree is always the same bytes.
    inodes: Vec<(Ino, SavedInode)>,
    pub(in crate::fs) devices: Vec<SavedDevice>,
    next: Ino,
    device: u64,
    pub(in crate::fs) quota: u32,
    time: SavedTime,
    /// The lower directory of an overlay.
    pub(in crate::fs) lower: Option<SavedDir>,
}

/// What a tree shares with others, and what the caller therefore saves and opens: its budget, its devices,
/// and its lower directory.
pub(in crate::fs) struct Outside<Q, D, L> {
    pub(in crate::fs) quota: Q,
    pub(in crate::fs) devices: Vec<D>,
    pub(in crate::fs) lower: Option<L>,
}

/// A saved inode. Its links are counted again; its handles come from the descriptors.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedInode {
    content: SavedContent,
    mode: Mode,
    /// Names and bytes of the gift.
    gift: (u64, u64),
    /// The paths of the last commit.
    last_commit: Vec<String>,
    times: [Timestamp; 3],
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum SavedContent {
    File(Bytes),
    Dir { names: Vec<(String, Ino)>, unread: Option<String> },
    Link(String),
    Device(u32),
    Lower { path: String, filetype: FileType, size: u64 },
}

impl SharedTree {
    /// Saves the tree. `outside` saves what it shares with others.
    pub(in crate::fs) fn save(
        &self,
        outside: impl FnOnce(
            &Quota,
            &[Device],
            Option<&dyn Dir>,
        ) -> Result<Outside<u32, SavedDevice, SavedDir>, WorldError>,
    ) -> Result<SavedTree, WorldError> {
        let tree = &*self.lock();
        let outside = outside(&tree.quota, &tree.devices, tree.lower.as_deref())?;
        tree.save(outside)
    }

    /// Opens a saved tree again. [`WorldError::Damaged`] for one that no guest can have made.
    pub(in crate::fs) fn resume(
        saved: &SavedTree,
        outside: Outside<Quota, Device, Box<dyn Dir>>,
    ) -> Result<Self, WorldError> {
        Ok(Self(Arc::new(Mutex::new(Tree::resume(saved, outside)?))))
    }

    /// Removes all inodes that nothing needs.
    pub(in crate::fs) fn collect_unnamed(&self) {
        let tree = &mut *self.lock();
        let unnamed = tree.inodes.iter().filter(|(_, inode)| inode.links == 0);
        for ino in unnamed.map(|(&ino, _)| ino).collect::<Vec<_>>() {
            tree.collect(ino);
        }
    }
}

impl Tree {
    fn save(&self, outside: Outside<u32, SavedDevice, SavedDir>) -> Result<SavedTree, WorldError> {
        let sorted: BTreeMap<_, _> = self.inodes.iter().collect();
        Ok(SavedTree {
            inodes: sorted.into_iter().map(|(&ino, inode)| (ino, inode.save())).collect(),
            devices: outside.devices,
            next: self.next,
            device: self.device,
            quota: outside.quota,
            time: self.time.save().ok_or(WorldError::Unsavable("a clock of files of the embedder's own"))?,
            lower: outside.lower,
        })
    }

    fn resume(saved: &SavedTree, outside: Outside<Quota, Device, Box<dyn Dir>>) -> Result<Self, WorldError> {
        let Outside { quota, devices, lower } = outside;
        let mut inodes = HashMap::new();
        for (ino, inode) in &saved.inodes {
            let inode = inode.resume(saved, lower.is_some())?;
            if *ino >= saved.next || inodes.insert(*ino, inode).is_some() {
                return Err(WorldError::Damaged);
            }
        }
        link(&mut inodes)?;
        Ok(Self {
            inodes: Arc::new(inodes.into_iter().map(|(ino, inode)| (ino, Arc::new(inode))).collect()),
            handles: HashMap::new(),
            devices,
            next: saved.next,
            device: saved.device,
            quota,
            time: saved.time.resume(),
            lower,
        })
    }
}

/// Counts the names of every inode, and sets the parent of each directory.
///
/// The directories must form one tree below the root. One that was removed while it was open must be empty.
fn link(inodes: &mut HashMap<Ino, Inode>) -> Result<(), WorldError> {
    let names = |inodes: &HashMap<Ino, Inode>, dir: Ino| match inodes.get(&dir).map(|inode| &inode.content) {
        Some(Content::Dir(names)) => Some(names.map.values().copied().collect::<Vec<_>>()),
        _ => None,
    };
    let mut left = vec![ROOT];
    let mut reached = 0;
    match inodes.get_mut(&ROOT) {
        Some(root) if matches!(root.content, Content::Dir(_)) => root.links = 1,
        _ => return Err(WorldError::Damaged),
    }
    while let Some(dir) = left.pop() {
        reached += 1;
        for ino in names(inodes, dir).unwrap_or_default() {
            let inode = inodes.get_mut(&ino).ok_or(WorldError::Damaged)?;
            inode.links += 1;
            if let Content::Dir(names) = &mut inode.content {
                if inode.links > 1 {
                    return Err(WorldError::Damaged);
                }
                names.parent = dir;
                left.push(ino);
            }
        }
    }
    let dirs = inodes.keys().filter_map(|&ino| names(inodes, ino).map(|names| (ino, names)));
    let removed = dirs.filter(|(ino, _)| inodes.get(ino).is_some_and(|inode| inode.links == 0));
    let removed: Vec<_> = removed.collect();
    let all = inodes.values().filter(|inode| matches!(inode.content, Content::Dir(_))).count();
    if reached + removed.len() != all || removed.iter().any(|(_, names)| !names.is_empty()) {
        return Err(WorldError::Damaged);
    }
    Ok(())
}

impl Inode {
    fn save(&self) -> SavedInode {
        let content = match &self.content {
            Content::File(bytes) => SavedContent::File(Bytes(Arc::clone(bytes))),
            Content::Dir(names) => SavedContent::Dir {
                names: names.map.iter().map(|(name, &ino)| (name.clone(), ino)).collect(),
                unread: names.unread.clone(),
            },
            Content::Link(target) => SavedContent::Link(target.clone()),
            Content::Device(number) => SavedContent::Device(*number as u32),
            Content::Lower(LowerFile { path, filetype, size }) => {
                SavedContent::Lower { path: path.clone(), filetype: *filetype, size: *size }
            }
        };
        let gift = (self.gift.names, self.gift.bytes);
        let last_commit = match (&self.content, &self.last_commit) {
            (Content::File(bytes), Some(last_commit)) if Arc::ptr_eq(bytes, &last_commit.bytes) => {
                last_commit.paths.clone()
            }
            _ => Vec::new(),
        };
        let times = [self.atim, self.mtim, self.ctim];
        SavedInode { content, mode: self.mode, gift, last_commit, times }
    }
}

impl SavedInode {
    fn resume(&self, tree: &SavedTree, has_lower: bool) -> Result<Inode, WorldError> {
        let content = match &self.content {
            SavedContent::File(bytes) => Content::File(Arc::clone(&bytes.0)),
            SavedContent::Dir { names, unread } => {
                let sound = names.iter().all(|(name, _)| is_name(name)) && (has_lower || unread.is_none());
                let map: BTreeMap<_, _> = names.iter().cloned().collect();
                if !sound || map.len() != names.len() {
                    return Err(WorldError::Damaged);
                }
                Content::Dir(Names { map, parent: ROOT, unread: unread.clone() })
            }
            SavedContent::Link(target) => Content::Link(target.clone()),
            SavedContent::Device(number) if (*number as usize) < tree.devices.len() => {
                Content::Device(*number as usize)
            }
            SavedContent::Lower { path, filetype, size }
                if has_lower && !matches!(filetype, FileType::Directory | FileType::SymbolicLink) =>
            {
                Content::Lower(LowerFile { path: path.clone(), filetype: *filetype, size: *size })
            }
            SavedContent::Device(_) | SavedContent::Lower { .. } => return Err(WorldError::Damaged),
        };
        let last_commit = match (&content, &self.last_commit[..]) {
            (Content::File(bytes), [_, ..]) => {
                Some(LastCommit { paths: self.last_commit.clone(), bytes: Arc::clone(bytes) })
            }
            _ => None,
        };
        if self.mode.filetype() != content.filetype() {
            return Err(WorldError::Damaged);
        }
        let (names, bytes) = self.gift;
        let gift = Gift { names, bytes };
        let [atim, mtim, ctim] = self.times;
        Ok(Inode { content, links: 0, mode: self.mode, gift, last_commit, atim, mtim, ctim })
    }
}

/// Whether a guest could have made this name.
fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && name.len() <= NAME_MAX && !name.contains(['/', '\0'])
}
