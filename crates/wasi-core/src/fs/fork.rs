//! A second copy of a guest's files. What its descriptors share, the copies share, too.

use std::any::Any;

use crate::errno::Result;
use crate::fs::locks::Locks;
use crate::random::Random;

/// One fork of a guest's files, from the first descriptor to the last.
///
/// It remembers what was copied already, so that two descriptors in one tree, or two directories on one
/// budget, get one copy of it. Begin with `Fork::default()`, call [`File::fork`](super::File::fork) and
/// [`Dir::fork`](super::Dir::fork) for everything that belongs together, and drop it: that removes files
/// without a name that no copy has open.
#[derive(Default)]
pub struct Fork {
    /// A [`Pair`] each.
    pairs: Vec<Box<dyn Any>>,
    endings: Vec<Box<dyn FnOnce()>>,
    /// The locks of the second guest.
    pub(super) locks: Locks,
    /// Replaces the source of every random device.
    random: Option<Box<dyn Random>>,
}

/// A shared thing and its copy.
struct Pair<T> {
    original: T,
    copy: T,
}

/// Something that several open files share, and that a fork therefore copies once.
pub(super) trait Shared: Clone + 'static {
    /// Whether both are the same thing, not only equal.
    fn is_same(&self, other: &Self) -> bool;

    /// Makes the copy.
    fn fork(&self, fork: &mut Fork) -> Result<Self>;
}

impl Fork {
    /// Begins the fork of a guest, whose second copy has these locks. Its random devices read from a source like
    /// `random`, or go on with their own.
    pub(crate) fn new(locks: Locks, random: Option<Box<dyn Random>>) -> Self {
        Self { pairs: Vec::new(), endings: Vec::new(), locks, random }
    }

    /// Returns the source that replaces those of random devices, if one does.
    pub(super) fn random(&self) -> Option<Box<dyn Random>> {
        self.random.as_ref().map(|random| random.fork())
    }

    /// Returns the copy of a shared thing, which the first call makes.
    pub(super) fn copy<T: Shared>(&mut self, original: &T) -> Result<T> {
        if let Some((_, copy)) = self.pairs().find(|(other, _)| original.is_same(other)) {
            return Ok(copy.clone());
        }
        let copy = original.fork(self)?;
        self.pairs.push(Box::new(Pair { original: original.clone(), copy: copy.clone() }));
        Ok(copy)
    }

    /// Lists originals of one type with their copies.
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
