//! What saved descriptors share.

use serde::{Deserialize, Serialize};

use crate::fs::form::{DirKind, SavedDir};
use crate::fs::memory::SavedTree;
use crate::fs::quota::SavedQuota;
use crate::random::SavedRandom;
use crate::world_error::WorldError;

/// Everything that descriptors share: trees in memory, budgets, sources of randomness.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SavedFiles {
    pub(super) trees: Vec<SavedTree>,
    pub(super) quotas: Vec<SavedQuota>,
    pub(super) sources: Vec<SavedRandom>,
}

impl SavedFiles {
    /// Lowers the limits of all budgets to these.
    pub(crate) fn restrict(&mut self, bytes: u64, files: u64) {
        for quota in &mut self.quotas {
            quota.restrict(bytes, files);
        }
    }

    /// Lists the names of the overlays whose lower directory has to be granted again.
    ///
    /// [`WorldError::Unsavable`] for an overlay that was not granted under a name of its own.
    pub(crate) fn lower_grants(&self, overlays: &[(String, u32)]) -> Result<Vec<String>, WorldError> {
        let over_granted = |tree: &&SavedTree| tree.lower.as_ref().is_some_and(SavedDir::is_granted);
        let trees = self.trees.iter().enumerate().filter(|(_, tree)| over_granted(tree));
        trees
            .map(|(index, _)| {
                let name = name_of(overlays, index).map(str::to_owned);
                name.ok_or(WorldError::Unsavable("an overlay that was granted below another"))
            })
            .collect()
    }
}

/// Returns an order in which each tree comes after the one that it lies over.
pub(super) fn bottom_up(trees: &[SavedTree]) -> Result<Vec<usize>, WorldError> {
    let mut order = Vec::new();
    let mut placed = vec![false; trees.len()];
    for mut index in 0..trees.len() {
        let mut chain = Vec::new();
        while placed.get(index) == Some(&false) {
            chain.push(index);
            if chain.len() > trees.len() {
                return Err(WorldError::Damaged);
            }
            match trees.get(index).and_then(|tree| tree.lower.as_ref()).map(|lower| &lower.kind) {
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

/// Returns the name under which the overlay with this tree was granted.
pub(super) fn name_of(overlays: &[(String, u32)], index: usize) -> Option<&str> {
    overlays.iter().find(|(_, tree)| *tree as usize == index).map(|(name, _)| name.as_str())
}
