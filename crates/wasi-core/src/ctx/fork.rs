//! A second world for a second interpreter that goes on from where the first one is.

use std::fmt;

use super::context::{Run, WasiCtx};
use crate::errno::Result;
use crate::fs::{File, Fork, stdio};
use crate::table::Origin;

/// The streams and sockets of a fork: they cannot be in two places, so it gets its own.
///
/// What is not given is nothing: empty input, output that goes nowhere, and
/// [`Tombstone`](crate::fs::Tombstone) for a socket. Descriptors that were duplicated from one of them follow it.
pub struct Streams {
    input: Box<dyn File>,
    output: Box<dyn File>,
    error: Box<dyn File>,
    sockets: Vec<Option<Box<dyn File>>>,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            input: Box::new(stdio::Null),
            output: Box::new(stdio::Null),
            error: Box::new(stdio::Null),
            sockets: Vec::new(),
        }
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Streams").field("sockets", &self.sockets.len()).finish_non_exhaustive()
    }
}

impl Streams {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it reads as standard input.
    #[must_use]
    pub fn stdin(mut self, file: Box<dyn File>) -> Self {
        self.input = file;
        self
    }

    /// What it writes as standard output.
    #[must_use]
    pub fn stdout(mut self, file: Box<dyn File>) -> Self {
        self.output = file;
        self
    }

    /// What it writes as standard error.
    #[must_use]
    pub fn stderr(mut self, file: Box<dyn File>) -> Self {
        self.error = file;
        self
    }

    /// The next socket, in the order of [`WasiCtxBuilder::socket`](crate::WasiCtxBuilder::socket).
    #[must_use]
    pub fn socket(mut self, socket: Box<dyn File>) -> Self {
        self.sockets.push(Some(socket));
        self
    }

    /// Input, output and error.
    pub(super) fn into_stdio(self) -> [Box<dyn File>; 3] {
        [self.input, self.output, self.error]
    }

    /// The file for a descriptor that was granted, not opened.
    pub(super) fn take(&mut self, origin: Origin) -> Option<Box<dyn File>> {
        let nothing = || Box::new(stdio::Null);
        match origin {
            Origin::Opened => None,
            Origin::Input => Some(std::mem::replace(&mut self.input, nothing())),
            Origin::Output => Some(std::mem::replace(&mut self.output, nothing())),
            Origin::Error => Some(std::mem::replace(&mut self.error, nothing())),
            Origin::Socket(index) => self.sockets.get_mut(index).and_then(Option::take),
        }
    }
}

impl WasiCtx {
    /// A second world, for a guest that goes on from where this one is: the same arguments,
    /// environment and limits, and the same descriptors by number.
    ///
    /// What the guest has in memory is copied, and open files there go on in the copy, at their
    /// offsets: neither sees what the other changes. The copy shares what nobody has changed since,
    /// so a fork takes time by the number of open descriptors, not by what the files hold. Folders
    /// and files of the host are the same ones, each descriptor with an offset of its own;
    /// a FIFO or a device of the host is shared. Standard streams and sockets are `streams`;
    /// connections that the guest accepted are [`Tombstone`](crate::fs::Tombstone).
    ///
    /// A fixed clock and a seeded source of randomness go on from the same state in both. As much of
    /// disk and output is used as here. [`Stats`](crate::Stats) begin at nothing, and there is no deadline, no
    /// interrupt and no trace.
    pub fn fork(&self, mut streams: Streams) -> Result<Self> {
        let mut fork = Fork::default();
        let table = self.table.fork(&mut fork, &mut |origin| streams.take(origin))?;
        Ok(Self {
            args: self.args.clone(),
            env: self.env.clone(),
            table,
            trees: self.trees.fork(&mut fork)?,
            clock: self.clock.fork(),
            random: self.random.fork(),
            limits: self.limits.clone(),
            output_left: self.output_left,
            run: Run::default(),
        })
    }

    /// Becomes `world`, a fork of an earlier state, for a guest that goes back to it: with the interrupt
    /// handle, the trace and the deadline that there are, and what was counted so far. Output that
    /// was written stays written.
    pub fn go_back(&mut self, world: Self) {
        let Run { stats, tracer, watch, record: _ } = std::mem::take(&mut self.run);
        let run = Run { stats, tracer, watch: watch.renewed(), record: world.run.record };
        *self = Self { output_left: self.output_left, run, ..world };
    }
}
