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
/// before it happens, and refunded when files shrink or are removed. What was there before is a gift: removing
/// it refunds no bytes, because it may take no space on the disk (a sparse file), but filling its holes is
/// charged. Nothing is counted without a limit.
///
/// Cloning shares the budget. The guest's directories, on one thread, share the atomics and the lock with the
/// embedder, who reads the use.
#[derive(Clone, Debug)]
pub struct Quota(Arc<Budget>);

#[derive(Debug)]
struct Budget {
    bytes: Counter,
    files: Counter,
    accounts: Mutex<HashMap<FileId, Account>>,
}

/// Device and inode of a file of the host.
pub(super) type FileId = (u64, u64);

/// What is known of a file of the host that is open, or that bytes were charged for.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    /// The open descriptors.
    descriptors: u64,
    /// Its last name was removed.
    nameless: bool,
    /// The bytes that were charged for it and not refunded.
    charged: u64,
    /// The bytes that it had on the disk before anything was charged, less those that were cut off. The disk
    /// never holds more of it than these and the charged ones.
    gift: u64,
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
    ///
    /// Past it everything is [`Errno::Nospc`]. Without any bytes and files it is [`Errno::Perm`], because that
    /// is a directory where nothing can be added, not a full disk.
    pub fn new(bytes: u64, files: u64) -> Self {
        Self(Arc::new(Budget {
            bytes: Counter::new(bytes),
            files: Counter::new(files),
            accounts: Mutex::default(),
        }))
    }

    /// Returns a budget without limits, which counts nothing.
    pub fn unlimited() -> Self {
        Self::new(u64::MAX, u64::MAX)
    }

    /// Charges growth. [`Errno::Nospc`] if it exceeds the limit; nothing is charged then.
    pub fn grow(&self, bytes: u64) -> Result<()> {
        self.0.bytes.take(bytes).map_err(|_| self.full())
    }

    /// Returns the error of a charge that does not fit.
    fn full(&self) -> Errno {
        if self.0.bytes.limit == 0 && self.0.files.limit == 0 { Errno::Perm } else { Errno::Nospc }
    }

    /// Charges growth that has happened already, whatever the limit is.
    pub(super) fn grow_past_the_limit(&self, bytes: u64) {
        self.0.bytes.add(bytes);
    }

    /// Refunds bytes.
    pub fn shrink(&self, bytes: u64) {
        self.0.bytes.give(bytes);
    }

    /// Charges one new name. [`Errno::Nospc`] if it exceeds the limit.
    pub fn add_file(&self) -> Result<()> {
        self.0.files.take(1).map_err(|_| self.full())
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
        Self(Arc::new(Budget { bytes, files, accounts: Mutex::default() }))
    }

    /// Whether bytes are counted.
    pub(super) fn counts_bytes(&self) -> bool {
        self.0.bytes.is_limited()
    }

    /// Notes that the file `id`, with `on_disk` bytes on the disk, has one more open descriptor, until the
    /// result is released.
    pub(super) fn hold(&self, id: FileId, on_disk: u64) -> Hold {
        let mut accounts = self.accounts();
        let account = accounts.entry(id).or_insert(Account { gift: on_disk, ..Account::default() });
        account.descriptors += 1;
        Hold { quota: self.clone(), id }
    }

    /// Notes that the new file `id` has `bytes` that were charged.
    pub(super) fn attribute(&self, id: FileId, bytes: u64) {
        if self.counts_bytes() {
            self.accounts().entry(id).or_default().charged += bytes;
        }
    }

    /// Notes that the last name of the file `id` was removed, and refunds its bytes. Those of an open file
    /// are refunded when it is closed.
    pub(super) fn forget(&self, id: FileId) {
        let mut accounts = self.accounts();
        match accounts.get_mut(&id) {
            Some(account) if account.descriptors > 0 => account.nameless = true,
            _ => self.shrink(accounts.remove(&id).map_or(0, |account| account.charged)),
        }
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<FileId, Account>> {
        self.0.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the bytes and files that are used now.
    pub fn used(&self) -> (u64, u64) {
        (self.0.bytes.used.load(Ordering::Relaxed), self.0.files.used.load(Ordering::Relaxed))
    }
}

impl SavedQuota {
    /// Lowers the limits to these, of which what is used is a part.
    pub(super) fn restrict(&mut self, bytes: u64, files: u64) {
        self.bytes.1 = self.bytes.1.min(bytes);
        self.files.1 = self.files.1.min(files);
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
        let mut accounts = self.accounts().clone();
        for account in accounts.values_mut() {
            account.descriptors = 0;
        }
        Ok(Self(Arc::new(Budget { bytes, files, accounts: Mutex::new(accounts) })))
    }
}

impl Hold {
    /// Whether a file of `size` bytes may have holes that nobody has paid for.
    pub(super) fn has_unpaid_holes(&self, size: u64) -> bool {
        self.with(|account| size > account.gift.saturating_add(account.charged))
    }

    /// Notes that `bytes` of growth were charged.
    pub(super) fn grew(&self, bytes: u64) {
        self.with(|account| account.charged += bytes);
    }

    /// Notes that the file grew by `bytes`, and has `on_disk` bytes on the disk now. Returns what that costs:
    /// the growth, or more if holes were filled that nobody has paid for.
    pub(super) fn filled(&self, bytes: u64, on_disk: u64) -> u64 {
        self.with(|account| {
            let before = account.charged;
            account.charged = (before + bytes).max(on_disk.saturating_sub(account.gift));
            account.charged - before
        })
    }

    /// Refunds `bytes` that were cut off and had been charged. The file is `size` bytes long now, with
    /// `on_disk` bytes on the disk.
    pub(super) fn shrank(&self, bytes: u64, size: u64, on_disk: u64) {
        let refund = self.with(|account| {
            account.gift = account.gift.min(size);
            let needed = on_disk.saturating_sub(account.gift);
            let refund = bytes.min(account.charged.saturating_sub(needed));
            account.charged -= refund;
            refund
        });
        self.quota.shrink(refund);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Account) -> T) -> T {
        act(self.quota.accounts().entry(self.id).or_default())
    }

    /// Ends the hold. Refunds the bytes of a file without a name whose last one it was, if `is_gone` agrees.
    pub(super) fn release(&self, is_gone: impl FnOnce() -> bool) {
        let mut accounts = self.quota.accounts();
        let Some(account) = accounts.get_mut(&self.id) else { return };
        account.descriptors = account.descriptors.saturating_sub(1);
        if account.descriptors > 0 {
            return;
        }
        let gone = account.nameless && is_gone();
        if gone || account.charged == 0 {
            self.quota.shrink(accounts.remove(&self.id).map_or(0, |account| account.charged));
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
        // More than the limit may be in use, and what takes nothing, such as cutting a file, works then, too.
        if !self.is_limited() || amount == 0 {
            return Ok(());
        }
        let fits = |used: u64| used.checked_add(amount).filter(|&used| used <= self.limit);
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => Ok(()),
            Err(_) => Err(Errno::Nospc),
        }
    }

    fn add(&self, amount: u64) {
        if self.is_limited() {
            let more = |used: u64| Some(used.saturating_add(amount));
            let _always_succeeds = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
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
        let quota = Quota::new(10, 1);
        let (first, second) = (quota.hold((1, 2), 0), quota.hold((1, 2), 0));
        quota.grow(5).unwrap();
        first.grew(5);
        quota.forget((1, 2));
        first.release(|| true);
        assert_eq!(quota.used().0, 5);
        second.release(|| true);
        assert_eq!(quota.used().0, 0);
        assert!(quota.accounts().is_empty());
    }

    #[test]
    fn a_file_that_keeps_its_name_needs_no_look_when_it_is_closed() {
        let quota = Quota::new(1, 1);
        quota.hold((1, 2), 0).release(|| panic!("looked"));
        assert!(quota.accounts().is_empty());
    }

    #[test]
    fn what_was_there_before_refunds_nothing() {
        let quota = Quota::new(100, 1);
        quota.grow(50).unwrap();
        let hold = quota.hold((1, 2), 30);
        hold.shrank(30, 0, 0);
        quota.forget((1, 3));
        assert_eq!(quota.used().0, 50);
    }

    #[test]
    fn cutting_a_file_refunds_no_hole_that_is_still_filled() {
        let quota = Quota::new(100, 1);
        let hold = quota.hold((1, 2), 0);
        // 60 bytes long before, all of it a hole, of which 20 are filled.
        quota.grow(hold.filled(0, 20)).unwrap();
        hold.shrank(30, 30, 20);
        assert_eq!(quota.used().0, 20);
        hold.shrank(25, 5, 5);
        assert_eq!(quota.used().0, 5);
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
