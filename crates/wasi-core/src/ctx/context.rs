//! The context itself.

use std::time::{Duration, Instant};

use super::trees::Trees;
use super::watch::Watch;
use crate::clock::Clock;
use crate::errno::{Errno, Result};
use crate::fs::{Dir, Overlay};
use crate::interrupt::Interrupt;
use crate::limits::Limits;
use crate::random::Random;
use crate::record::Recording;
use crate::stop::Stop;
use crate::table::{Descriptor, OpenDir, Table};
use crate::time_limit::TimeLimit;
use crate::trace::Tracer;
use crate::types::Fd;

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
    pub(super) trees: Trees,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) random: Box<dyn Random>,
    pub(crate) limits: Limits,
    pub(crate) output_left: u64,
    pub(crate) run: Run,
}

/// What belongs to one run of the guest: a fork and a resumed world begin without it.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) stats: Stats,
    pub(crate) tracer: Option<Tracer>,
    pub(crate) watch: Watch,
    pub(super) record: Recording,
}

impl WasiCtx {
    /// The handle that interrupts or ends this guest from another thread.
    pub fn interrupt(&self) -> &Interrupt {
        self.run.watch.interrupt()
    }

    /// When the guest is out of time, for whoever works for it on another thread: it follows
    /// [`postpone`](Self::postpone).
    pub fn time_limit(&self) -> &TimeLimit {
        self.run.watch.limit()
    }

    /// When blocked calls give up with [`Stop::Deadline`]. The engine looks after running code.
    pub fn deadline(&self) -> Option<Instant> {
        self.time_limit().deadline()
    }

    /// Sets or lifts the deadline, and any warning before it. Begins another [`TimeLimit`].
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.run.watch.set_deadline(deadline);
    }

    /// Interrupts the guest once at this moment, so that it can end by itself before the deadline.
    pub fn warn_at(&mut self, moment: Instant) {
        self.time_limit().warn_at(moment);
    }

    /// Moves the deadline and its warning by time that passed but is not the guest's own.
    pub fn postpone(&mut self, by: Duration) {
        self.time_limit().postpone(by);
    }

    /// Whether the moment of [`warn_at`](Self::warn_at) has come since the deadline was set.
    pub fn was_warned(&self) -> bool {
        self.time_limit().was_warned()
    }

    /// Whether the guest must stop: for an engine between two slices of work, and for calls of the
    /// embedder's that work long without waiting. Gives the warning when its moment has come.
    pub fn check_stop(&self) -> Result<(), Stop> {
        match self.run.watch.check_stop() {
            Err(Stop::Terminated) => Err(Stop::Terminated),
            _ if self.is_diverged() => Err(Stop::Diverged),
            outcome => outcome,
        }
    }

    /// Notes that the guest was told of an interrupt while it ran. If it was just about to wait for
    /// input, it would wait in vain: so its next wait ends with [`Errno::Intr`] at once. A guest that
    /// has answered the interrupt meanwhile waits again, as POSIX programs do.
    pub fn note_interrupt(&self) {
        self.run.watch.note_interrupt();
    }

    /// Calls and bytes so far.
    pub fn stats(&self) -> Stats {
        self.run.stats
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
        self.run.tracer = tracer;
    }

    /// Opens another directory under `name`, at the lowest free descriptor. [`Errno::Mfile`] if there is none.
    ///
    /// libc looks for preopens when it starts: a guest that runs already finds it only by its number.
    pub fn add_preopen(&mut self, name: &str, dir: Box<dyn Dir>) -> Result<Fd> {
        self.trees.number(&*dir);
        let overlay = Overlay::find(&*dir);
        let open = OpenDir { dir, preopen: Some(name.to_owned()), listing: None };
        let fd = self.table.insert(Descriptor::Dir(open))?;
        if let Some(overlay) = overlay {
            self.trees.add(name, overlay);
        }
        Ok(fd)
    }

    /// The changes of the guest to the overlay that it was granted under `name`; none if that is no
    /// overlay. Of several with one name the last.
    pub fn overlay(&self, name: &str) -> Option<&Overlay> {
        self.trees.overlay(name)
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
}

/// Charges output to what is left. What does not fit is not written; the guest stops.
pub(crate) fn charge_output(output_left: &mut u64, bytes: usize) -> Result<(), Stop> {
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
