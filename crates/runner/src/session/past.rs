//! The states that a session can go back to: before each block, and those of its other branches.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use python_wasm_sandbox::Grants;

use crate::python::GuestState;

/// How many blocks can be undone at most.
const MOST: usize = 1000;

/// Bytes that the states of all blocks may hold together.
const ROOM: usize = 512 << 20;

/// The session at one prompt. Cloning shares it.
#[derive(Clone)]
pub(super) struct Checkpoint {
    pub(super) state: Arc<GuestState>,
    pub(super) grants: Grants,
}

/// A block that was run, and the state before it.
#[derive(Clone)]
struct Block {
    source: String,
    before: Checkpoint,
    /// Bytes that this state holds and the state before it does not.
    bytes: usize,
}

/// The blocks of one branch, oldest first.
#[derive(Clone, Default)]
pub(super) struct Past {
    blocks: VecDeque<Block>,
    bytes: usize,
}

impl Past {
    /// Adds a block that was run. The oldest blocks are forgotten when there are too many.
    pub(super) fn push(&mut self, source: &str, before: Checkpoint) {
        let bytes = match self.blocks.back() {
            Some(last) => before.state.memory().added_to(last.before.state.memory()),
            None => before.state.memory().size(),
        };
        self.bytes += bytes;
        self.blocks.push_back(Block { source: source.to_owned(), before, bytes });
        while self.blocks.len() > MOST || self.bytes > ROOM && self.blocks.len() > 1 {
            self.bytes -= self.blocks.pop_front().map_or(0, |block| block.bytes);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Returns about how many bytes all states hold.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the state before the last `count` blocks.
    pub(super) fn before(&self, count: usize) -> Option<&Checkpoint> {
        let index = self.blocks.len().checked_sub(count)?;
        self.blocks.get(index).map(|block| &block.before)
    }

    /// Forgets the last `count` blocks. Returns their sources, in the order in which they ran.
    pub(super) fn forget(&mut self, count: usize) -> Vec<String> {
        let forgotten = self.blocks.split_off(self.blocks.len().saturating_sub(count));
        self.bytes -= forgotten.iter().map(|block| block.bytes).sum::<usize>();
        forgotten.into_iter().map(|block| block.source).collect()
    }
}

/// A branch of the session that is not at the prompt.
pub(super) struct Branch {
    pub(super) now: Checkpoint,
    pub(super) past: Past,
}

/// All branches: the name of the current one, which is at the prompt, and the others.
pub(super) struct Branches {
    pub(super) current: String,
    pub(super) others: BTreeMap<String, Branch>,
}

impl Default for Branches {
    fn default() -> Self {
        Self { current: "main".into(), others: BTreeMap::new() }
    }
}

impl Branches {
    /// Returns all names, the current one with a star.
    pub(super) fn names(&self) -> String {
        let mut names: Vec<String> = self.others.keys().cloned().collect();
        names.push(format!("{} *", self.current));
        names.sort();
        names.join("\n")
    }
}
