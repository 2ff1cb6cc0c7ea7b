//! When a guest is out of time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::sys::Instant;

/// The moments at which a guest is warned and stopped.
///
/// Cloning shares them: the thread that runs the guest sets and postpones them, and functions of the embedder
/// on other threads read them, hence the lock. Each [`WasiCtx::set_deadline`](crate::WasiCtx::set_deadline)
/// begins a new `TimeLimit`, so a handle keeps the limit of the run that it was taken in.
#[derive(Clone, Debug, Default)]
pub struct TimeLimit(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    moments: Mutex<Moments>,
    /// Whether any of the moments is still to come, so that a guest without a limit takes no lock.
    is_limited: AtomicBool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    /// Stays after the warning was given, because the guest's time ends then.
    warning: Option<Instant>,
    /// When the next warning is due: the first one, or its repetition.
    due: Option<Instant>,
    /// From the first warning to the deadline.
    grace: Option<Duration>,
    was_warned: bool,
    deadline: Option<Instant>,
}

/// What has come of a [`TimeLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// The guest has to be warned now: once for each warning.
    pub(crate) warns: bool,
    /// The guest has to be stopped.
    pub(crate) is_over: bool,
}

impl Moments {
    /// Gives a warning. The first one sets the deadline, so that a guest that could not be told in time, because the
    /// host kept it waiting, has its whole grace.
    fn warn(&mut self, now: Instant) {
        self.due = None;
        if !self.was_warned
            && let Some(grace) = self.grace
        {
            self.due = now.checked_add(grace / 2);
            self.deadline = [self.deadline, now.checked_add(grace)].into_iter().flatten().min();
        }
        self.was_warned = true;
    }
}

impl TimeLimit {
    /// Begins with a deadline alone.
    pub(crate) fn new(deadline: Option<Instant>) -> Self {
        let limit = Self::default();
        limit.change(|moments| moments.deadline = deadline);
        limit
    }

    /// Returns when the guest's time is over: at the warning (given or not) if there is one, else at the
    /// deadline. `None` without either.
    pub fn end(&self) -> Option<Instant> {
        let moments = self.lock();
        moments.warning.or(moments.deadline)
    }

    /// Whether [`end`](Self::end) has passed.
    pub fn is_over(&self) -> bool {
        self.end().is_some_and(has_come)
    }

    /// Returns when the guest is stopped.
    pub fn deadline(&self) -> Option<Instant> {
        self.lock().deadline
    }

    /// Whether a warning was given.
    pub(crate) fn was_warned(&self) -> bool {
        self.lock().was_warned
    }

    /// Whether a warning was given and the deadline follows.
    pub(crate) fn is_ending(&self) -> bool {
        let moments = self.lock();
        moments.was_warned && moments.deadline.is_some()
    }

    /// Warns the guest at this moment, as [`WasiCtx::warn_at`](crate::WasiCtx::warn_at) does, from any thread. A
    /// guest that waits learns of it when the wait ends, which an [`Interrupt`](crate::Interrupt) can do.
    pub fn warn_at(&self, moment: Instant, grace: Option<Duration>) {
        self.change(|moments| {
            moments.warning = Some(moment);
            moments.due = Some(moment);
            moments.grace = grace;
        });
    }

    /// Moves the deadline and the warnings. A moment that leaves the clock's range is lifted.
    pub(crate) fn postpone(&self, by: Duration) {
        let later = |moment: Option<Instant>| moment.and_then(|moment| moment.checked_add(by));
        self.change(|moments| {
            moments.deadline = later(moments.deadline);
            moments.warning = later(moments.warning);
            moments.due = later(moments.due);
        });
    }

    /// Returns what has come: `None` before the next moment. The guest looks after every call, so this does nothing
    /// if there is no limit.
    pub(crate) fn take_due(&self) -> Option<Due> {
        if !self.0.is_limited.load(Ordering::Acquire) {
            return None;
        }
        let mut moments = self.lock();
        let now = Instant::now();
        let warns = moments.due.is_some_and(|due| now >= due);
        if warns {
            moments.warn(now);
        }
        let is_over = moments.deadline.is_some_and(|deadline| now >= deadline);
        (warns || is_over).then_some(Due { warns, is_over })
    }

    /// Returns the moment of the warning or the deadline, whichever comes next.
    pub(crate) fn next(&self) -> Option<Instant> {
        let moments = self.lock();
        [moments.due, moments.deadline].into_iter().flatten().min()
    }

    fn change(&self, change: impl FnOnce(&mut Moments)) {
        let mut moments = self.lock();
        change(&mut moments);
        self.0.is_limited.store(moments.due.is_some() || moments.deadline.is_some(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Moments> {
        self.0.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a moment has come or has passed.
fn has_come(moment: Instant) -> bool {
    Instant::now() >= moment
}

#[cfg(all(test, feature = "host"))]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_postponed_end_is_later_for_every_holder_before_and_after_the_warning() {
        let now = Instant::now();
        let limit = TimeLimit::new(Some(now + HOUR));
        limit.warn_at(now, None);
        let holder = limit.clone();
        assert!(holder.is_over());
        assert!(limit.take_due().is_some_and(|due| due.warns));
        limit.postpone(HOUR);
        assert_eq!(holder.end(), Some(now + HOUR));
        assert_eq!(holder.deadline(), Some(now + 2 * HOUR));
        assert!(!holder.is_over());
    }

    #[test]
    fn without_a_warning_the_end_is_the_deadline() {
        let now = Instant::now();
        assert_eq!(TimeLimit::new(Some(now)).end(), Some(now));
        assert_eq!(TimeLimit::default().end(), None);
    }

    #[test]
    fn a_warning_is_given_once() {
        let limit = TimeLimit::new(None);
        limit.warn_at(Instant::now(), None);
        assert!(limit.take_due().is_some_and(|due| due.warns));
        assert!(!limit.take_due().is_some_and(|due| due.warns));
        assert_eq!(limit.next(), None);
        assert!(!limit.is_ending());
    }

    #[test]
    fn a_warning_begins_the_grace_when_it_is_given_and_is_repeated_in_its_middle() {
        let limit = TimeLimit::new(None);
        limit.warn_at(Instant::now(), Some(2 * HOUR));
        assert_eq!(limit.deadline(), None);
        let told = Instant::now();
        assert!(limit.take_due().is_some_and(|due| due.warns));
        assert!(limit.is_ending());
        let within = |moment: Option<Instant>, after: Duration| {
            moment.is_some_and(|moment| moment >= told + after && moment <= Instant::now() + after)
        };
        assert!(within(limit.deadline(), 2 * HOUR));
        assert!(within(limit.next(), HOUR));
        assert!(!limit.take_due().is_some_and(|due| due.warns));
    }
}
