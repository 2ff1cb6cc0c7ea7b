//! The trees in memory that were granted to a guest.

use crate::errno::Result;
use crate::fs::saved::{Resumer, Saver};
use crate::fs::{DeviceNumbers, Dir, Fork, Overlay};
use crate::world_error::WorldError;

/// The trees' device numbers, and the overlays among the preopens.
#[derive(Default)]
pub(super) struct Trees {
    numbers: DeviceNumbers,
    /// By name. They stay when the guest closes its descriptors, because the embedder asks for the changes.
    overlays: Vec<(String, Overlay)>,
}

impl Trees {
    /// Gives a number to the tree that a directory shows, if it shows one.
    pub(super) fn number(&mut self, dir: &dyn Dir) {
        self.numbers.number(dir);
    }

    pub(super) fn add(&mut self, name: &str, overlay: Overlay) {
        self.overlays.push((name.to_owned(), overlay));
    }

    /// Returns the overlay of that name; of several, the last.
    pub(super) fn overlay(&self, name: &str) -> Option<&Overlay> {
        self.overlays.iter().rev().find(|(other, _)| other == name).map(|(_, overlay)| overlay)
    }

    pub(super) fn fork(&self, fork: &mut Fork) -> Result<Self> {
        let overlays = self.overlays.iter().map(|(name, overlay)| Ok((name.clone(), overlay.fork(fork)?)));
        let overlays = overlays.collect::<Result<_>>()?;
        Ok(Self { numbers: self.numbers.fork(fork), overlays })
    }

    /// Saves the overlays: their names and the numbers of their trees.
    pub(super) fn save(&self, saver: &mut Saver) -> Result<Vec<(String, u32)>, WorldError> {
        let overlays = self.overlays.iter();
        overlays.map(|(name, overlay)| Ok((name.clone(), saver.tree(overlay.tree())?))).collect()
    }

    pub(super) fn resume(
        numbers: DeviceNumbers,
        overlays: &[(String, u32)],
        resumer: &Resumer<'_>,
    ) -> Result<Self, WorldError> {
        let overlays = overlays.iter().map(|(name, tree)| {
            let tree = resumer.tree(*tree).ok_or(WorldError::Damaged)?;
            Ok((name.clone(), Overlay::resume(tree)))
        });
        Ok(Self { numbers, overlays: overlays.collect::<Result<_, WorldError>>()? })
    }
}
