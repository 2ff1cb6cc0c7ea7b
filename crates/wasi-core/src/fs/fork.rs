//! A second copy of a guest's files: what its descriptors share, their copies share among themselves.

use std::any::Any;

use crate::errno::Result;

/// One fork of a guest's files, from the first descriptor to the last.
///
/// It remembers what was copied already, so that two descriptors of one tree, or two directories on
/// one budget, end up with one copy of it. Begin with `Fork::default()`, call
/// [`File::fork`](super::File::fork) and [`Dir::fork`](super::Dir::fork) for all that belongs
/// together, and drop it: files without a name that no copy has open go then.
#[derive(Default)]
pub struct Fork {
    /// A [`Pair`] each.
    pairs: Vec<Box<dyn Any>>,
    endings: Vec<Box<dyn FnOnce()>>,
}

/// A shared thing and its copy.
struct Pair<T> {
    original: T,
    copy: T,
}

/// What several open files share, and what a fork therefore copies once.
pub(super) trait Shared: Clone + 'static {
    /// Whether both are one thing, not equal ones.
    fn is_same(&self, other: &Self) -> bool;

    /// Makes the copy.
    fn fork(&self, fork: &mut Fork) -> Result<Self>;
}

impl Fork {
    /// Returns the copy of a shared thing, which is made when it is first asked for.
    pub(super) fn copy<T: Shared>(&mut self, original: &T) -> Result<T> {
        if let Some((_, copy)) = self.pairs().find(|(other, _)| original.is_same(other)) {
            return Ok(copy.clone());
        }
        let copy = original.fork(self)?;
        self.pairs.push(Box::new(Pair { original: original.clone(), copy: copy.clone() }));
        Ok(copy)
    }

    /// Lists the originals of one type and their copies.
    pub(super) fn pairs<T: Shared>(&self) -> impl Iterator<Item = (&T, &T)> {
        let pairs = self.pairs.iter().filter_map(|pair| pair.downcast_ref::<Pair<T>>());
        pairs.map(|pair| (&pair.original, &pair.copy))
    }

    /// Calls `ending` when the fork is complete.
    pub(super) fn at_end(&mut self, ending: impl FnOnce() + 'static) {
        self.endings.push(Box::new(ending));
    }
}

impl Drop for Fork {
    fn drop(&mut self) {
        self.endings.drain(..).for_each(|ending| ending());
    }
}
