//! How much a guest may add to file systems.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::errno::{Errno, Result};
use crate::fs::fork::{Fork, Shared};

/// A budget of bytes and files for the directories of one context.
///
/// It counts the bytes of files, including holes, and of the texts of symbolic links. Growth is charged
/// before it happens, and refunded when files shrink or are removed. Nothing is counted without a limit.
///
/// Cloning shares the budget. The guest's directories, on one thread, share the atomics and the lock with the
/// embedder, who reads the use.
#[derive(Clone, Debug)]
pub struct Quota(Arc<Budget>);

#[derive(Debug)]
struct Budget {
    bytes: Counter,
    files: Counter,
    held: Mutex<HashMap<FileId, Holders>>,
}

/// Device and inode of a file of the host.
pub(super) type FileId = (u64, u64);

/// The open descriptors of a file.
#[derive(Debug, Default)]
struct Holders {
    descriptors: u64,
    /// Its last name was removed.
    nameless: bool,
}

/// One descriptor, which keeps the content of a file on the disk even when its last name is removed.
#[derive(Debug)]
pub(super) struct Hold {
    quota: Quota,
    id: FileId,
}

/// A saved budget: use and limit of each.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct SavedQuota {
    bytes: (u64, u64),
    files: (u64, u64),
}

#[derive(Debug)]
struct Counter {
    used: AtomicU64,
    limit: u64,
}

impl Quota {
    /// Returns a budget of `bytes` more bytes and `files` more files, directories and links.
    pub fn new(bytes: u64, files: u64) -> Self {
        Self(Arc::new(Budget {
            bytes: Counter::new(bytes),
            files: Counter::new(files),
            held: Mutex::default(),
        }))
    }

    /// Returns a budget without limits, which counts nothing.
    pub fn unlimited() -> Self {
        Self::new(u64::MAX, u64::MAX)
    }

    /// Charges growth. [`Errno::Nospc`] if it exceeds the limit; nothing is charged then.
    pub fn grow(&self, bytes: u64) -> Result<()> {
        self.0.bytes.take(bytes)
    }

    /// Refunds bytes.
    pub fn shrink(&self, bytes: u64) {
        self.0.bytes.give(bytes);
    }

    /// Charges one new name. [`Errno::Nospc`] if it exceeds the limit.
    pub fn add_file(&self) -> Result<()> {
        self.0.files.take(1)
    }

    /// Refunds one name.
    pub fn remove_file(&self) {
        self.0.files.give(1);
    }

    pub(super) fn save(&self) -> SavedQuota {
        SavedQuota { bytes: self.0.bytes.save(), files: self.0.files.save() }
    }

    pub(super) fn resume(saved: &SavedQuota) -> Self {
        let counter = |(used, limit)| Counter { used: AtomicU64::new(used), limit };
        let (bytes, files) = (counter(saved.bytes), counter(saved.files));
        Self(Arc::new(Budget { bytes, files, held: Mutex::default() }))
    }

    /// Whether bytes are counted.
    pub(super) fn counts_bytes(&self) -> bool {
        self.0.bytes.is_limited()
    }

    /// Notes that the file `id` has one more open descriptor, until the result is released.
    pub(super) fn hold(&self, id: FileId) -> Hold {
        self.held().entry(id).or_default().descriptors += 1;
        Hold { quota: self.clone(), id }
    }

    /// Notes that the last name of the file `id` was removed. Returns whether the file is open: its bytes are
    /// then refunded when it is closed.
    pub(super) fn outlives_its_name(&self, id: FileId) -> bool {
        self.held().get_mut(&id).map(|held| held.nameless = true).is_some()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<FileId, Holders>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the bytes and files that are used now.
    pub fn used(&self) -> (u64, u64) {
        (self.0.bytes.used.load(Ordering::Relaxed), self.0.files.used.load(Ordering::Relaxed))
    }
}

impl Shared for Quota {
    /// Whether both are one budget.
    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns a separate budget with the same limits and use, and without open descriptors.
    fn fork(&self, _fork: &mut Fork) -> Result<Self> {
        let (bytes, files) = (self.0.bytes.fork(), self.0.files.fork());
        Ok(Self(Arc::new(Budget { bytes, files, held: Mutex::default() })))
    }
}

impl Hold {
    /// Ends the hold. Returns whether it was the last one of a file without a name.
    pub(super) fn release(&self) -> bool {
        let mut held = self.quota.held();
        match held.get_mut(&self.id) {
            Some(held) if held.descriptors > 1 => {
                held.descriptors -= 1;
                false
            }
            _ => held.remove(&self.id).is_some_and(|held| held.nameless),
        }
    }
}

impl Counter {
    fn new(limit: u64) -> Self {
        Self { used: AtomicU64::new(0), limit }
    }

    fn is_limited(&self) -> bool {
        self.limit < u64::MAX
    }

    fn fork(&self) -> Self {
        Self { used: AtomicU64::new(self.used.load(Ordering::Relaxed)), limit: self.limit }
    }

    /// Returns the use and the limit.
    fn save(&self) -> (u64, u64) {
        (self.used.load(Ordering::Relaxed), self.limit)
    }

    fn take(&self, amount: u64) -> Result<()> {
        if !self.is_limited() {
            return Ok(());
        }
        let fits = |used: u64| used.checked_add(amount).filter(|&used| used <= self.limit);
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => Ok(()),
            Err(_) => Err(Errno::Nospc),
        }
    }

    /// Refunds, but never below 0: a guest may also remove what was never charged.
    fn give(&self, amount: u64) {
        if !self.is_limited() {
            return;
        }
        let left = |used: u64| Some(used.saturating_sub(amount));
        let _always_succeeds = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_past_the_limit_is_refused_and_not_charged() {
        let quota = Quota::new(10, 1);
        quota.grow(8).unwrap();
        assert_eq!(quota.grow(3), Err(Errno::Nospc));
        assert_eq!(quota.used(), (8, 0));
        quota.shrink(5);
        quota.grow(3).unwrap();
        assert_eq!(quota.used(), (6, 0));
    }

    #[test]
    fn a_file_is_held_until_the_last_of_its_descriptors() {
        let quota = Quota::new(1, 1);
        let (first, second) = (quota.hold((1, 2)), quota.hold((1, 2)));
        assert!(quota.outlives_its_name((1, 2)));
        assert!(!first.release());
        assert!(second.release());
        assert!(!quota.outlives_its_name((1, 2)));
    }

    #[test]
    fn a_file_that_keeps_its_name_needs_no_look_when_it_is_closed() {
        let quota = Quota::new(1, 1);
        assert!(!quota.hold((1, 2)).release());
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let quota = Quota::unlimited();
        quota.grow(u64::MAX).unwrap();
        quota.add_file().unwrap();
        assert_eq!(quota.used(), (0, 0));
    }

    #[test]
    fn giving_back_more_than_was_taken_earns_nothing() {
        let quota = Quota::new(10, 1);
        quota.shrink(100);
        assert_eq!(quota.grow(11), Err(Errno::Nospc));
        quota.grow(u64::MAX).unwrap_err();
    }
}
