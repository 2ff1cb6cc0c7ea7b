//! The device numbers of trees in memory.

use std::sync::{Arc, Mutex, Weak};

use super::dir::MemoryDir;
use super::tree::{SharedTree, Tree};
use crate::fs::dir::Dir;
use crate::fs::fork::Fork;

/// The device numbers of the trees in one context. Two of its trees never have the same number, and the
/// numbers are the same in each run.
#[derive(Default)]
pub(crate) struct DeviceNumbers(Vec<(Weak<Mutex<Tree>>, u64)>);

impl DeviceNumbers {
    /// Numbers the tree of a directory in memory, which may be decorated.
    pub(crate) fn number(&mut self, dir: &dyn Dir) {
        if let Some(memory) = dir.find::<MemoryDir>() {
            self.give(memory.tree());
        }
    }

    /// Returns the numbers of a fork: those of the original trees.
    pub(crate) fn fork(&self, fork: &Fork) -> Self {
        let mut copies = Self::default();
        for (tree, copy) in fork.pairs() {
            if self.has(tree) {
                copies.give(copy);
            }
        }
        copies
    }

    /// Numbers a tree. It keeps the number that it has, unless another tree here has the same one.
    fn give(&mut self, shared: &SharedTree) {
        self.0.retain(|(tree, _)| tree.strong_count() > 0);
        if self.has(shared) {
            return;
        }
        let mut tree = shared.lock();
        let mut number = tree.device;
        while self.0.iter().any(|&(_, taken)| taken == number) {
            number += 1;
        }
        tree.device = number;
        self.0.push((Arc::downgrade(&shared.0), number));
    }

    /// Whether a tree was numbered here.
    fn has(&self, shared: &SharedTree) -> bool {
        self.0.iter().any(|(tree, _)| tree.as_ptr() == Arc::as_ptr(&shared.0))
    }
}
