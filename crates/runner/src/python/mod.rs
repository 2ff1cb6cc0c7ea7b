//! Python in a sandbox, for programs that embed it.

pub(crate) mod advice;
mod builder;
pub(crate) mod embedded;
mod files;
pub(crate) mod guest;
pub(crate) mod host;
mod host_files;
mod locks;
#[cfg(feature = "native")]
mod native;
mod pool;
pub(crate) mod script;
mod snapshot;
pub(crate) mod snapshot_file;
pub(crate) mod start;
pub(crate) mod stdio;
pub(crate) mod world;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasi_core::Interrupt;

pub use self::builder::PythonBuilder;
pub use self::files::Files;
use self::guest::Guest;
pub use self::pool::{Pool, Pooled};
pub(crate) use self::snapshot::GuestState;
pub use self::snapshot::Snapshot;
pub(crate) use self::stdio::{Sink, Stdio};
use crate::answer::text;
use crate::error::Error;
use crate::value::{Value, from_value, to_value};

/// A Python interpreter with one namespace, alone in its sandbox.
///
/// Everything that is executed shares the namespace of `__main__`. Python starts at the first call
/// that needs it, or ahead of that by [`init`](Self::init).
///
/// Each call has the time and the fuel of [`Limits`](crate::Limits); memory, disk and output are
/// for the interpreter's whole life. A dropped interpreter just ends: no exit handlers run.
///
/// ```
/// let mut py = python_wasm::Python::builder().build()?;
/// py.exec("x = 40")?;
/// assert_eq!(py.eval::<i64>("x + 2")?, 42);
/// # Ok::<(), python_wasm::Error>(())
/// ```
pub struct Python {
    guest: Guest,
    stdio: Stdio,
    args: Vec<String>,
    /// The numbers when the last [`Output`] was taken.
    taken: Counts,
    wall: Duration,
    started: bool,
}

/// What a piece of code printed, and what it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// Standard output since the last `Output`, if it is captured. Bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// Standard error since the last `Output`, if it is captured.
    pub stderr: String,
    /// What it cost since then.
    pub stats: Stats,
}

/// What running cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Time spent in calls to Python, sleep and waiting included.
    pub wall: Duration,
    /// The part of that time spent in functions of the host.
    pub host: Duration,
    /// Units of fuel, as [`Limits::fuel`](crate::Limits#structfield.fuel) counts them for each engine. By
    /// one engine the same code from the same state uses the same.
    pub fuel: u64,
    /// The most bytes of memory that Python has had since it was built.
    pub peak_memory: u64,
    /// Calls to WASI.
    pub syscalls: u64,
    /// Bytes that Python read from files and streams.
    pub bytes_in: u64,
    /// Bytes that Python wrote to files and streams.
    pub bytes_out: u64,
}

impl fmt::Debug for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Python")
            .field("started", &self.started)
            .field("usable", &self.is_usable())
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

/// The numbers that only grow.
#[derive(Clone, Copy, Default)]
struct Counts {
    fuel: u64,
    host: Duration,
    wasi: wasi_core::Stats,
}

/// Stops Python from another thread. Cloning gives another handle on the same interpreter.
///
/// The thread that runs Python looks at it all the time, even in blocking calls.
#[derive(Clone, Debug)]
pub struct InterruptHandle(Interrupt);

impl InterruptHandle {
    /// Raises `KeyboardInterrupt` where the code is. Between calls it does nothing.
    ///
    /// Code that has not yet noticed an earlier interrupt, because it is in one long operation, is ended
    /// as by [`terminate`](Self::terminate).
    pub fn interrupt(&self) {
        self.0.interrupt();
    }

    /// Ends the code now and the interpreter with it.
    pub fn terminate(&self) {
        self.0.terminate();
    }
}

impl Python {
    /// Starts to describe a sandbox, with nothing granted.
    pub fn builder() -> PythonBuilder {
        PythonBuilder::default()
    }

    fn new(guest: Guest, stdio: Stdio, args: Vec<String>) -> Self {
        Self { guest, stdio, args, taken: Counts::default(), wall: Duration::ZERO, started: false }
    }

    /// One that goes on from a snapshot with these streams.
    fn resumed(snapshot: &Snapshot, stdio: Stdio) -> Result<Self, Error> {
        let guest = snapshot.state.spawn(stdio.streams()?)?;
        Ok(Self { started: true, ..Self::new(guest, stdio, snapshot.args.clone()) })
    }

    /// Takes the state of this sandbox, from which others can start, and to which it can go back.
    ///
    /// No call may be under way, so a host function cannot take a snapshot. [`Error::Snapshot`] if an open
    /// file cannot be shared, or the host has no memory for it; [`Error::Unusable`] after the end.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        self.init()?;
        Ok(Snapshot { state: Arc::new(self.guest.snapshot()?), args: self.args.clone() })
    }

    /// Takes the state as [`snapshot`](Self::snapshot) does, with the same errors. A checkpoint is quicker
    /// to make when much has changed, and slower to start from: it suits the state before each step of a
    /// long task, to which one hardly ever goes back.
    pub fn checkpoint(&mut self) -> Result<Snapshot, Error> {
        self.init()?;
        Ok(Snapshot { state: Arc::new(self.guest.checkpoint()?), args: self.args.clone() })
    }

    /// Makes a second sandbox that goes on from the state of this one. Its output is captured and its
    /// input empty. From then on neither sees anything of the other.
    pub fn fork(&mut self) -> Result<Self, Error> {
        self.snapshot()?.spawn()
    }

    /// Replaces this sandbox's state by the snapshot's, and keeps its streams and limits. This works even
    /// for a sandbox that is no longer usable. Folders of the host do not change.
    ///
    /// [`Error::Snapshot`] if the snapshot has more memory than this sandbox may have.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        self.guest.restore(&snapshot.state, self.stdio.streams()?)?;
        self.args.clone_from(&snapshot.args);
        self.started = true;
        Ok(())
    }

    /// Starts Python now rather than at the first call. Further calls do nothing.
    ///
    /// Starting has the time and the fuel of one call, and ten seconds and 1,000,000,000 units more: only a
    /// `sitecustomize` of the program's own needs them.
    pub fn init(&mut self) -> Result<(), Error> {
        if !self.started {
            self.guest.start()?;
            self.started = true;
            self.guest.define_functions()?;
            if !self.args.is_empty() {
                let argv = self.args.iter().map(|arg| arg.as_str().into()).collect();
                self.guest.request("start", vec![Value::List(argv)])?;
            }
        }
        Ok(())
    }

    /// Whether a call can be made. An earlier call may have ended Python for good.
    pub fn is_usable(&self) -> bool {
        self.guest.is_usable()
    }

    /// Runs source code, as that of a module.
    pub fn exec(&mut self, source: &str) -> Result<Output, Error> {
        self.ask("run", vec![source.into(), "<string>".into()])?;
        Ok(self.take_output())
    }

    /// Evaluates an expression. The value converts to any type with serde, or to a [`Value`].
    pub fn eval<T: DeserializeOwned>(&mut self, expression: &str) -> Result<T, Error> {
        let value = self.ask("evaluate", vec![expression.into(), "<string>".into()])?;
        Ok(from_value(value)?)
    }

    /// Evaluates an expression and returns the `repr()` of its value.
    pub fn repr(&mut self, expression: &str) -> Result<String, Error> {
        text(self.ask("represent", vec![expression.into(), "<string>".into()])?)
    }

    /// Binds a name to a value. [`Error::Argument`] if the name is not an identifier.
    pub fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.ask("assign", vec![name.into(), to_value(value)?])?;
        Ok(())
    }

    /// Returns the value of a name. An [`Error::Exception`] (`NameError`) if there is none.
    pub fn get<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Error> {
        let value = self.ask("fetch", vec![name.into()])?;
        Ok(from_value(value)?)
    }

    /// Calls a function by its name, which may be dotted. A tuple holds all arguments, `()` means no
    /// argument, and any other value is the only argument.
    pub fn call<T: DeserializeOwned>(&mut self, name: &str, arguments: impl Serialize) -> Result<T, Error> {
        let arguments = match to_value(&arguments)? {
            Value::Tuple(arguments) => arguments,
            Value::None => Vec::new(),
            argument => vec![argument],
        };
        let value = self.ask("call", vec![name.into(), Value::Tuple(arguments)])?;
        Ok(from_value(value)?)
    }

    /// Runs a file of the sandbox as `python3 path` does, but in the shared namespace. `sys.argv` is the
    /// path, followed by the arguments of [`PythonBuilder::args`] after the first.
    pub fn run_file(&mut self, path: &str) -> Result<Output, Error> {
        let arguments = self.args.iter().skip(1).map(|arg| arg.as_str().into()).collect();
        self.ask("run_file", vec![path.into(), Value::Tuple(arguments)])?;
        Ok(self.take_output())
    }

    /// Runs a module as `python3 -m name arguments` does.
    pub fn run_module(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Output, Error> {
        let arguments = arguments.into_iter().map(|argument| Value::Str(argument.into())).collect();
        self.ask("run_module", vec![name.into(), Value::Tuple(arguments)])?;
        Ok(self.take_output())
    }

    /// Returns what was printed since the last [`Output`], and what that cost: by calls that return a
    /// value, or before an error.
    pub fn take_output(&mut self) -> Output {
        let taken = |sink: &Sink| String::from_utf8_lossy(&sink.take()).into_owned();
        let (stdout, stderr) = (taken(&self.stdio.stdout), taken(&self.stdio.stderr));
        let instance = self.guest.instance();
        let host = instance.state().calls.time;
        let now = Counts { fuel: instance.fuel(), host, wasi: instance.wasi().stats() };
        let before = std::mem::replace(&mut self.taken, now);
        let stats = Stats {
            wall: std::mem::take(&mut self.wall),
            host: now.host.saturating_sub(before.host),
            fuel: now.fuel - before.fuel,
            peak_memory: instance.memory_size(),
            syscalls: now.wasi.syscalls - before.wasi.syscalls,
            bytes_in: now.wasi.bytes_read - before.wasi.bytes_read,
            bytes_out: now.wasi.bytes_written - before.wasi.bytes_written,
        };
        Output { stdout, stderr, stats }
    }

    /// Returns the overlay that is mounted under this name, with the program's changes.
    pub fn files<'a>(&'a self, mount: &'a str) -> Files<'a> {
        Files::new(self.guest.instance().wasi(), mount)
    }

    /// Returns a handle that stops what this interpreter runs.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(self.guest.instance().wasi().interrupt().clone())
    }

    /// Returns the interpreter alone, with the sinks of its output and its errors.
    #[cfg(test)]
    pub(crate) fn into_guest(self) -> (Guest, Sink, Sink) {
        (self.guest, self.stdio.stdout, self.stdio.stderr)
    }

    fn ask(&mut self, operation: &str, arguments: Vec<Value>) -> Result<Value, Error> {
        self.init()?;
        let start = Instant::now();
        let answer = self.guest.request(operation, arguments);
        self.wall += start.elapsed();
        answer
    }
}
