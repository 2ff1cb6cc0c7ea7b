//! Saves open files and directories.

use crate::fs::archive::{ArchiveDir, ArchiveFile};
use crate::fs::device::{Device, DeviceFile, RandomSource};
use crate::fs::dir::Dir;
use crate::fs::file::File;
use crate::fs::fork::Shared;
use crate::fs::form::{DirKind, SavedDevice, SavedDir, SavedFile};
#[cfg(feature = "host")]
use crate::fs::host::HostDir;
use crate::fs::memory::{MemoryDir, MemoryFile, Outside, SavedTree, SharedTree};
use crate::fs::quota::Quota;
use crate::fs::read_only::{ReadOnly, ReadOnlyFile};
use crate::fs::saved::files::SavedFiles;
use crate::random::SavedRandom;
use crate::world_error::WorldError;

/// Saves files and directories one by one, and numbers what several of them share, so that it is saved once.
///
/// Only `Saver` and [`Resumer`](super::Resumer) know every back end, because a file format lists its kinds.
#[derive(Default)]
pub(crate) struct Saver {
    /// A tree gets its number before it is saved, because the tree below it is saved in between.
    trees: Vec<(SharedTree, Option<SavedTree>)>,
    quotas: Vec<Quota>,
    sources: Vec<(RandomSource, SavedRandom)>,
}

impl Saver {
    /// Saves a directory. One of an unknown back end is granted again if it was granted by name, else lost.
    pub(crate) fn dir(&mut self, dir: &dyn Dir) -> Result<SavedDir, WorldError> {
        if let Some(read_only) = dir.downcast_ref::<ReadOnly>() {
            return Ok(self.dir(read_only.dir())?.read_only());
        }
        let kind = if let Some(memory) = dir.downcast_ref::<MemoryDir>() {
            DirKind::Memory { tree: self.tree(memory.tree())?, ino: memory.ino() }
        } else if let Some(archive) = dir.downcast_ref::<ArchiveDir>() {
            DirKind::Archive { device: archive.archive().device(), node: archive.id() }
        } else {
            #[cfg(feature = "host")]
            let quota = dir.downcast_ref::<HostDir>().map(|host| self.quota(host.quota()));
            #[cfg(not(feature = "host"))]
            let quota = None;
            DirKind::Granted { quota }
        };
        Ok(kind.into())
    }

    /// Saves a file. One of the host, or of an unknown back end, is lost.
    pub(crate) fn file(&mut self, file: &dyn File) -> Result<SavedFile, WorldError> {
        if let Some(read_only) = file.downcast_ref::<ReadOnlyFile>() {
            return Ok(self.file(read_only.file())?.read_only());
        }
        Ok(if let Some(memory) = file.downcast_ref::<MemoryFile>() {
            let tree = self.tree(memory.tree())?;
            SavedFile::memory(tree, memory.ino(), memory.offset(), memory.fdflags())
        } else if let Some(archive) = file.downcast_ref::<ArchiveFile>() {
            SavedFile::archive(archive.device(), archive.id(), archive.offset(), archive.fdflags())
        } else if let Some(open) = file.downcast_ref::<DeviceFile>() {
            SavedFile::device(self.device(open.device())?, open.stat(), open.fdflags())
        } else {
            SavedFile::lost()
        })
    }

    /// Saves a tree in memory, once, and returns its number.
    pub(crate) fn tree(&mut self, tree: &SharedTree) -> Result<u32, WorldError> {
        if let Some(index) = self.trees.iter().position(|(other, _)| other.is_same(tree)) {
            return Ok(index as u32);
        }
        let index = self.trees.len();
        self.trees.push((tree.clone(), None));
        let saved = tree.save(|quota, devices, lower| {
            Ok(Outside {
                devices: devices.iter().map(|device| self.device(device)).collect::<Result<_, _>>()?,
                quota: self.quota(quota),
                lower: lower.map(|lower| self.dir(lower)).transpose()?,
            })
        })?;
        if let Some(slot) = self.trees.get_mut(index) {
            slot.1 = Some(saved);
        }
        Ok(index as u32)
    }

    fn quota(&mut self, quota: &Quota) -> u32 {
        let found = self.quotas.iter().position(|other| other.is_same(quota));
        found.unwrap_or_else(|| {
            self.quotas.push(quota.clone());
            self.quotas.len() - 1
        }) as u32
    }

    fn device(&mut self, device: &Device) -> Result<SavedDevice, WorldError> {
        let source = match device {
            Device::Null => return Ok(SavedDevice::Null),
            Device::Zero => return Ok(SavedDevice::Zero),
            Device::Descriptor(fd) => return Ok(SavedDevice::Descriptor(fd.0)),
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

    /// Returns everything that was shared.
    pub(crate) fn finish(self) -> SavedFiles {
        SavedFiles {
            trees: self.trees.into_iter().filter_map(|(_, saved)| saved).collect(),
            quotas: self.quotas.iter().map(Quota::save).collect(),
            sources: self.sources.into_iter().map(|(_, saved)| saved).collect(),
        }
    }
}
