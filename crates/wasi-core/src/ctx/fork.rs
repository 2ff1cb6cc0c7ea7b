//! Forks: a second context for a second guest that goes on from where the first one is.

use std::fmt;

use super::context::{Run, WasiCtx};
use crate::errno::Result;
use crate::fs::{File, Fork, stdio};
use crate::random::Random;
use crate::table::Origin;

/// The streams and sockets of a fork or of a resumed guest, which cannot share those of another guest.
///
/// By default input is empty, output is thrown away, and a [`Tombstone`](crate::fs::Tombstone) stands for
/// each socket. A duplicated descriptor gets the same stream as its original.
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
    /// Returns empty input and outputs that throw away what they get.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets standard input.
    #[must_use]
    pub fn stdin(mut self, file: Box<dyn File>) -> Self {
        self.input = file;
        self
    }

    /// Sets standard output.
    #[must_use]
    pub fn stdout(mut self, file: Box<dyn File>) -> Self {
        self.output = file;
        self
    }

    /// Sets standard error.
    #[must_use]
    pub fn stderr(mut self, file: Box<dyn File>) -> Self {
        self.error = file;
        self
    }

    /// Adds the next socket, in the order of [`WasiCtxBuilder::socket`](crate::WasiCtxBuilder::socket).
    #[must_use]
    pub fn socket(mut self, socket: Box<dyn File>) -> Self {
        self.sockets.push(Some(socket));
        self
    }

    /// Returns input, output and error.
    pub(super) fn into_stdio(self) -> [Box<dyn File>; 3] {
        [self.input, self.output, self.error]
    }

    /// Returns the stream or socket for a descriptor that was granted; `None` for one that the guest opened.
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
    /// Returns a context for a second guest that goes on from where this one is: with the same arguments,
    /// environment and limits, and the same descriptors by number.
    ///
    /// Trees in memory are copied, with the files that are open in them, and neither guest sees what the
    /// other changes. The copy is made on write, so a fork costs time by the number of descriptors, not by
    /// the content of files. Directories and files of the host are the same ones, but each descriptor has its
    /// own offset; FIFOs and devices of the host are shared. `streams` become the standard streams and
    /// sockets. Locks on files are not inherited: where this guest holds one, the fork can neither read nor write
    /// ([`Errno::Io`](crate::Errno::Io)) until it releases all locks on the file, because somebody may have changed it
    /// since; where it holds one for writing, the fork cannot write other files either that were open. Connections that the guest accepted become a [`Tombstone`](crate::fs::Tombstone).
    ///
    /// A fixed clock and a seeded source of randomness go on from the same state in both. The fork has used
    /// as much disk space and output as this guest. Its [`Stats`](crate::Stats) begin at 0, and it has no
    /// deadline, no pending interrupt and no trace.
    pub fn fork(&self, streams: Streams) -> Result<Self> {
        self.fork_with_random(streams, None)
    }

    /// Returns a fork, as [`fork`](Self::fork) does, in which `random` is the source of all randomness: of
    /// `random_get`, and of every random device. With `None` it is the same as `fork`.
    pub fn fork_with_random(&self, mut streams: Streams, random: Option<Box<dyn Random>>) -> Result<Self> {
        let new = random.as_ref().unwrap_or(&self.random).fork();
        let locks = self.locks.fork();
        let mut fork = Fork::new(locks.clone(), random);
        let table = self.table.fork(&mut fork, &mut |origin| streams.take(origin))?;
        Ok(Self {
            args: self.args.clone(),
            env: self.env.clone(),
            table,
            locks,
            trees: self.trees.fork(&mut fork)?,
            clock: self.clock.fork(),
            random: new,
            limits: self.limits.clone(),
            output_left: self.output_left,
            run: Run::default(),
        })
    }

    /// Replaces the guest's state by `world`, a fork of an earlier one.
    ///
    /// The interrupt handle, the deadline, the trace and the [`Stats`](crate::Stats) stay, and output that
    /// was written still counts.
    pub fn go_back(&mut self, world: Self) {
        let Run { stats, tracer, watch, record: _ } = std::mem::take(&mut self.run);
        let run = Run { stats, tracer, watch: watch.renewed(), record: world.run.record };
        *self = Self { output_left: self.output_left, run, ..world };
    }
}
