//! Python in a sandbox, for programs that embed it.

pub(crate) mod advice;
#[cfg(feature = "tokio")]
mod awaited;
mod builder;
mod bytecode;
#[cfg(feature = "tokio")]
mod cancellation;
pub(crate) mod embedded;
mod files;
#[cfg(feature = "tokio")]
mod futures;
pub(crate) mod guest;
#[cfg(not(feature = "tokio"))]
mod here;
#[cfg(feature = "tokio")]
mod home;
pub(crate) mod host;
mod host_files;
pub(crate) mod image;
mod interpreter;
mod limits;
mod locks;
#[cfg(feature = "native")]
mod native;
mod output;
mod pool;
pub(crate) mod replace;
mod resuming;
pub(crate) mod script;
pub(crate) mod site;
mod snapshot;
pub(crate) mod snapshot_file;
mod snapshot_info;
pub(crate) mod start;
pub(crate) mod stdio;
mod tools;
pub(crate) mod world;
mod writer;

use std::fmt;
use std::sync::Arc;

use python_wasm_sandbox::Limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasi_core::Interrupt;

pub use self::builder::PythonBuilder;
pub use self::bytecode::user_cache;
pub use self::files::{Entry, EntryKind, Files};
#[cfg(test)]
use self::guest::Guest;
pub use self::image::Image;

#[cfg(not(feature = "tokio"))]
use self::here::Home;
#[cfg(feature = "tokio")]
use self::home::Home;
use self::interpreter::Interpreter;
pub use self::output::{Output, Report, Stats};
pub use self::pool::{Pool, PoolStats, Pooled};
pub(crate) use self::snapshot::GuestState;
pub use self::snapshot::Snapshot;
pub use self::snapshot_info::{Misfit, SnapshotInfo};
#[cfg(test)]
pub(crate) use self::stdio::Sink;
pub(crate) use self::stdio::Stdio;
use crate::answer::text;
use crate::error::Error;
#[cfg(feature = "tokio")]
use crate::functions::Workers;
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
    interpreter: Home,
    /// The threads of calls that are awaited.
    #[cfg(feature = "tokio")]
    workers: Workers,
}

impl fmt::Debug for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Python")
            .field("usable", &self.is_usable())
            .field("args", &self.interpreter.args)
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

    fn new(interpreter: Interpreter) -> Self {
        Self {
            interpreter: Home::new(interpreter),
            #[cfg(feature = "tokio")]
            workers: Workers::default(),
        }
    }

    /// Takes the state of this sandbox, from which others can start, and to which it can go back.
    ///
    /// No call may be under way, so a host function cannot take a snapshot. [`Error::Snapshot`] if an open
    /// file cannot be shared, or the host has no memory for it; [`Error::Unusable`] after the end.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        self.init()?;
        let Interpreter { guest, args, .. } = &mut *self.interpreter;
        Ok(Snapshot { state: Arc::new(guest.snapshot()?), args: args.clone() })
    }

    /// Takes the state as [`snapshot`](Self::snapshot) does, with the same errors. A checkpoint is quicker
    /// to make when much has changed, and slower to start from: it suits the state before each step of a
    /// long task, to which one hardly ever goes back.
    pub fn checkpoint(&mut self) -> Result<Snapshot, Error> {
        self.init()?;
        let Interpreter { guest, args, .. } = &mut *self.interpreter;
        Ok(Snapshot { state: Arc::new(guest.checkpoint()?), args: args.clone() })
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
        self.interpreter.restore(snapshot)
    }

    /// Starts Python now rather than at the first call. Further calls do nothing.
    ///
    /// Starting has the time and the fuel of one call, and ten seconds and 1,000,000,000 units more: only a
    /// `sitecustomize` of the program's own needs them.
    pub fn init(&mut self) -> Result<(), Error> {
        self.interpreter.init()
    }

    /// Sets how much Python may use, from the next call on. To change the limits of one call, set them
    /// before it and again after it.
    ///
    /// [`Error::Config`] for more memory than the sandbox was made with, and for other limits on disk space
    /// and open files: those are the sandbox's for its whole life.
    pub fn set_limits(&mut self, limits: Limits) -> Result<(), Error> {
        self.interpreter.guest.set_limits(limits)
    }

    /// Returns the limits of the next call.
    pub fn limits(&self) -> &Limits {
        self.interpreter.guest.limits()
    }

    /// Whether a call can be made. An earlier call may have ended Python for good.
    pub fn is_usable(&self) -> bool {
        self.interpreter.guest.is_usable()
    }

    /// Runs source code, as that of a module. It may await outside of a function: in one event loop of `asyncio`,
    /// whose tasks go on from one call to the next.
    pub fn exec(&mut self, source: &str) -> Result<Output, Error> {
        self.exec_named(source, "<string>")
    }

    /// Runs source code as [`exec`](Self::exec) does, under a file name of your choice: tracebacks and
    /// [`Frame::file`](crate::Frame) show it. No file needs to have the name.
    ///
    /// ```
    /// # use python_wasm::{Error, Python};
    /// let mut py = Python::builder().build()?;
    /// let Err(Error::Exception { frames, .. }) = py.exec_named("\n1 / 0", "plugin.py") else { panic!() };
    /// assert_eq!((frames[0].file.as_str(), frames[0].line), ("plugin.py", 2));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn exec_named(&mut self, source: &str, file: &str) -> Result<Output, Error> {
        self.interpreter.run("run", vec![source.into(), file.into()])
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
        let value = self.interpreter.ask("run_to_value", vec![source.into(), "<string>".into()], Ok)?;
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
        let shown =
            self.interpreter.ask(
                "run_to_repr",
                vec![source.into(), "<string>".into()],
                |value| match value {
                    Value::None => Ok(None),
                    value => text(value).map(Some),
                },
            )?;
        Ok((self.take_output(), shown))
    }

    /// Runs source code as [`exec_repr`](Self::exec_repr) does, and tells all that came of it, for a model or a log:
    /// what it printed is there if it failed, too.
    ///
    /// ```
    /// # use python_wasm::Python;
    /// let mut py = Python::builder().build()?;
    /// let report = py.exec_report("print('so far')\n1 / 0");
    /// assert_eq!(report.output.stdout, "so far\n");
    /// assert!(report.error.is_some_and(|error| error.is_exception("ZeroDivisionError")));
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    pub fn exec_report(&mut self, source: &str) -> Report {
        match self.exec_repr(source) {
            Ok((output, value)) => Report { output, value, error: None },
            Err(error) => Report { output: self.take_output(), value: None, error: Some(error) },
        }
    }

    /// Evaluates an expression, which may await. The value converts to any type with serde, or to a [`Value`].
    pub fn eval<T: DeserializeOwned>(&mut self, expression: &str) -> Result<T, Error> {
        self.interpreter
            .ask("evaluate", vec![expression.into(), "<string>".into()], |value| Ok(from_value(value)?))
    }

    /// Evaluates an expression and returns the `repr()` of its value.
    pub fn repr(&mut self, expression: &str) -> Result<String, Error> {
        self.interpreter.ask("represent", vec![expression.into(), "<string>".into()], text)
    }

    /// Binds a name to a value. [`Error::Argument`] if the name is not an identifier.
    pub fn set(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.interpreter.ask("assign", vec![name.into(), to_value(value)?], |_none| Ok(()))
    }

    /// Returns the value of a name. An [`Error::Exception`] (`NameError`) if there is none.
    pub fn get<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Error> {
        self.interpreter.ask("fetch", vec![name.into()], |value| Ok(from_value(value)?))
    }

    /// Calls a function by its name, which may be dotted. An `async def` runs to its end.
    ///
    /// A tuple holds all arguments, `()` means no argument, and any other value is the only argument: also
    /// `None`, an array, and bytes. A [`Value::Tuple`] is a tuple, too, for arguments of any number.
    pub fn call<T: DeserializeOwned>(&mut self, name: &str, arguments: impl Serialize) -> Result<T, Error> {
        let arguments = Value::Tuple(to_arguments(&arguments)?);
        self.interpreter.ask("call", vec![name.into(), arguments], |value| Ok(from_value(value)?))
    }

    /// Calls a function by its name, which may be dotted, with these positional and keyword arguments.
    pub fn call_with_keywords(
        &mut self,
        name: &str,
        arguments: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> Result<Value, Error> {
        let keywords = keywords.into_iter().map(|(name, value)| (Value::Str(name), value)).collect();
        self.interpreter.ask("call", vec![name.into(), Value::Tuple(arguments), Value::Dict(keywords)], Ok)
    }

    /// Runs a file of the sandbox as `python3 path` does, but in the shared namespace. `sys.argv` is the
    /// path, followed by the arguments of [`PythonBuilder::args`] after the first.
    pub fn run_file(&mut self, path: &str) -> Result<Output, Error> {
        let arguments = self.interpreter.args.iter().skip(1).map(|arg| arg.as_str().into()).collect();
        self.interpreter.run("run_file", vec![path.into(), Value::Tuple(arguments)])
    }

    /// Runs a module as `python3 -m name arguments` does.
    pub fn run_module(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Output, Error> {
        let arguments = arguments.into_iter().map(|argument| Value::Str(argument.into())).collect();
        self.interpreter.run("run_module", vec![name.into(), Value::Tuple(arguments)])
    }

    /// Returns what was printed since the last [`Output`], and what that cost: by calls that return a
    /// value, or by one that failed. The next call drops what a failed one printed.
    pub fn take_output(&mut self) -> Output {
        self.interpreter.take_output()
    }

    /// Returns the folder that the program sees under this name, to read and write files there, and to
    /// review the changes in an overlay.
    pub fn files<'a>(&'a self, mount: &'a str) -> Files<'a> {
        Files::new(self.interpreter.guest.instance().wasi(), mount)
    }

    /// Returns a handle that stops what this interpreter runs.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(self.interpreter.guest.instance().wasi().interrupt().clone())
    }

    /// Returns the interpreter alone, with the sinks of its output and its errors.
    #[cfg(test)]
    pub(crate) fn into_guest(self) -> (Guest, Sink, Sink) {
        let Interpreter { guest, stdio, .. } = self.interpreter.into_interpreter();
        (guest, stdio.stdout, stdio.stderr)
    }
}
