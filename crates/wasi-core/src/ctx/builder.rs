//! The builder of a context.

use super::context::{Run, WasiCtx, without_nul};
use super::fork::Streams;
use super::trees::Trees;
use super::watch::Watch;
use crate::clock::{Clock, SystemClock};
use crate::errno::Result;
use crate::fs::{Dir, File, Locks, stdio};
use crate::interrupt::Interrupt;
use crate::limits::Limits;
use crate::random::{Random, SystemRandom};
use crate::table::{Descriptor, OpenFile, Origin, Table};
use crate::trace::Tracer;

/// Collects what a guest is granted. It takes nothing from the process by itself.
pub struct WasiCtxBuilder {
    args: Vec<Vec<u8>>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    stdio: [Box<dyn File>; 3],
    preopens: Vec<(String, Box<dyn Dir>)>,
    sockets: Vec<Box<dyn File>>,
    clock: Box<dyn Clock>,
    random: Box<dyn Random>,
    limits: Limits,
    interrupt: Interrupt,
    tracer: Option<Tracer>,
}

impl Default for WasiCtxBuilder {
    fn default() -> Self {
        Self {
            args: Vec::new(),
            env: Vec::new(),
            stdio: [Box::new(stdio::Null), Box::new(stdio::Null), Box::new(stdio::Null)],
            preopens: Vec::new(),
            sockets: Vec::new(),
            clock: Box::new(SystemClock),
            random: Box::new(SystemRandom::new()),
            limits: Limits::default(),
            interrupt: Interrupt::default(),
            tracer: None,
        }
    }
}

impl WasiCtx {
    /// Returns a builder that grants nothing yet: no arguments, no environment, an empty stdin, output that
    /// is thrown away, no directories, the host's clocks and entropy, and default [`Limits`].
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::default()
    }
}

impl WasiCtxBuilder {
    /// Adds one argument. The first one is the program's name.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<Vec<u8>>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds several arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets one environment variable. A second one of the same name replaces the first.
    #[must_use]
    pub fn env(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        let key = key.into();
        self.env.retain(|(other, _)| *other != key);
        self.env.push((key, value.into()));
        self
    }

    /// Sets all three standard streams. Sockets in `streams` are ignored.
    #[must_use]
    pub fn streams(mut self, streams: Streams) -> Self {
        self.stdio = streams.into_stdio();
        self
    }

    /// Sets what descriptor 0 reads from.
    #[must_use]
    pub fn stdin(mut self, file: Box<dyn File>) -> Self {
        self.stdio[0] = file;
        self
    }

    /// Sets what descriptor 1 writes to.
    #[must_use]
    pub fn stdout(mut self, file: Box<dyn File>) -> Self {
        self.stdio[1] = file;
        self
    }

    /// Sets what descriptor 2 writes to.
    #[must_use]
    pub fn stderr(mut self, file: Box<dyn File>) -> Self {
        self.stdio[2] = file;
        self
    }

    /// Grants a directory, which the guest sees under exactly this name. The first one is descriptor 3.
    #[must_use]
    pub fn preopen(mut self, name: impl Into<String>, dir: Box<dyn Dir>) -> Self {
        self.preopens.push((name.into(), dir));
        self
    }

    /// Grants a socket. The descriptors of sockets follow those of directories.
    #[must_use]
    pub fn socket(mut self, socket: Box<dyn File>) -> Self {
        self.sockets.push(socket);
        self
    }

    /// Sets the clocks. The default is the host's.
    #[must_use]
    pub fn clock(mut self, clock: Box<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the source of `random_get`. The default is the host's entropy.
    #[must_use]
    pub fn random(mut self, random: Box<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Sets what the guest may use.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the handle that interrupts or ends the guest, if one exists already.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// Sets the function that gets a line for every call.
    #[must_use]
    pub fn trace(mut self, tracer: Tracer) -> Self {
        self.tracer = Some(tracer);
        self
    }

    /// Makes the context.
    ///
    /// [`Errno::Inval`](crate::Errno::Inval) for a NUL in an argument, a variable or a preopen's name, and
    /// for a `=` in a variable's name; [`Errno::Mfile`](crate::Errno::Mfile) if more is granted than the
    /// limit on open files allows.
    pub fn build(self) -> Result<WasiCtx> {
        let mut table = Table::new(self.limits.open_files);
        for (index, file) in self.stdio.into_iter().enumerate() {
            let (origin, read) = match index {
                0 => (Origin::Input, true),
                1 => (Origin::Output, false),
                _ => (Origin::Error, false),
            };
            table.insert(Descriptor::File(OpenFile { file, read, write: !read, origin }))?;
        }
        let limits = self.limits;
        let mut ctx = WasiCtx {
            args: Vec::new(),
            env: Vec::new(),
            table,
            locks: Locks::default(),
            trees: Trees::default(),
            clock: self.clock,
            random: self.random,
            output_left: limits.output,
            limits,
            run: Run { tracer: self.tracer, watch: Watch::new(self.interrupt), ..Run::default() },
        };
        ctx.set_args(self.args)?;
        ctx.set_env(self.env)?;
        for (name, dir) in self.preopens {
            without_nul(name.clone().into_bytes())?;
            ctx.add_preopen(&name, dir)?;
        }
        for (index, file) in self.sockets.into_iter().enumerate() {
            let origin = Origin::Socket(index);
            ctx.table.insert(Descriptor::File(OpenFile { file, read: true, write: true, origin }))?;
        }
        Ok(ctx)
    }
}
