//! Files and directories at rest: what [`World`](crate::World) holds of them, and back.

use serde::{Deserialize, Serialize};

use crate::fs::archive::{Archive, ArchiveDir, ArchiveFile};
use crate::fs::device::{Device, DeviceFile, RandomSource};
use crate::fs::dir::Dir;
use crate::fs::file::File;
use crate::fs::lost::Lost;
use crate::fs::memory::{Handle, MemoryDir, MemoryFile, SavedTree, SharedTree};
use crate::fs::quota::Quota;
use crate::fs::read_only::{ReadOnly, ReadOnlyFile};
use crate::random::SavedRandom;
use crate::types::{FdFlags, FileType, Filestat};
use crate::world_error::WorldError;

/// An open directory at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedDir {
    read_only: bool,
    pub(crate) kind: DirKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum DirKind {
    /// Not in the world itself: granted again if it was granted by name, and else lost.
    Granted {
        /// The budget that its growth is charged to, where it has one.
        quota: Option<u32>,
    },
    Memory {
        tree: u32,
        ino: u64,
    },
    Archive {
        device: u64,
        node: u32,
    },
}

/// An open file at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedFile {
    read_only: bool,
    kind: FileKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum FileKind {
    Lost,
    Memory { tree: u32, ino: u64, offset: u64, flags: u16 },
    Archive { device: u64, node: u32, offset: u64, flags: u16 },
    Device { device: SavedDevice, stat: SavedStat, flags: u16 },
}

/// A device at rest. Random ones name their source by its number.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum SavedDevice {
    Null,
    Zero,
    Random(u32),
}

/// What a device tells of itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct SavedStat {
    dev: u64,
    ino: u64,
    nlink: u64,
    times: [u64; 3],
}

/// A budget at rest: what may be used, and what is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct SavedQuota {
    pub(super) bytes: (u64, u64),
    pub(super) files: (u64, u64),
}

/// All that descriptors share: trees in memory, budgets, sources of randomness.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SavedFiles {
    trees: Vec<SavedTree>,
    quotas: Vec<SavedQuota>,
    sources: Vec<SavedRandom>,
}

impl SavedFiles {
    /// The names of the overlays whose lower folder has to be granted again. An overlay that was not
    /// granted under a name cannot be saved.
    pub(crate) fn lower_grants(&self, overlays: &[(String, u32)]) -> Result<Vec<String>, WorldError> {
        let over_granted = |tree: &&SavedTree| tree.lower().is_some_and(SavedDir::is_granted);
        let trees = self.trees.iter().enumerate().filter(|(_, tree)| over_granted(tree));
        trees
            .map(|(index, _)| {
                let name = name_of(overlays, index).map(str::to_owned);
                name.ok_or(WorldError::Unsavable("an overlay that was granted below another"))
            })
            .collect()
    }
}

impl SavedDir {
    /// One that the world does not hold: it is granted again if it was granted by name.
    pub fn granted() -> Self {
        DirKind::Granted { quota: None }.into()
    }

    /// The same without the right to change it.
    pub(super) fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// Whether it has to be granted again.
    pub(crate) fn is_granted(&self) -> bool {
        !matches!(self.kind, DirKind::Memory { .. })
    }
}

impl From<DirKind> for SavedDir {
    fn from(kind: DirKind) -> Self {
        Self { read_only: false, kind }
    }
}

impl SavedFile {
    /// One that the world cannot hold: it comes back as [`Lost`].
    pub fn lost() -> Self {
        Self { read_only: false, kind: FileKind::Lost }
    }

    /// The same without the right to change it.
    pub(super) fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    pub(super) fn archive(filestat: Filestat, node: u32, offset: u64, flags: FdFlags) -> Self {
        let kind = FileKind::Archive { device: filestat.dev, node, offset, flags: flags.bits() };
        Self { read_only: false, kind }
    }

    pub(super) fn memory(tree: u32, ino: u64, offset: u64, flags: FdFlags) -> Self {
        Self { read_only: false, kind: FileKind::Memory { tree, ino, offset, flags: flags.bits() } }
    }

    pub(super) fn device(device: SavedDevice, filestat: Filestat, flags: FdFlags) -> Self {
        let Filestat { dev, ino, nlink, atim, mtim, ctim, .. } = filestat;
        let stat = SavedStat { dev, ino, nlink, times: [atim, mtim, ctim] };
        Self { read_only: false, kind: FileKind::Device { device, stat, flags: flags.bits() } }
    }
}

/// A world being saved: numbers for what several descriptors share, so that each is saved once.
#[derive(Default)]
pub struct Saving {
    /// A tree has its number before it is saved: what lies below it comes in between.
    trees: Vec<(SharedTree, Option<SavedTree>)>,
    quotas: Vec<Quota>,
    sources: Vec<(RandomSource, SavedRandom)>,
}

impl Saving {
    pub(super) fn tree(&mut self, tree: &SharedTree) -> Result<u32, WorldError> {
        if let Some(index) = self.trees.iter().position(|(other, _)| other.is_same(tree)) {
            return Ok(index as u32);
        }
        let index = self.trees.len();
        self.trees.push((tree.clone(), None));
        let saved = tree.save(self)?;
        if let Some(slot) = self.trees.get_mut(index) {
            slot.1 = Some(saved);
        }
        Ok(index as u32)
    }

    pub(super) fn quota(&mut self, quota: &Quota) -> u32 {
        let found = self.quotas.iter().position(|other| other.is_shared_with(quota));
        found.unwrap_or_else(|| {
            self.quotas.push(quota.clone());
            self.quotas.len() - 1
        }) as u32
    }

    pub(super) fn device(&mut self, device: &Device) -> Result<SavedDevice, WorldError> {
        let source = match device {
            Device::Null => return Ok(SavedDevice::Null),
            Device::Zero => return Ok(SavedDevice::Zero),
            Device::Random(source) => source,
        };
        let index = if let Some(index) = self.sources.iter().position(|(other, _)| other.is_same(source)) {
            index
        } else {
            let saved = source.save().ok_or(WorldError::Unsavable("a device of the embedder's own"))?;
            self.sources.push((source.clone(), saved));
            self.sources.len() - 1
        };
        Ok(SavedDevice::Random(index as u32))
    }

    pub(crate) fn finish(self) -> SavedFiles {
        SavedFiles {
            trees: self.trees.into_iter().filter_map(|(_, saved)| saved).collect(),
            quotas: self.quotas.iter().map(Quota::save).collect(),
            sources: self.sources.into_iter().map(|(_, saved)| saved).collect(),
        }
    }
}

/// The folders that the embedder grants to a guest that is resumed, by the names they had.
pub(crate) struct Grants(pub(crate) Vec<(String, Box<dyn Dir>)>);

impl Grants {
    pub(crate) fn find(&self, name: &str) -> Result<&dyn Dir, WorldError> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, dir)| &**dir).ok_or_else(|| WorldError::NotGranted(name.to_owned()))
    }

    fn archive(&self, device: u64) -> Option<&Archive> {
        self.0.iter().filter_map(|(_, dir)| dir.as_archive()).find(|archive| archive.device() == device)
    }
}

/// A world being taken up again.
pub(crate) struct Resuming<'a> {
    grants: &'a Grants,
    trees: Vec<SharedTree>,
    quotas: Vec<Quota>,
    sources: Vec<RandomSource>,
}

impl<'a> Resuming<'a> {
    /// `overlays` tells the names under which trees that lie over another folder were granted.
    pub(crate) fn begin(
        saved: &SavedFiles,
        overlays: &[(String, u32)],
        grants: &'a Grants,
    ) -> Result<Self, WorldError> {
        let quotas: Vec<Quota> = saved.quotas.iter().map(Quota::resume).collect();
        let sources = saved.sources.iter().map(RandomSource::resume).collect::<Option<_>>();
        let sources = sources.ok_or(WorldError::Damaged)?;
        let mut resuming = Self { grants, trees: Vec::new(), quotas, sources };
        let mut trees: Vec<Option<SharedTree>> = vec![None; saved.trees.len()];
        for index in bottom_up(&saved.trees)? {
            let tree = saved.trees.get(index).ok_or(WorldError::Damaged)?;
            let lower = tree.lower().map(|lower| resuming.lower(lower, name_of(overlays, index), &trees));
            let resumed = SharedTree::resume(tree, lower.transpose()?, &resuming)?;
            if let Some(slot) = trees.get_mut(index) {
                *slot = Some(resumed);
            }
        }
        resuming.trees = trees.into_iter().flatten().collect();
        Ok(resuming)
    }

    fn lower(
        &self,
        saved: &SavedDir,
        name: Option<&str>,
        trees: &[Option<SharedTree>],
    ) -> Result<Box<dyn Dir>, WorldError> {
        let DirKind::Memory { tree, ino } = saved.kind else { return self.dir(saved, name) };
        let tree = trees.get(tree as usize).and_then(Option::as_ref).ok_or(WorldError::Damaged)?;
        Ok(wrapped(Box::new(MemoryDir::at(tree, ino)?), saved.read_only))
    }

    /// The directory, from what was granted under `name` if it lies outside of the world.
    pub(crate) fn dir(&self, saved: &SavedDir, name: Option<&str>) -> Result<Box<dyn Dir>, WorldError> {
        Ok(match saved.kind {
            DirKind::Granted { quota } => {
                let Some(name) = name else { return Ok(Box::new(Lost)) };
                let mut dir = self.grants.find(name)?.reopen()?;
                if let Some(quota) = quota {
                    dir.charge(&self.quota(quota)?);
                }
                wrapped(dir, saved.read_only)
            }
            DirKind::Memory { tree, ino } => {
                let tree = self.trees.get(tree as usize).ok_or(WorldError::Damaged)?;
                wrapped(Box::new(MemoryDir::at(tree, ino)?), saved.read_only)
            }
            DirKind::Archive { device, node } => match (self.grants.archive(device), name) {
                (Some(archive), _) => {
                    let dir = ArchiveDir::at(archive, node).ok_or(WorldError::Damaged)?;
                    wrapped(Box::new(dir), saved.read_only)
                }
                (None, Some(name)) => {
                    self.grants.find(name)?;
                    return Err(WorldError::OtherArchive(name.to_owned()));
                }
                (None, None) => Box::new(Lost),
            },
        })
    }

    pub(crate) fn file(&self, saved: &SavedFile) -> Result<Box<dyn File>, WorldError> {
        let file: Box<dyn File> = match saved.kind {
            FileKind::Lost => Box::new(Lost),
            FileKind::Memory { tree, ino, offset, flags } => {
                let tree = self.trees.get(tree as usize).ok_or(WorldError::Damaged)?;
                let flags = FdFlags::from_bits_truncate(flags);
                match MemoryFile::at(Handle::open(tree, ino)?, flags, checked(offset)?) {
                    Ok(file) => Box::new(file),
                    // It lay below an overlay and is not there any more.
                    Err(_) => Box::new(Lost),
                }
            }
            FileKind::Archive { device, node, offset, flags } => match self.grants.archive(device) {
                Some(archive) => {
                    let flags = FdFlags::from_bits_truncate(flags);
                    let file = ArchiveFile::at(archive, node, flags, checked(offset)?);
                    Box::new(file.ok_or(WorldError::Damaged)?)
                }
                None => Box::new(Lost),
            },
            FileKind::Device { device, stat, flags } => {
                let SavedStat { dev, ino, nlink, times: [atim, mtim, ctim] } = stat;
                let filetype = FileType::CharacterDevice;
                let stat = Filestat { dev, ino, filetype, nlink, size: 0, atim, mtim, ctim };
                Box::new(DeviceFile::new(self.device(device)?, stat, FdFlags::from_bits_truncate(flags)))
            }
        };
        Ok(if saved.read_only { Box::new(ReadOnlyFile::new(file)) } else { file })
    }

    pub(super) fn device(&self, saved: SavedDevice) -> Result<Device, WorldError> {
        Ok(match saved {
            SavedDevice::Null => Device::Null,
            SavedDevice::Zero => Device::Zero,
            SavedDevice::Random(index) => {
                Device::Random(self.sources.get(index as usize).ok_or(WorldError::Damaged)?.clone())
            }
        })
    }

    pub(super) fn quota(&self, index: u32) -> Result<Quota, WorldError> {
        self.quotas.get(index as usize).cloned().ok_or(WorldError::Damaged)
    }

    /// The overlay that the tree of this number is.
    pub(crate) fn tree(&self, index: u32) -> Option<&SharedTree> {
        self.trees.get(index as usize)
    }

    /// Lets files without a name go that nobody has open.
    pub(crate) fn finish(self) {
        self.trees.iter().for_each(SharedTree::collect_unnamed);
    }
}

/// The order in which each tree comes after the one that it lies over.
fn bottom_up(trees: &[SavedTree]) -> Result<Vec<usize>, WorldError> {
    let mut order = Vec::new();
    let mut placed = vec![false; trees.len()];
    for mut index in 0..trees.len() {
        let mut chain = Vec::new();
        while placed.get(index) == Some(&false) {
            chain.push(index);
            if chain.len() > trees.len() {
                return Err(WorldError::Damaged);
            }
            match trees.get(index).and_then(SavedTree::lower).map(|lower| &lower.kind) {
                Some(DirKind::Memory { tree, .. }) => index = *tree as usize,
                _ => break,
            }
        }
        for index in chain.into_iter().rev() {
            if let Some(placed) = placed.get_mut(index) {
                *placed = true;
            }
            order.push(index);
        }
    }
    Ok(order)
}

/// The name under which the tree of that number was granted, if it lies over a folder.
fn name_of(overlays: &[(String, u32)], index: usize) -> Option<&str> {
    overlays.iter().find(|(_, tree)| *tree as usize == index).map(|(name, _)| name.as_str())
}

fn wrapped(dir: Box<dyn Dir>, read_only: bool) -> Box<dyn Dir> {
    if read_only { Box::new(ReadOnly::new(dir)) } else { dir }
}

/// An offset that a seek could have led to.
fn checked(offset: u64) -> Result<u64, WorldError> {
    super::offset::check_size(offset).map_err(|_| WorldError::Damaged)
}
