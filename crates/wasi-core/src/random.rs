//! The guest's source of randomness: the host's entropy, or a seed.

use std::fmt;

use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::errno::{Errno, Result};
use crate::sys;

/// The source behind `random_get` and `/dev/urandom`.
pub trait Random: Send {
    /// Fills the whole buffer. [`Errno::Io`] if the host has no entropy.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()>;

    /// Returns the source of a fork of the guest. A seeded one goes on from the same state in both.
    fn fork(&self) -> Box<dyn Random>;

    /// Returns the state for a saved guest; `None` for a source of the embedder, which cannot be saved.
    fn save(&self) -> Option<SavedRandom> {
        None
    }
}

/// A saved source of randomness.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedRandom {
    /// [`SystemRandom`].
    System,
    /// [`SeededRandom`]: seed, stream and position, 49 bytes.
    Seeded(Vec<u8>),
}

impl SavedRandom {
    /// Returns the source again. `None` unless a seeded one has 49 bytes.
    pub(crate) fn resume(&self) -> Option<Box<dyn Random>> {
        match self {
            Self::System => Some(Box::new(SystemRandom::new())),
            Self::Seeded(state) => {
                let state = state.as_slice().try_into().ok()?;
                Some(Box::new(SeededRandom(ChaCha20Rng::deserialize_state(state))))
            }
        }
    }
}

/// Leaves out the state, which would reveal all bytes to come.
impl fmt::Debug for SavedRandom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::System => "System",
            Self::Seeded(_) => "Seeded",
        })
    }
}

/// The operating system's source, fit for keys.
///
/// It reads ahead, so that not every small request is a call of the host. After a `fork` of the host's
/// process, only one of the two may go on using it, as with everything that a guest has.
pub struct SystemRandom {
    /// Bytes that were read ahead. They are taken from the end of the unused part, and wiped.
    ready: [u8; Self::READY],
    left: usize,
}

impl SystemRandom {
    /// Bytes that are read ahead.
    const READY: usize = 256;

    /// Returns a source that has not read ahead yet.
    pub fn new() -> Self {
        Self { ready: [0; Self::READY], left: 0 }
    }

    /// Fills the buffer from the bytes that were read ahead. `None` if there are not enough.
    fn take(&mut self, buffer: &mut [u8]) -> Option<()> {
        let start = self.left.checked_sub(buffer.len())?;
        let bytes = self.ready.get_mut(start..self.left)?;
        buffer.copy_from_slice(bytes);
        bytes.fill(0);
        self.left = start;
        Some(())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

/// Leaves out the bytes to come.
impl fmt::Debug for SystemRandom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SystemRandom")
    }
}

impl Random for SystemRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()> {
        if buffer.len() > Self::READY / 4 {
            return sys::entropy(buffer);
        }
        if self.take(buffer).is_none() {
            sys::entropy(&mut self.ready)?;
            self.left = Self::READY;
            self.take(buffer).ok_or(Errno::Io)?;
        }
        Ok(())
    }

    fn fork(&self) -> Box<dyn Random> {
        Box::new(Self::new())
    }

    fn save(&self) -> Option<SavedRandom> {
        Some(SavedRandom::System)
    }
}

/// A source that returns the same bytes for the same seed on every machine: ChaCha20, seeded by
/// `seed_from_u64` of the crate `rand`.
#[derive(Debug)]
pub struct SeededRandom(ChaCha20Rng);

impl SeededRandom {
    /// Returns the source of this seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()> {
        self.0.fill_bytes(buffer);
        Ok(())
    }

    fn fork(&self) -> Box<dyn Random> {
        Box::new(Self(ChaCha20Rng::deserialize_state(&self.0.serialize_state())))
    }

    fn save(&self) -> Option<SavedRandom> {
        Some(SavedRandom::Seeded(self.0.serialize_state().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "host")]
    #[test]
    fn no_byte_of_the_system_is_returned_twice() {
        let mut system = SystemRandom::new();
        let mut other = system.fork();
        let mut numbers = std::collections::HashSet::new();
        for _ in 0..1000 {
            for source in [&mut system as &mut dyn Random, &mut *other] {
                for len in [16, 64, 65] {
                    let mut bytes = vec![0; len];
                    source.fill(&mut bytes).unwrap();
                    assert!(numbers.insert(bytes[..16].to_vec()));
                    assert_ne!(bytes[len - 8..], [0; 8]);
                }
            }
        }
        assert!(system.ready[system.left..].iter().all(|&byte| byte == 0));
    }

    #[test]
    fn a_seed_fixes_the_bytes_and_another_changes_them() {
        let bytes = |seed| {
            let mut buffer = [0; 16];
            SeededRandom::new(seed).fill(&mut buffer).unwrap();
            buffer
        };
        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7), bytes(8));
    }

    #[test]
    fn a_fork_goes_on_with_the_same_bytes() {
        let mut first = SeededRandom::new(7);
        let mut bytes = [0; 16];
        first.fill(&mut bytes[..5]).unwrap();
        let mut second = first.fork();
        let mut others = [0; 16];
        first.fill(&mut bytes).unwrap();
        second.fill(&mut others).unwrap();
        assert_eq!(bytes, others);
    }
}
