//! How many functions of the host may be under way at once, on threads and as futures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The threads of one interpreter: functions that it waits for, and abandoned ones that have not ended.
pub(super) const MAX_OWN: usize = 64;

/// The threads of an interpreter and of all that were forked from it.
const MAX_FAMILY: usize = 256;

/// The functions of one interpreter that are futures, with abandoned ones that their runtime has not dropped.
#[cfg(feature = "tokio")]
pub(super) const MAX_FUTURES: usize = 1024;

/// Counts threads until they end, whether or not anybody waits for what they do. The threads themselves share
/// it with the interpreters that start them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Threads(Arc<AtomicUsize>);

/// The right to have one thread or future, given back to each count when it is dropped.
#[derive(Debug)]
pub(super) struct Place<const COUNTS: usize>([Threads; COUNTS]);

impl Threads {
    /// Counts one more thread of an interpreter and of its family. The error says which has none left.
    pub(super) fn begin(own: &Self, family: &Self) -> Result<Place<2>, String> {
        if !own.add(MAX_OWN) {
            return Err(format!("{MAX_OWN} functions of the host have not ended, awaited or not"));
        }
        if !family.add(MAX_FAMILY) {
            own.remove();
            return Err(format!(
                "{MAX_FAMILY} functions of the host have not ended in this sandbox and its forks"
            ));
        }
        Ok(Place([own.clone(), family.clone()]))
    }

    /// Counts one more future of an interpreter.
    #[cfg(feature = "tokio")]
    pub(super) fn begin_future(own: &Self) -> Result<Place<1>, String> {
        if own.add(MAX_FUTURES) {
            Ok(Place([own.clone()]))
        } else {
            Err(format!("{MAX_FUTURES} functions of the host that are futures have not ended"))
        }
    }

    fn add(&self, most: usize) -> bool {
        let more = |count: usize| (count < most).then_some(count + 1);
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok()
    }

    fn remove(&self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<const COUNTS: usize> Drop for Place<COUNTS> {
    fn drop(&mut self) {
        self.0.iter().for_each(Threads::remove);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interpreter_and_its_family_have_so_many_threads_and_no_more() {
        let family = Threads::default();
        let interpreters: Vec<Threads> = (0..5).map(|_| Threads::default()).collect();
        let mut places: Vec<Place<2>> = Vec::new();
        for own in &interpreters[..4] {
            places.extend((0..MAX_OWN).map(|_| Threads::begin(own, &family).unwrap()));
            assert!(Threads::begin(own, &family).unwrap_err().starts_with("64 functions"));
        }
        let last = &interpreters[4];
        assert!(Threads::begin(last, &family).unwrap_err().starts_with("256 functions"));
        places.pop();
        places.push(Threads::begin(last, &family).unwrap());
        drop(places);
        assert!(interpreters.iter().chain([&family]).all(|threads| threads.0.load(Ordering::Acquire) == 0));
    }
}
