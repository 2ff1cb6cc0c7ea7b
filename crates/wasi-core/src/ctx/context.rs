//! The context itself.

use std::time::Duration;

use super::trees::Trees;
use super::watch::Watch;
use crate::clock::Clock;
use crate::errno::{Errno, Result};
use crate::fs::{Dir, Locks, Overlay};
use crate::interrupt::Interrupt;
use crate::limits::Limits;
use crate::random::Random;
use crate::record::Recording;
use crate::stop::Stop;
use crate::sys::Instant;
use crate::table::{Descriptor, OpenDir, Table};
use crate::time_limit::TimeLimit;
use crate::trace::Tracer;
use crate::types::Fd;

/// Counts what a guest has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Calls through the door.
    pub syscalls: u64,
    /// Bytes that the guest read from files, streams and sockets.
    pub bytes_read: u64,
    /// Bytes that the guest wrote to them.
    pub bytes_written: u64,
}

/// Everything that one guest has. For the guest, what the builder was not given does not exist.
///
/// [`WasiCtx::builder`] makes it, [`WasiCtx::fork`] copies it, [`WasiCtx::save`] turns it into bytes.
pub struct WasiCtx {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) table: Table,
    pub(super) locks: Locks,
    pub(super) trees: Trees,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) random: Box<dyn Random>,
    pub(crate) limits: Limits,
    pub(crate) output_left: u64,
    pub(crate) run: Run,
}

/// The state of one run of the guest. A fork and a resumed world begin with a new one.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) stats: Stats,
    pub(crate) tracer: Option<Tracer>,
    pub(crate) watch: Watch,
    pub(super) record: Recording,
}

impl WasiCtx {
    /// Returns the handle that interrupts or ends this guest from another thread.
    pub fn interrupt(&self) -> &Interrupt {
        self.run.watch.interrupt()
    }

    /// Returns when the guest is out of time. Functions that work for it on other threads keep a clone, which
    /// follows [`postpone`](Self::postpone).
    pub fn time_limit(&self) -> &TimeLimit {
        self.run.watch.limit()
    }

    /// Returns when waiting calls end with [`Stop::Deadline`]. An engine has to stop running code itself,
    /// with [`check_stop`](Self::check_stop).
    pub fn deadline(&self) -> Option<Instant> {
        self.time_limit().deadline()
    }

    /// Sets or lifts the deadline and lifts the warning. The guest gets another [`TimeLimit`].
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.run.watch.set_deadline(deadline);
    }

    /// Interrupts the guest at this moment, so that it can end by itself.
    ///
    /// With a `grace` it is stopped that long after it was told, and interrupted once more halfway, for
    /// programs that take note of the first interrupt alone (`asyncio`). Time for which the host keeps it
    /// waiting meanwhile is not part of the grace. With `None` only [`set_deadline`](Self::set_deadline) stops
    /// it.
    pub fn warn_at(&mut self, moment: Instant, grace: Option<Duration>) {
        self.time_limit().warn_at(moment, grace);
    }

    /// Moves the deadline and its warning by time that does not count as the guest's own, such as a person's.
    pub fn postpone(&mut self, by: Duration) {
        self.time_limit().postpone(by);
    }

    /// Returns whether the guest was warned since the deadline was set.
    pub fn was_warned(&self) -> bool {
        self.time_limit().was_warned()
    }

    /// Returns whether the guest was warned and will be stopped at its deadline, whatever it does.
    pub fn is_ending(&self) -> bool {
        self.time_limit().is_ending()
    }

    /// Returns why the guest must stop, if it must. An engine asks between two slices of work, and so do
    /// functions of the embedder that work long without waiting. Gives the warning when it is due.
    pub fn check_stop(&self) -> Result<(), Stop> {
        let outcome = self.run.watch.check_stop();
        if self.is_live() {
            return outcome;
        }
        match outcome {
            Err(Stop::Terminated) => Err(Stop::Terminated),
            _ if self.is_diverged() => Err(Stop::Diverged),
            _ if self.is_recording_full() => Err(Stop::RecordingLimit),
            outcome => self.recorded_stop().map_or(outcome, Err),
        }
    }

    /// Notes that the guest was told of an interrupt while it ran.
    ///
    /// Its next wait then ends with [`Errno::Intr`] at once, because the guest may have been just about to
    /// wait for input when the interrupt came. A guest that has handled the interrupt waits again, as POSIX
    /// programs do.
    pub fn note_interrupt(&self) {
        self.run.watch.note_interrupt();
    }

    /// Returns how many calls were made and bytes moved so far.
    pub fn stats(&self) -> Stats {
        self.run.stats
    }

    /// Returns how much the guest may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns how many bytes may still be written to standard output and error, at most
    /// [`Limits::output`].
    pub fn output_left(&self) -> u64 {
        self.output_left
    }

    /// Sets how many bytes may be written to standard output and error from now on.
    pub fn set_output_left(&mut self, bytes: u64) {
        self.output_left = bytes;
    }

    /// Returns how many files, directories and streams are open.
    pub fn open_files(&self) -> usize {
        self.table.descriptors().count()
    }

    /// Replaces the arguments, for a context that serves several runs.
    ///
    /// [`Errno::Inval`] if one contains a NUL.
    pub fn set_args(&mut self, args: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Result<()> {
        self.args = args.into_iter().map(|arg| without_nul(arg.into())).collect::<Result<_>>()?;
        Ok(())
    }

    /// Replaces the environment.
    ///
    /// [`Errno::Inval`] for a NUL, an empty name, or a `=` in a name.
    pub fn set_env(
        &mut self,
        env: impl IntoIterator<Item = (impl Into<Vec<u8>>, impl Into<Vec<u8>>)>,
    ) -> Result<()> {
        self.env =
            env.into_iter().map(|(key, value)| variable(key.into(), value.into())).collect::<Result<_>>()?;
        Ok(())
    }

    /// Starts the trace, or ends it with `None`.
    pub fn set_trace(&mut self, tracer: Option<Tracer>) {
        self.run.tracer = tracer;
    }

    /// Grants another directory under `name`, at the lowest free descriptor, which is returned.
    ///
    /// libc looks for preopens only when it starts, so a running guest has to be told the number.
    /// [`Errno::Mfile`] if no number is free.
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

    /// Returns the directory that was granted under `name`; of several, the last. What its methods do counts
    /// for the guest's quota, as if the guest did it.
    ///
    /// `None` if there is no such grant, or the guest has closed it.
    pub fn preopen(&self, name: &str) -> Option<&dyn Dir> {
        let named = self.table.descriptors().filter_map(|descriptor| match descriptor {
            Descriptor::Dir(OpenDir { dir, preopen: Some(other), .. }) if other == name => Some(&**dir),
            _ => None,
        });
        named.last()
    }

    /// Returns the overlay that was granted under `name`, with the guest's changes; of several, the last.
    ///
    /// `None` if there is no such grant, or it is not an overlay.
    pub fn overlay(&self, name: &str) -> Option<&Overlay> {
        self.trees.overlay(name)
    }

    /// Makes the lowest free number stand for the open file at `fd`, too, and returns it. Both share one
    /// offset.
    ///
    /// Preview1 has no such call; an embedder may offer its own. [`Errno::Badf`] if `fd` is not open,
    /// [`Errno::Mfile`] if no number is free.
    /// See [POSIX `dup`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/dup.html).
    pub fn duplicate(&mut self, fd: Fd) -> Result<Fd> {
        self.table.duplicate(fd)
    }

    /// Makes `to` stand for the open file at `fd`, too, and closes what was open at `to`.
    ///
    /// [`Errno::Badf`] if `fd` is not open, or `to` is not below the limit on open files.
    /// See [POSIX `dup2`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/dup.html).
    pub fn duplicate_to(&mut self, fd: Fd, to: Fd) -> Result<()> {
        self.table.duplicate_to(fd, to).map(drop)
    }
}

/// Charges `bytes` of output. If they do not fit, they are not written and the guest stops.
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
