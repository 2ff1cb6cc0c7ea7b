//! Advisory locks on ranges of files, as POSIX has them: they belong to the guest, not to a descriptor.

use crate::errno::{Errno, Result};
#[cfg(feature = "host")]
pub use crate::fs::host::Locks;

/// The locks that one guest holds on files of the host: none without a host.
#[cfg(not(feature = "host"))]
#[derive(Clone, Default)]
pub struct Locks {}

#[cfg(not(feature = "host"))]
impl Locks {
    /// Returns the locks of a fork.
    pub(crate) fn fork(&self) -> Self {
        self.clone()
    }
}

/// What [`fcntl`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/fcntl.html) is told in a
/// `struct flock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The lock to set.
    pub kind: LockKind,
    /// The first byte.
    pub start: u64,
    /// How many bytes; 0 for all from `start` on, however long the file becomes.
    pub len: u64,
}

/// The kinds of locks on a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// `F_RDLCK`: others can have this lock, too, but nobody a [`Write`](Self::Write) lock.
    Read,
    /// `F_WRLCK`: nobody else can have a lock.
    Write,
    /// `F_UNLCK`: no lock.
    Unlock,
}

impl Lock {
    /// Releases everything.
    pub const UNLOCK_ALL: Self = Self { kind: LockKind::Unlock, start: 0, len: 0 };

    /// Returns the first byte, and the first one behind the range. [`Errno::Inval`] past the largest offset.
    pub(super) fn range(self) -> Result<(u64, u64)> {
        let end = if self.len == 0 { Some(u64::MAX) } else { self.start.checked_add(self.len) };
        let largest = i64::MAX as u64;
        let fits = self.start <= largest && (self.len == 0 || end.is_some_and(|end| end - 1 <= largest));
        if fits { Ok((self.start, end.unwrap_or(u64::MAX))) } else { Err(Errno::Inval) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_past_the_largest_offset_is_refused() {
        let lock = |start, len| Lock { kind: LockKind::Read, start, len }.range();
        assert_eq!(lock(u64::MAX, 1), Err(Errno::Inval));
        assert_eq!(lock(1, u64::MAX), Err(Errno::Inval));
        assert_eq!(lock(i64::MAX as u64, 1), Ok((i64::MAX as u64, i64::MAX as u64 + 1)));
    }
}
