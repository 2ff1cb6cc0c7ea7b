//! A second copy of a guest's files: what its descriptors share, their copies share among themselves.

use crate::errno::Result;
use crate::fs::device::{Device, RandomSource};
use crate::fs::memory::{DeviceNumbers, Ino, SharedTree};
use crate::fs::quota::Quota;

/// One fork under way: what was copied already, so that two descriptors of one tree, or two folders
/// on one budget, end up with one copy of it.
///
/// Begin with `Fork::default()`, call [`File::fork`](super::File::fork) and
/// [`Dir::fork`](super::Dir::fork) for all that belongs together, and drop it: files without a name
/// that nobody took over go then.
#[derive(Default)]
pub struct Fork {
    trees: Vec<Copied>,
    quotas: Vec<(Quota, Quota)>,
    sources: Vec<(RandomSource, RandomSource)>,
}

/// A tree in memory, its copy, and what was open in the first.
struct Copied {
    tree: SharedTree,
    copy: SharedTree,
    open: Vec<Ino>,
}

impl Fork {
    /// The copy of a tree in memory, made when it is first asked for.
    pub(super) fn tree(&mut self, tree: &SharedTree) -> Result<SharedTree> {
        if let Some(copied) = self.trees.iter().find(|copied| copied.tree.is_same(tree)) {
            return Ok(copied.copy.clone());
        }
        let (copy, open) = tree.fork(self)?;
        self.trees.push(Copied { tree: tree.clone(), copy: copy.clone(), open });
        Ok(copy)
    }

    /// The copy of a budget: as much is used of it, by the copies of what uses it.
    pub(super) fn quota(&mut self, quota: &Quota) -> Quota {
        if let Some((_, copy)) = self.quotas.iter().find(|(other, _)| other.is_shared_with(quota)) {
            return copy.clone();
        }
        let copy = quota.fork();
        self.quotas.push((quota.clone(), copy.clone()));
        copy
    }

    /// The copy of a device. Its randomness goes on from where it is, in both.
    pub(super) fn device(&mut self, device: &Device) -> Device {
        let Device::Random(source) = device else { return device.clone() };
        if let Some((_, copy)) = self.sources.iter().find(|(other, _)| other.is_same(source)) {
            return Device::Random(copy.clone());
        }
        let copy = source.fork();
        self.sources.push((source.clone(), copy.clone()));
        Device::Random(copy)
    }

    /// The numbers of a context, for the copies of the trees that they were given to.
    pub(crate) fn numbers(&self, numbers: &DeviceNumbers) -> DeviceNumbers {
        let mut copies = DeviceNumbers::default();
        for copied in self.trees.iter().filter(|copied| numbers.has(&copied.tree)) {
            copies.give(&copied.copy);
        }
        copies
    }
}

impl Drop for Fork {
    fn drop(&mut self) {
        for Copied { copy, open, .. } in &self.trees {
            copy.collect_all(open);
        }
    }
}
