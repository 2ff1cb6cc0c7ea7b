//! Python in a sandbox, for programs that embed it.

pub(crate) mod advice;
mod builder;
mod bytecode;
pub(crate) mod embedded;
mod files;
pub(crate) mod guest;
pub(crate) mod host;
mod host_files;
pub(crate) mod image;
mod locks;
#[cfg(feature = "native")]
mod native;
mod output;
mod pool;
mod resuming;
pub(crate) mod script;
pub(crate) mod site;
mod snapshot;
pub(crate) mod snapshot_file;
pub(crate) mod start;
pub(crate) mod stdio;
mod tools;
pub(crate) mod world;
mod writer;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use python_wasm_sandbox::Limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasi_core::Interrupt;

pub use self::builder::PythonBuilder;
pub use self::bytecode::user_cache;
pub use self::files::{Entry, EntryKind, Files};
use self::guest::Guest;
pub use self::image::Image;
use self::output::{Counts, Printed};
pub use self::output::{Output, Stats};
pub use self::pool::{Pool, PoolStats, Pooled};
pub(crate) use self::snapshot::GuestState;
pub use self::snapshot::Snapshot;
#[cfg(test)]
pub(crate) use self::stdio::Sink;
pub(crate) use self::stdio::Stdio;
use crate::answer::text;
use crate::error::Error;
use crate::value::{Value, from_value, to_arguments, to_value};

/// A Python interpreter with one namespace, alone in its sandbox.
///
/// Everything that is executed shares the namespace of `__main__`. Python starts at the first call
/// that needs it, or ahead of that by [`init`](Self::init).
///
/// Each call has the time, the fuel and the output of [`Limits`](crate::Limits); memory and disk are
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
    /// What Python must be told before it runs anything: operations of the agent.
    ahead: VecDeque<(&'static str, Vec<Value>)>,
    /// What was printed and not taken.
    printed: Printed,
    /// The numbers when the last [`Output`] was taken.
    taken: Counts,
    wall: Duration,
}

impl fmt::Debug for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Python")
            .field("usable", &self.is_usable())
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
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
        Self {
            guest,
            stdio,
            args,
            ahead: VecDeque::new(),
            printed: Printed::default(),
            taken: Counts::default(),
            wall: Duration::ZERO,
        }
    }

    /// Lets Python be told something before it runs anything else.
    fn tell_ahead(&mut self, operation: &'static str, arguments: Vec<Value>) {
        self.ahead.push_back((operation, arguments));
    }

    /// Lets Python be told whatever has to do with its functions and streams.
    fn tell_surroundings(&mut self) {
        for (operation, arguments) in self.guest.surroundings() {
            self.tell_ahead(operation, arguments);
        }
        self.tell_streams();
    }

    fn tell_streams(&mut self) {
        if self.stdio.is_watched() {
            self.tell_ahead("stream_lines", Vec::new());
        }
    }

    fn tell_args(&mut self) {
        if !self.args.is_empty() {
            let argv = self.args.iter().map(|arg| arg.as_str().into()).collect();
            self.tell_ahead("start", vec![Value::List(argv)]);
        }
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
    /// for a sandbox that is no longer usable. Folders of the host do not change. What was printed and not
    /// taken is dropped.
    ///
    /// [`Error::Snapshot`] if the snapshot has more memory than this sandbox may have.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        self.guest.restore(&snapshot.state, self.stdio.streams()?)?;
        self.args.clone_from(&snapshot.args);
        self.printed.gather(&self.stdio);
        self.printed.take();
        self.ahead.clear();
        self.tell_streams();
        Ok(())
    }

    /// Starts Python now rather than at the first call. Further calls do nothing.
    ///
    /// Starting has the time and the fuel of one call, and ten seconds and 1,000,000,000 units more: only a
    /// `sitecustomize` of the program's own needs them.
    pub fn init(&mut self) -> Result<(), Error> {
        self.guest.start()?;
        while let Some((operation, arguments)) = self.ahead.front().cloned() {
            self.guest.request(operation, arguments)?;
            self.ahead.pop_front();
        }
        Ok(())
    }

    /// Sets how much Python may use, from the next call on. To change the limits of one call, set them
    /// before it and again after it.
    ///
    /// [`Error::Config`] for more memory than the sandbox was made with, and for other limits on disk space
    /// and open files: those are the sandbox's for its whole life.
    pub fn set_limits(&mut self, limits: Limits) -> Result<(), Error> {
        self.guest.set_limits(limits)
    }

    /// Returns the limits of the next call.
    pub fn limits(&self) -> &Limits {
        self.guest.limits()
    }

    /// Whether a call can be made. An earlier call may have ended Python for good.
    pub fn is_usable(&self) -> bool {
        self.guest.is_usable()
    }

    /// Runs source code, as that of a module.
    pub fn exec(&mut self, source: &str) -> Result<Output, Error> {
        self.run("run", vec![source.into(), "<string>".into()])
    }

    /// Runs source code as [`exec`](Self::exec) does, and returns the value of the last statement if that is
    /// an expression, as a notebook shows it; [`Value::None`] if not.
    ///
    /// A value that cannot leave Python, because it is too large or contains itself, is a
    /// [`Value::Object`].
    ///
    /// ```
    /// # use python_wasm::{Python, Value};
    /// let mut py = Python::builder().build()?;
    /// let (output, value) = py.exec_value("print('hi')\nx = 40\nx + 2")?;
    /// assert_eq!((output.stdout.as_str(), value), ("hi\n", Value::Int(42)));
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    pub fn exec_value(&mut self, source: &str) -> Result<(Output, Value), Error> {
        let value = self.ask("run_to_value", vec![source.into(), "<string>".into()], Ok)?;
        Ok((self.take_output(), value))
    }

    /// Runs source code as [`exec`](Self::exec) does, and returns the `repr()` of what
    /// [`exec_value`](Self::exec_value) would return, cut after 4,096 characters; `None` if a prompt would show
    /// nothing.
    ///
    /// ```
    /// # use python_wasm::Python;
    /// let mut py = Python::builder().build()?;
    /// let (_, shown) = py.exec_repr("from fractions import Fraction\nFraction(3, 6)")?;
    /// assert_eq!(shown.as_deref(), Some("Fraction(1, 2)"));
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    pub fn exec_repr(&mut self, source: &str) -> Result<(Output, Option<String>), Error> {
        let shown = self.ask("run_to_repr", vec![source.into(), "<string>".into()], |value| match value {
            Value::None => Ok(None),
            value => text(value).map(Some),
        })?;
        Ok((self.take_output(), shown))
    }

    /// Evaluates an expression. The value converts to any type with serde, or to a [`Value`].
    pub fn eval<T: DeserializeOwned>(&mut self, expression: &str) -> Result<T, Error> {
        self.ask("evaluate", vec![expression.into(), "<string>".into()], |value| Ok(from_value(value)?))
    }

    /// Evaluates an expression and returns the `repr()` of its value.
    pub fn repr(&mut self, expression: &str) -> Result<String, Error> {
        self.ask("represent", vec![expression.into(), "<string>".into()], text)
    }

    /// Binds a name to a value. [`Error::Argument`] if the name is not an identifier.
    pub fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.ask("assign", vec![name.into(), to_value(value)?], |_none| Ok(()))
    }

    /// Returns the value of a name. An [`Error::Exception`] (`NameError`) if there is none.
    pub fn get<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Error> {
        self.ask("fetch", vec![name.into()], |value| Ok(from_value(value)?))
    }

    /// Calls a function by its name, which may be dotted.
    ///
    /// A tuple holds all arguments, `()` means no argument, and any other value is the only argument: also
    /// `None`, an array, and bytes. A [`Value::Tuple`] is a tuple, too, for arguments of any number.
    pub fn call<T: DeserializeOwned>(&mut self, name: &str, arguments: impl Serialize) -> Result<T, Error> {
        let arguments = Value::Tuple(to_arguments(&arguments)?);
        self.ask("call", vec![name.into(), arguments], |value| Ok(from_value(value)?))
    }

    /// Calls a function by its name, which may be dotted, with these positional and keyword arguments.
    pub fn call_with_keywords(
        &mut self,
        name: &str,
        arguments: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> Result<Value, Error> {
        let keywords = keywords.into_iter().map(|(name, value)| (Value::Str(name), value)).collect();
        self.ask("call", vec![name.into(), Value::Tuple(arguments), Value::Dict(keywords)], Ok)
    }

    /// Runs a file of the sandbox as `python3 path` does, but in the shared namespace. `sys.argv` is the
    /// path, followed by the arguments of [`PythonBuilder::args`] after the first.
    pub fn run_file(&mut self, path: &str) -> Result<Output, Error> {
        let arguments = self.args.iter().skip(1).map(|arg| arg.as_str().into()).collect();
        self.run("run_file", vec![path.into(), Value::Tuple(arguments)])
    }

    /// Runs a module as `python3 -m name arguments` does.
    pub fn run_module(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Output, Error> {
        let arguments = arguments.into_iter().map(|argument| Value::Str(argument.into())).collect();
        self.run("run_module", vec![name.into(), Value::Tuple(arguments)])
    }

    /// Returns what was printed since the last [`Output`], and what that cost: by calls that return a
    /// value, or by one that failed. The next call drops what a failed one printed.
    pub fn take_output(&mut self) -> Output {
        self.printed.gather(&self.stdio);
        let (stdout, stderr) = self.printed.take();
        let instance = self.guest.instance();
        let host = instance.state().calls.time;
        let now = Counts { fuel: instance.fuel(), host, wasi: instance.wasi().stats() };
        let before = std::mem::replace(&mut self.taken, now);
        let stats = now.since(&before, std::mem::take(&mut self.wall), instance.memory_size());
        Output { stdout, stderr, stats }
    }

    /// Returns the folder that the program sees under this name, to read and write files there, and to
    /// review the changes in an overlay.
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

    fn run(&mut self, operation: &str, arguments: Vec<Value>) -> Result<Output, Error> {
        self.ask(operation, arguments, |_none| Ok(()))?;
        Ok(self.take_output())
    }

    /// Makes one call, and reads the value that it returns.
    fn ask<T>(
        &mut self,
        operation: &str,
        arguments: Vec<Value>,
        read: impl FnOnce(Value) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.printed.begin();
        // What was not taken counts, so that no number of calls fills the host's memory.
        let output = self.guest.limits().output.saturating_sub(self.printed.len());
        self.guest.allow_output(output);
        let ready = self.init();
        let start = Instant::now();
        let answer = ready.and_then(|()| self.guest.request(operation, arguments)).and_then(read);
        self.wall += start.elapsed();
        self.printed.gather(&self.stdio);
        // A writer that failed is not passed over in silence, even if Python was not told any more.
        let answer = match (answer, self.stdio.take_failure()) {
            (Ok(_), Some(failure)) => Err(Error::Io(failure)),
            (answer, _) => answer,
        };
        self.printed.ended(answer.is_err());
        answer
    }
}
