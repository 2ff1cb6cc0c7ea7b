//! The description of a sandboxed interpreter.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use python_wasm_engine::Engine;
use python_wasm_sandbox::place::normalized;
use python_wasm_sandbox::{Limits, Mount, Sandbox};
use wasi_core::fs::stdio::Input;
use wasi_core::{Errno, WasiCtx};

use super::guest::Guest;
use super::host::HostState;
use super::stdio::{SharedWriter, Sink, Source, Stdio};
use super::world::furnish;
use super::{Python, Snapshot, embedded};
use crate::error::Error;
use crate::functions::{CallingFunction, Function, Functions};

/// Describes a sandbox. For Python, only what is granted here exists.
///
/// Python always sees its library at `/usr`, the devices `/dev/null`, `/dev/zero`, `/dev/random` and
/// `/dev/urandom`, its own descriptors as `/dev/stdin`, `/dev/stdout`, `/dev/stderr` and `/dev/fd/N`, and an
/// empty `/tmp` in memory. By default its output is captured and its input empty.
#[derive(Default)]
pub struct PythonBuilder {
    sandbox: Sandbox,
    /// Set by the caller. `None` means the default, which differs for interactive use.
    limits: Option<Limits>,
    args: Vec<String>,
    stdio: Stdio,
    functions: Functions,
    error: Option<Error>,
}

impl fmt::Debug for PythonBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PythonBuilder")
            .field("limits", &self.limits)
            .field("args", &self.args)
            .field("functions", &self.functions)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl PythonBuilder {
    /// Grants a folder under an absolute name, such as `/data`.
    #[must_use]
    pub fn mount(mut self, guest: &str, mount: Mount) -> Self {
        if guest.starts_with('/') && normalized(guest) == guest {
            self.sandbox.mount(guest, mount);
        } else {
            let message = format!("{guest:?} is not an absolute path that a folder can be mounted at");
            self.error.get_or_insert(Error::config(message));
        }
        self
    }

    /// Sets an environment variable. Python sees only those set here.
    #[must_use]
    pub fn env(mut self, key: &str, value: &str) -> Self {
        self.sandbox.env(key, value);
        self
    }

    /// Sets `sys.argv`. The first argument is the program's own name.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what Python reads from standard input.
    #[must_use]
    pub fn stdin_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdio.stdin = Source::Bytes(Input::new(bytes));
        self
    }

    /// Keeps what Python prints for the next [`Output`](crate::Output). This is the default.
    #[must_use]
    pub fn capture_output(mut self) -> Self {
        let Stdio { stdout, stderr, .. } = Stdio::captured();
        (self.stdio.stdout, self.stdio.stderr) = (stdout, stderr);
        self
    }

    /// Gives Python this process's own standard streams.
    #[must_use]
    pub fn inherit_stdio(mut self) -> Self {
        self.stdio = Stdio { stdin: Source::Inherited, stdout: Sink::Inherited, stderr: Sink::Inherited };
        self
    }

    /// Sends standard output to `writer`. Standard error is dropped unless
    /// [`stderr_writer`](Self::stderr_writer) is called, too.
    ///
    /// No limit or interrupt can stop Python while the writer keeps it waiting.
    #[must_use]
    pub fn stdout_writer(mut self, writer: impl Write + Send + 'static) -> Self {
        self.stdio.stdout = Sink::Written(SharedWriter::new(writer));
        if !matches!(self.stdio.stderr, Sink::Written(_)) {
            self.stdio.stderr = Sink::Nothing;
        }
        self
    }

    /// Sends standard error to `writer`. Standard output is dropped unless
    /// [`stdout_writer`](Self::stdout_writer) is called, too.
    #[must_use]
    pub fn stderr_writer(mut self, writer: impl Write + Send + 'static) -> Self {
        self.stdio.stderr = Sink::Written(SharedWriter::new(writer));
        if !matches!(self.stdio.stdout, Sink::Written(_)) {
            self.stdio.stdout = Sink::Nothing;
        }
        self
    }

    /// Offers a Rust function to Python, which finds it in the module `host`:
    ///
    /// ```
    /// # use python_wasm::Python;
    /// let mut py = Python::builder()
    ///     .function("price", |item: String| match item.as_str() {
    ///         "apple" => Ok(1.5),
    ///         other => Err(format!("nobody sells {other}")),
    ///     })
    ///     .build()?;
    /// py.exec("from host import price")?;
    /// assert_eq!(py.eval::<f64>("2 * price('apple')")?, 3.0);
    /// assert!(py.exec("price('house')").unwrap_err().is_exception("host.Error"));
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    ///
    /// Arguments and result convert like all values: they are any types with serde, or
    /// [`Value`](crate::Value). Python passes up to eight arguments, by position. An error that can be
    /// displayed is raised as `host.Error`, a [`Raise`](crate::Raise) as the exception that it names, a
    /// wrong number or type of arguments as `TypeError`, and a panic as `RuntimeError` (unless panics
    /// abort the program).
    ///
    /// The function runs on the thread that runs Python, costs no fuel, and cannot be interrupted: a
    /// long one belongs into [`function_with_caller`](Self::function_with_caller). Its time counts
    /// towards [`Limits::timeout`]; [`Stats::host`](crate::Stats::host) shows it separately. All forks of
    /// the interpreter share the function, on whatever threads they run.
    ///
    /// [`build`](Self::build) returns [`Error::Config`] for a name that is not an identifier of ASCII
    /// letters, digits and `_`, that begins with two `_`, or that is `Error`.
    #[must_use]
    pub fn function<A>(self, name: &str, function: impl Function<A>) -> Self {
        self.offer(|functions| functions.plain(name, function))
    }

    /// Offers a function whose first argument is a [`Caller`](crate::Caller), through which it calls back
    /// into Python and sees the deadline.
    ///
    /// ```
    /// # use python_wasm::{Callable, Caller, Error, Python};
    /// let mut py = Python::builder()
    ///     .function_with_caller("twice", |python: &Caller, function: Callable, x: i64| {
    ///         let once: i64 = python.call(&function, x)?;
    ///         python.call::<i64>(&function, once)
    ///     })
    ///     .build()?;
    /// py.exec("from host import twice")?;
    /// assert_eq!(py.eval::<i64>("twice(lambda x: x * 3, 5)")?, 45);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// The function runs on a thread of its own. Python waits for it, but not past an interrupt or the end
    /// of its time. At most 64 such functions run at once; one more raises `RecursionError`.
    #[must_use]
    pub fn function_with_caller<A>(self, name: &str, function: impl CallingFunction<A>) -> Self {
        self.offer(|functions| functions.calling(name, function))
    }

    /// Offers a function that Python awaits.
    ///
    /// The function starts on a thread of its own when Python first awaits it, so that several run at once
    /// (`await asyncio.gather(fetch('a'), fetch('b'))`). Python's event loop stands still while Python
    /// waits for one of them.
    #[must_use]
    pub fn async_function<A>(self, name: &str, function: impl Function<A>) -> Self {
        self.offer(|functions| functions.awaited(name, function))
    }

    fn offer(mut self, add: impl FnOnce(&mut Functions) -> Result<(), String>) -> Self {
        if let Err(message) = add(&mut self.functions) {
            self.error.get_or_insert(Error::config(message));
        }
        self
    }

    /// Sets how much Python may use. The default is [`Limits::default`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Lets time start at this moment and stand still, except while Python sleeps.
    #[must_use]
    pub fn fixed_clock(mut self, moment: SystemTime) -> Self {
        self.sandbox.clock(moment);
        self
    }

    /// Makes all randomness a function of this number. Not for secrets.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.sandbox.seed(seed);
        self
    }

    /// Sets what runs Python. The default is [`Engine::default`].
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.sandbox.engine = engine;
        self
    }

    /// Makes the interpreter, which starts at its first call.
    ///
    /// [`Error::Config`] if the description is wrong, or the engine is not part of this build;
    /// [`Error::MemoryLimit`] if Python needs more memory to start; [`Error::Io`] if the process's own
    /// streams are not available.
    pub fn build(mut self) -> Result<Python, Error> {
        self.complete(Limits::default)?;
        let Self { sandbox, args, stdio, functions, .. } = self;
        if let Some(argument) = args.iter().find(|argument| argument.contains('\0')) {
            return Err(Error::config(format!("the argument {argument:?} has a NUL in it")));
        }
        let mut state = HostState::new(None, sandbox.names(), sandbox.engine);
        state.functions = functions;
        let limits = sandbox.limits.clone();
        let world = WasiCtx::builder().arg(embedded::PROGRAM).streams(stdio.streams()?);
        let wasi = sandbox.context(world).map_err(refused)?;
        // Fuel is for each call; starting Python is not counted.
        let engine_limits = python_wasm_engine::Limits { fuel: u64::MAX, ..(&limits).into() };
        let image = embedded::shared_image().map_err(Error::of_engine)?;
        let instance = embedded::instance(&image, wasi, state, engine_limits).map_err(Error::of_engine)?;
        let guest = Guest::new(instance, limits);
        Ok(Python::new(guest, stdio, args))
    }

    /// Goes on from a file that [`Snapshot::save`](crate::Snapshot::save) wrote.
    ///
    /// The sandbox has this builder's folders of the host, streams, functions and limits; where those of the
    /// sandbox that was saved are lower, these count. Arguments and variables are the snapshot's.
    ///
    /// [`Error::Snapshot`] if the file cannot be used, or needs a folder under a name that is not granted;
    /// [`Error::Io`] if it cannot be read.
    pub fn resume(mut self, path: impl AsRef<Path>) -> Result<Python, Error> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.sandbox.limits = self.limits.unwrap_or_default();
        let snapshot = Snapshot::read(path.as_ref(), self.sandbox)?;
        let mut python = Python::resumed(&snapshot, self.stdio)?;
        python.guest.instance_mut().state_mut().functions = self.functions;
        Ok(python)
    }

    /// Returns the sandbox and the functions of a program that a person watches.
    pub(crate) fn attended(mut self) -> Result<(Sandbox, Functions), Error> {
        self.complete(Limits::attended)?;
        Ok((self.sandbox, self.functions))
    }

    /// Returns the first error so far, or adds what every sandbox has.
    fn complete(&mut self, limits: fn() -> Limits) -> Result<(), Error> {
        self.sandbox.limits = self.limits.take().unwrap_or_else(limits);
        match self.error.take() {
            Some(error) => Err(error),
            None => furnish(&mut self.sandbox, embedded::library()?, None, None).map_err(refused),
        }
    }
}

fn refused(errno: Errno) -> Error {
    Error::Config { message: format!("the sandbox cannot be set up: {errno}"), source: Some(Box::new(errno)) }
}
