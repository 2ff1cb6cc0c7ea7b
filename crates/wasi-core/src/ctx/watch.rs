//! Everything that can end a wait or the guest: interrupts, the warning, the deadline.

use std::cell::Cell;

use crate::errno::{Errno, Result};
use crate::fs::{File, Readiness};
use crate::interrupt::{Interrupt, Request};
use crate::stop::{Failure, Stop};
use crate::sys::{Instant, PollFlags, Source};
use crate::time_limit::TimeLimit;
use crate::types::FdFlags;

/// Watches over one run of a guest. Only [`Watch::wait`] waits, so no call outlasts an interrupt or the
/// deadline.
#[derive(Default)]
pub(crate) struct Watch {
    interrupt: Interrupt,
    limit: TimeLimit,
    /// Whether the guest was told of an interrupt since it last waited.
    noted: Cell<bool>,
}

impl Watch {
    pub(super) fn new(interrupt: Interrupt) -> Self {
        Self { interrupt, ..Self::default() }
    }

    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    pub(super) fn limit(&self) -> &TimeLimit {
        &self.limit
    }

    pub(super) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.limit = TimeLimit::new(deadline);
    }

    /// Notes that the guest was told of an interrupt while it ran.
    pub(super) fn note_interrupt(&self) {
        self.noted.set(true);
    }

    /// Returns the watch of a guest that goes back to an earlier state: it keeps the interrupt handle and the
    /// deadline, and loses the warning.
    pub(super) fn renewed(&self) -> Self {
        let limit = TimeLimit::new(self.limit.deadline());
        Self { interrupt: self.interrupt.clone(), limit, noted: Cell::new(false) }
    }

    /// Waits until a file can be read or written. Returns at once for files that are always ready, and for
    /// those that must not wait (`nonblock`).
    pub(crate) fn await_ready(&self, file: &dyn File, flags: PollFlags) -> Result<(), Failure> {
        if let Readiness::Host(host) = file.readiness()
            && !file.fdflags().contains(FdFlags::NONBLOCK)
        {
            self.wait(&[(host, flags)], None)?;
        }
        Ok(())
    }

    /// Waits until one of `fds` is ready or `until` has passed, and returns what each is ready for.
    ///
    /// [`Errno::Intr`] for an interrupt, [`Stop::Deadline`] and [`Stop::Terminated`] for the end of the
    /// guest.
    pub(crate) fn wait(
        &self,
        fds: &[(Source<'_>, PollFlags)],
        until: Option<Instant>,
    ) -> Result<Vec<PollFlags>, Failure> {
        // Not for output: C's stdio drops its buffer when a write fails.
        let for_output = fds.iter().any(|(_, flags)| flags.contains(PollFlags::OUT));
        if !for_output && self.noted.replace(false) {
            return Err(Errno::Intr.into());
        }
        let end = [until, self.limit.next()].into_iter().flatten().min();
        let ready = self.interrupt.wait(fds, end)?;
        if ready.iter().any(|flags| !flags.is_empty()) {
            return Ok(ready);
        }
        self.check_stop()?;
        match self.interrupt.pending() {
            Some(_) => Err(Errno::Intr.into()),
            None => Ok(ready),
        }
    }

    /// Returns why the guest must stop, if it must. Gives the warning when it is due.
    pub(crate) fn check_stop(&self) -> Result<(), Stop> {
        let due = self.limit.take_due();
        if due.is_some_and(|due| due.warns) {
            self.interrupt.interrupt();
        }
        if self.interrupt.pending() == Some(Request::Terminate) {
            return Err(Stop::Terminated);
        }
        if due.is_some_and(|due| due.is_over) { Err(Stop::Deadline) } else { Ok(()) }
    }
}

#[cfg(all(test, feature = "host"))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_new_deadline_leaves_the_limit_of_the_last_run_as_it_was() {
        let mut watch = Watch::default();
        let past = Instant::now();
        watch.set_deadline(Some(past));
        let last_run = watch.limit().clone();
        watch.set_deadline(Some(past + Duration::from_hours(1)));
        watch.limit().postpone(Duration::from_hours(1));
        assert_eq!(last_run.end(), Some(past));
        assert_eq!(watch.limit().end(), Some(past + Duration::from_hours(2)));
    }

    #[test]
    fn a_wait_is_broken_off_at_the_warning_and_stopped_at_the_deadline() {
        let mut watch = Watch::default();
        let soon = Instant::now() + Duration::from_millis(5);
        watch.set_deadline(Some(soon + Duration::from_hours(1)));
        watch.limit().warn_at(soon, None);
        assert_eq!(watch.wait(&[], None), Err(Failure::Errno(Errno::Intr)));
        assert!(watch.limit().was_warned());
        assert!(watch.interrupt().take_interrupt());
        watch.set_deadline(Some(soon));
        assert_eq!(watch.wait(&[], None), Err(Failure::Stop(Stop::Deadline)));
    }
}
