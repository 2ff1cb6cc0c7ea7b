//! The context itself, and how it waits.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::BorrowedFd;

use crate::clock::Clock;
use crate::errno::{Errno, Result};
use crate::fs::{DeviceNumbers, Dir, Overlay, Readiness};
use crate::interrupt::{Interrupt, Request};
use crate::limits::Limits;
use crate::random::Random;
use crate::record::Record;
use crate::stop::{Failure, Stop};
use crate::table::{Descriptor, OpenDir, Table};
use crate::trace::Tracer;
use crate::types::{Fd, FdFlags};

/// What a guest has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Calls through the door.
    pub syscalls: u64,
    /// Bytes that files, streams and sockets gave to the guest.
    pub bytes_read: u64,
    /// Bytes that files, streams and sockets took from it.
    pub bytes_written: u64,
}

/// The world of one guest. Made by [`WasiCtx::builder`]; what was not granted there does not exist.
pub struct WasiCtx {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) table: Table,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) random: Box<dyn Random>,
    pub(crate) limits: Limits,
    pub(crate) stats: Stats,
    pub(crate) tracer: Option<Tracer>,
    pub(super) record: Record,
    pub(super) numbers: DeviceNumbers,
    /// The overlays among the preopens, which the embedder asks for whatever the guest has closed.
    pub(super) overlays: Vec<(String, Overlay)>,
    pub(crate) output_left: u64,
    pub(super) interrupt: Interrupt,
    pub(super) deadline: Option<Instant>,
    /// When the guest is interrupted, because the deadline is near.
    pub(super) warning: Cell<Option<Instant>>,
    pub(super) warned: Cell<bool>,
    /// The guest was told of an interrupt since it last waited.
    pub(super) told: Cell<bool>,
}

impl WasiCtx {
    /// The handle that interrupts or ends this guest from another thread.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// When blocked calls give up with [`Stop::Deadline`]. The engine looks after running code.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Sets or lifts the deadline, and any warning before it.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
        self.warning.set(None);
        self.warned.set(false);
    }

    /// Interrupts the guest once at this moment, so that it can end by itself before the deadline.
    pub fn warn_at(&mut self, moment: Instant) {
        self.warning.set(Some(moment));
    }

    /// Moves the deadline and its warning by time that passed but is not the guest's own.
    pub fn postpone(&mut self, by: Duration) {
        let later = |moment: Instant| moment.checked_add(by);
        self.deadline = self.deadline.and_then(later);
        self.warning.set(self.warning.get().and_then(later));
    }

    /// Whether the moment of [`warn_at`](Self::warn_at) has come since the deadline was set.
    pub fn was_warned(&self) -> bool {
        self.warned.get()
    }

    /// Notes that the guest was told of an interrupt while it ran. If it was just about to wait for
    /// input, it would wait in vain: so its next wait ends with [`Errno::Intr`] at once. A guest that
    /// has answered the interrupt meanwhile waits again, as POSIX programs do.
    pub fn note_interrupt(&self) {
        self.told.set(true);
    }

    /// Calls and bytes so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Bytes that may still be written to standard output and error.
    pub fn output_left(&self) -> u64 {
        self.output_left
    }

    /// How many files, directories and streams are open.
    pub fn open_files(&self) -> usize {
        self.table.descriptors().count()
    }

    /// Replaces the arguments, for a context that serves several runs. [`Errno::Inval`] for a NUL in one.
    pub fn set_args(&mut self, args: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Result<()> {
        self.args = args.into_iter().map(|arg| without_nul(arg.into())).collect::<Result<_>>()?;
        Ok(())
    }

    /// Replaces the environment. [`Errno::Inval`] for a NUL, or a `=` in a name.
    pub fn set_env(
        &mut self,
        env: impl IntoIterator<Item = (impl Into<Vec<u8>>, impl Into<Vec<u8>>)>,
    ) -> Result<()> {
        self.env =
            env.into_iter().map(|(key, value)| variable(key.into(), value.into())).collect::<Result<_>>()?;
        Ok(())
    }

    /// Starts or ends the trace.
    pub fn set_trace(&mut self, tracer: Option<Tracer>) {
        self.tracer = tracer;
    }

    /// Opens another directory under `name`, at the lowest free descriptor. [`Errno::Mfile`] if there is none.
    ///
    /// libc looks for preopens when it starts: a guest that runs already finds it only by its number.
    pub fn add_preopen(&mut self, name: &str, dir: Box<dyn Dir>) -> Result<Fd> {
        self.numbers.number(&*dir);
        let overlay = Overlay::find(&*dir);
        let open = OpenDir { dir, preopen: Some(name.to_owned()), listing: None };
        let fd = self.table.insert(Descriptor::Dir(open))?;
        self.overlays.extend(overlay.map(|overlay| (name.to_owned(), overlay)));
        Ok(fd)
    }

    /// The changes of the guest to the overlay that it was granted under `name`; none if that is no
    /// overlay. Of several with one name the last.
    pub fn overlay(&self, name: &str) -> Option<&Overlay> {
        self.overlays.iter().rev().find(|(other, _)| other == name).map(|(_, overlay)| overlay)
    }

    /// Makes the lowest free descriptor stand for the open file at `fd`, as POSIX's `dup`: they
    /// share its offset. [`Errno::Badf`], [`Errno::Mfile`].
    ///
    /// Preview1 has no such call; an embedder may offer one of its own.
    pub fn duplicate(&mut self, fd: Fd) -> Result<Fd> {
        self.table.duplicate(fd)
    }

    /// Makes `to` stand for the open file at `fd` and closes what was there, as POSIX's `dup2`.
    /// [`Errno::Badf`] if nothing is open at `fd`, or `to` is above the limit on open files.
    pub fn duplicate_to(&mut self, fd: Fd, to: Fd) -> Result<()> {
        self.table.duplicate_to(fd, to).map(drop)
    }

    /// Waits until the file at `fd` can be read or written, unless it never waits or must not.
    pub(crate) fn await_ready(&self, fd: Fd, flags: PollFlags) -> Result<(), Failure> {
        let Descriptor::File(open) = self.table.get(fd)? else {
            return Ok(());
        };
        if let Readiness::Host(host) = open.file.readiness()
            && !open.file.fdflags().contains(FdFlags::NONBLOCK)
        {
            self.wait(&[(host, flags)], None)?;
        }
        Ok(())
    }

    /// Waits until one of `fds` is ready or `until` has passed, and returns what each is ready for.
    ///
    /// An interrupt ends it with [`Errno::Intr`], the deadline and the end with their [`Stop`].
    pub(crate) fn wait(
        &self,
        fds: &[(BorrowedFd<'_>, PollFlags)],
        until: Option<Instant>,
    ) -> Result<Vec<PollFlags>, Failure> {
        // Not for output: C's streams drop what a broken-off write was to take.
        let for_output = fds.iter().any(|(_, flags)| flags.contains(PollFlags::OUT));
        if !for_output && self.told.replace(false) {
            return Err(Errno::Intr.into());
        }
        let end = [until, self.deadline, self.warning.get()].into_iter().flatten().min();
        let ready = if fds.is_empty() {
            self.interrupt.sleep(end);
            Vec::new()
        } else {
            self.wait_for_host(fds, end)?
        };
        if ready.iter().any(|flags| !flags.is_empty()) {
            return Ok(ready);
        }
        self.check_stop()?;
        match self.interrupt.pending() {
            Some(_) => Err(Errno::Intr.into()),
            None => Ok(ready),
        }
    }

    /// Whether the guest must stop: for an engine between two slices of work, and for calls that
    /// work long without waiting. Gives the warning when its moment has come.
    pub fn check_stop(&self) -> Result<(), Stop> {
        if self.warning.get().is_some_and(|moment| Instant::now() >= moment) {
            self.warning.set(None);
            self.warned.set(true);
            self.interrupt.interrupt();
        }
        if self.interrupt.pending() == Some(Request::Terminate) {
            return Err(Stop::Terminated);
        }
        if self.is_diverged() {
            return Err(Stop::Diverged);
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Stop::Deadline);
        }
        Ok(())
    }

    /// Polls the host until something is ready, something is pending, or `end` has passed.
    fn wait_for_host(
        &self,
        fds: &[(BorrowedFd<'_>, PollFlags)],
        end: Option<Instant>,
    ) -> Result<Vec<PollFlags>, Failure> {
        let waker = self.interrupt.waker().map_err(Errno::from)?;
        let mut polled: Vec<PollFd<'_>> =
            fds.iter().map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
        polled.push(PollFd::from_borrowed_fd(waker, PollFlags::IN));
        loop {
            let pending = self.interrupt.pending().is_some();
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let timeout = match left {
                _ if pending => Some(Timespec { tv_sec: 0, tv_nsec: 0 }),
                None => None,
                // A wait that is longer than the host can say is waited for in parts.
                Some(left) => Some(Timespec {
                    tv_sec: left.as_secs().min(1 << 30) as i64,
                    tv_nsec: left.subsec_nanos().into(),
                }),
            };
            match poll(&mut polled, timeout.as_ref()) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => self.interrupt.drain_waker(),
                Err(error) => return Err(Errno::from(error).into()),
            }
            let ready: Vec<PollFlags> = polled.iter().take(fds.len()).map(PollFd::revents).collect();
            let over = end.is_some_and(|end| Instant::now() >= end);
            if pending || over || ready.iter().any(|flags| !flags.is_empty()) {
                return Ok(ready);
            }
        }
    }
}

/// Charges output to what is left. What does not fit is not written; the guest stops.
pub(crate) fn charge(output_left: &mut u64, bytes: usize) -> Result<(), Stop> {
    *output_left = output_left.checked_sub(bytes as u64).ok_or(Stop::OutputLimit)?;
    Ok(())
}

pub(super) fn without_nul(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if bytes.contains(&0) { Err(Errno::Inval) } else { Ok(bytes) }
}

fn variable(mut key: Vec<u8>, value: Vec<u8>) -> Result<Vec<u8>> {
    if key.contains(&b'=') || key.is_empty() {
        return Err(Errno::Inval);
    }
    key.push(b'=');
    key.extend(value);
    without_nul(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_broken_off_at_the_warning_and_stopped_at_the_deadline() {
        let mut ctx = WasiCtx::builder().build().unwrap();
        let soon = Instant::now() + Duration::from_millis(5);
        ctx.set_deadline(Some(soon + Duration::from_hours(1)));
        ctx.warn_at(soon);
        assert_eq!(ctx.wait(&[], None), Err(Failure::Errno(Errno::Intr)));
        assert!(ctx.was_warned());
        assert!(ctx.interrupt().take_interrupt());
        ctx.deadline = Some(soon);
        assert_eq!(ctx.wait(&[], None), Err(Failure::Stop(Stop::Deadline)));
    }

    #[test]
    fn a_postponed_deadline_and_its_warning_come_later_by_as_much() {
        let mut ctx = WasiCtx::builder().build().unwrap();
        let past = Instant::now();
        ctx.set_deadline(Some(past));
        ctx.warn_at(past);
        ctx.postpone(Duration::from_hours(1));
        assert_eq!(ctx.check_stop(), Ok(()));
        assert!(!ctx.was_warned());
        assert_eq!(ctx.deadline(), Some(past + Duration::from_hours(1)));
    }
}
