//! Where a guest's randomness comes from: the host's entropy, or a seed.

use std::fmt;

use rand::rngs::{ChaCha20Rng, SysRng};
use rand::{Rng, SeedableRng, TryRng};
use serde::{Deserialize, Serialize};

use crate::errno::{Errno, Result};

/// The source behind `random_get` and `/dev/urandom`.
pub trait Random: Send {
    /// Fills the whole buffer. [`Errno::Io`] if the host has no entropy to give.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()>;

    /// The source for a fork of the guest. A seeded one goes on from where it is, in both.
    fn fork(&self) -> Box<dyn Random>;

    /// Its state, to be kept with a guest at rest; none if only the embedder's program knows it.
    fn save(&self) -> Option<SavedRandom> {
        None
    }
}

/// A source of randomness at rest.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedRandom {
    /// [`SystemRandom`].
    System,
    /// [`SeededRandom`]: seed, stream and position, 49 bytes.
    Seeded(Vec<u8>),
}

impl SavedRandom {
    /// Nothing unless there are 49 bytes.
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

/// Without the state, from which all that comes could be told.
impl fmt::Debug for SavedRandom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::System => "System",
            Self::Seeded(_) => "Seeded",
        })
    }
}

/// The operating system's own source, fit for keys.
///
/// It is asked for some bytes more than a small request needs, so that not each of them is a call of the host. Of two
/// processes after a `fork` of the host only one may go on with it, as with everything that a guest has.
pub struct SystemRandom {
    /// Given out from its end, and wiped there.
    ready: [u8; Self::READY],
    left: usize,
}

impl SystemRandom {
    /// Bytes that are asked for at once.
    const READY: usize = 256;

    /// Asks for nothing yet.
    pub fn new() -> Self {
        Self { ready: [0; Self::READY], left: 0 }
    }

    /// Takes the last bytes that are ready; none if there are not as many.
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

/// Without what will come.
impl fmt::Debug for SystemRandom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SystemRandom")
    }
}

impl Random for SystemRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<()> {
        let entropy = |bytes: &mut [u8]| SysRng.try_fill_bytes(bytes).map_err(|_| Errno::Io);
        if buffer.len() > Self::READY / 4 {
            return entropy(buffer);
        }
        if self.take(buffer).is_none() {
            entropy(&mut self.ready)?;
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

/// The same bytes for the same seed, on every machine: ChaCha20, seeded as rand's `seed_from_u64` does.
#[derive(Debug)]
pub struct SeededRandom(ChaCha20Rng);

impl SeededRandom {
    /// Starts the stream of this seed.
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
