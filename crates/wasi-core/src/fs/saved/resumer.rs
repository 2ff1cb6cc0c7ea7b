//! Opens saved files and directories again.

use crate::fs::archive::{Archive, ArchiveDir, ArchiveFile};
use crate::fs::device::{Device, DeviceFile, RandomSource};
use crate::fs::dir::Dir;
use crate::fs::file::File;
use crate::fs::form::{DirKind, FileKind, SavedDevice, SavedDir, SavedFile, SavedStat};
use crate::fs::memory::{Handle, MemoryDir, MemoryFile, Outside, SavedTree, SharedTree};
use crate::fs::offset;
use crate::fs::quota::Quota;
use crate::fs::read_only::{ReadOnly, ReadOnlyFile};
use crate::fs::saved::files::{SavedFiles, bottom_up, name_of};
use crate::fs::tombstone::Tombstone;
use crate::types::{Fd, FdFlags, FileType, Filestat, Mode};
use crate::world_error::WorldError;

/// The directories that the embedder grants to a resumed guest, by their names.
pub(crate) struct Grants(pub(crate) Vec<(String, Box<dyn Dir>)>);

impl Grants {
    pub(crate) fn find(&self, name: &str) -> Result<&dyn Dir, WorldError> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, dir)| &**dir).ok_or_else(|| WorldError::NotGranted(name.to_owned()))
    }

    fn archive(&self, device: u64) -> Option<&Archive> {
        let archives = self.0.iter().filter_map(|(_, dir)| dir.find::<ArchiveDir>()).map(ArchiveDir::archive);
        archives.into_iter().find(|archive| archive.device() == device)
    }
}

/// Opens saved files and directories again, with what is granted now.
pub(crate) struct Resumer<'a> {
    grants: &'a Grants,
    trees: Vec<SharedTree>,
    quotas: Vec<Quota>,
    sources: Vec<RandomSource>,
}

impl<'a> Resumer<'a> {
    /// Opens everything that descriptors share. `overlays` are the names under which overlays were granted.
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
            let lower =
                tree.lower.as_ref().map(|lower| resuming.lower(lower, name_of(overlays, index), &trees));
            let resumed = SharedTree::resume(tree, resuming.outside(tree, lower.transpose()?)?)?;
            if let Some(slot) = trees.get_mut(index) {
                *slot = Some(resumed);
            }
        }
        resuming.trees = trees.into_iter().flatten().collect();
        Ok(resuming)
    }

    /// Returns what a tree shares with others.
    fn outside(
        &self,
        saved: &SavedTree,
        lower: Option<Box<dyn Dir>>,
    ) -> Result<Outside<Quota, Device, Box<dyn Dir>>, WorldError> {
        let devices = saved.devices.iter().map(|device| self.device(*device)).collect::<Result<_, _>>()?;
        Ok(Outside { quota: self.quota(saved.quota)?, devices, lower })
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

    /// Opens a directory: from the grant of this name, if it is outside of the world.
    pub(crate) fn dir(&self, saved: &SavedDir, name: Option<&str>) -> Result<Box<dyn Dir>, WorldError> {
        Ok(match saved.kind {
            DirKind::Granted { quota } => {
                let Some(name) = name else { return Ok(Box::new(Tombstone)) };
                let mut dir = self.grants.find(name)?.reopen()?;
                if let Some(quota) = quota {
                    dir.charge_to(&self.quota(quota)?);
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
                (None, None) => Box::new(Tombstone),
            },
        })
    }

    pub(crate) fn file(&self, saved: &SavedFile) -> Result<Box<dyn File>, WorldError> {
        let file: Box<dyn File> = match saved.kind {
            FileKind::Lost => Box::new(Tombstone),
            FileKind::Memory { tree, ino, offset, flags } => {
                let tree = self.trees.get(tree as usize).ok_or(WorldError::Damaged)?;
                let flags = FdFlags::from_bits_truncate(flags);
                match MemoryFile::at(Handle::open(tree, ino)?, flags, checked(offset)?) {
                    Ok(file) => Box::new(file),
                    // It lay below an overlay and does not exist any more.
                    Err(_) => Box::new(Tombstone),
                }
            }
            FileKind::Archive { device, node, offset, flags } => match self.grants.archive(device) {
                Some(archive) => {
                    let flags = FdFlags::from_bits_truncate(flags);
                    let file = ArchiveFile::at(archive, node, flags, checked(offset)?);
                    Box::new(file.ok_or(WorldError::Damaged)?)
                }
                None => Box::new(Tombstone),
            },
            FileKind::Device { device, stat, flags } => {
                let SavedStat { dev, ino, nlink, times: [atim, mtim, ctim] } = stat;
                let filetype = FileType::CharacterDevice;
                let mode = Mode::of_new(filetype);
                let stat = Filestat { dev, ino, filetype, nlink, size: 0, atim, mtim, ctim, mode };
                Box::new(DeviceFile::new(self.device(device)?, stat, FdFlags::from_bits_truncate(flags)))
            }
        };
        Ok(if saved.read_only { Box::new(ReadOnlyFile::new(file)) } else { file })
    }

    fn device(&self, saved: SavedDevice) -> Result<Device, WorldError> {
        Ok(match saved {
            SavedDevice::Null => Device::Null,
            SavedDevice::Zero => Device::Zero,
            SavedDevice::Descriptor(number) => Device::Descriptor(Fd(number)),
            SavedDevice::Random(index) => {
                Device::Random(self.sources.get(index as usize).ok_or(WorldError::Damaged)?.clone())
            }
        })
    }

    fn quota(&self, index: u32) -> Result<Quota, WorldError> {
        self.quotas.get(index as usize).cloned().ok_or(WorldError::Damaged)
    }

    /// Returns the tree of this number.
    pub(crate) fn tree(&self, index: u32) -> Option<&SharedTree> {
        self.trees.get(index as usize)
    }

    /// Removes files without a name that no descriptor has open.
    pub(crate) fn finish(self) {
        self.trees.iter().for_each(SharedTree::collect_unnamed);
    }
}

fn wrapped(dir: Box<dyn Dir>, read_only: bool) -> Box<dyn Dir> {
    if read_only { Box::new(ReadOnly::new(dir)) } else { dir }
}

/// Checks that a seek could have led to this offset.
fn checked(offset: u64) -> Result<u64, WorldError> {
    offset::check_size(offset).map_err(|_| WorldError::Damaged)
}
