//! The description of a sandboxed interpreter.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use python_wasm_engine::Engine;
use python_wasm_sandbox::place::normalized;
use python_wasm_sandbox::{Limits, Mount, Sandbox};
use wasi_core::fs::stdio::Input;
use wasi_core::{Errno, WasiCtx};

use super::bytecode::Bytecode;
use super::guest::Guest;
use super::host::HostState;
use super::image::{Before, Image};
use super::interpreter::Interpreter;
use super::limits::check_limits;
use super::stdio::{Sink, Source, Stdio};
use super::world::furnish;
use super::writer::SharedWriter;
use super::{Python, Snapshot, embedded};
use crate::error::Error;
use crate::functions::{CallingFunction, Function, Functions};
use crate::trace;

/// Describes a sandbox. For Python, only what is granted here exists.
///
/// Python always sees its library at `/usr`, the devices `/dev/null`, `/dev/zero`, `/dev/random` and
/// `/dev/urandom`, its own descriptors as `/dev/stdin`, `/dev/stdout`, `/dev/stderr` and `/dev/fd/N`, and an
/// empty `/tmp` in memory. By default its output is captured and its input empty.
#[derive(Default)]
pub struct PythonBuilder {
    /// Where Python goes on from. `None` means that it starts.
    pub(super) snapshot: Option<Snapshot>,
    /// What Python starts from. `None` is the image of this program.
    pub(super) image: Option<Image>,
    pub(super) mounts: Vec<(String, Mount)>,
    /// The guest's names of folders of packages.
    pub(super) sites: Vec<String>,
    /// Where bytecode is kept, until the folders know it.
    pub(super) bytecode_cache: Option<PathBuf>,
    pub(super) env: Vec<(String, String)>,
    pub(super) seed: Option<u64>,
    pub(super) clock: Option<SystemTime>,
    /// `None` means the default, or the snapshot's.
    pub(super) engine: Option<Engine>,
    /// `None` means the default, which differs for interactive use, or the snapshot's.
    pub(super) limits: Option<Limits>,
    pub(super) args: Vec<String>,
    pub(super) stdio: Stdio,
    pub(super) functions: Functions,
    pub(super) error: Option<Error>,
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
    /// Grants a folder under an absolute name, such as `/data`. Each name can be given once.
    #[must_use]
    pub fn mount(mut self, guest: &str, mount: Mount) -> Self {
        if !guest.starts_with('/') || normalized(guest) != guest || guest.contains('\0') {
            return self.refuse(format!("{guest:?} is not an absolute path that a folder can be mounted at"));
        }
        if self.mounts.iter().any(|(name, _)| name == guest) {
            return self.refuse(format!("two folders cannot be mounted at {guest:?}"));
        }
        self.mounts.push((guest.to_owned(), mount));
        self
    }

    /// Grants a folder of packages, such as `pip install --target` makes, for reading, and puts it at the end of
    /// `sys.path`. Its `.pth` files count. Python finds it at `/site`, and others at `/site2` and so on.
    ///
    /// Packages must be pure Python: importing native code raises a `ModuleNotFoundError` that names the file.
    /// With [`bytecode_cache`](Self::bytecode_cache) a module is compiled once and not in each sandbox.
    #[must_use]
    pub fn site(mut self, folder: impl AsRef<Path>) -> Self {
        let others = self.sites.len() + self.image.as_ref().map_or(0, |image| image.sites().count());
        let name = if others == 0 { "/site".to_owned() } else { format!("/site{}", others + 1) };
        match Mount::read_only(folder) {
            Ok(mount) => {
                self.sites.push(name.clone());
                self.mount(&name, mount)
            }
            Err(error) => self.refuse(error.to_string()),
        }
    }

    /// Starts from an image: Python finds imported what was imported when that was [prepared](Self::prepare), and goes
    /// on to import from its sites. The image is given before further [sites](Self::site).
    ///
    /// ```
    /// # use python_wasm::Python;
    /// let image = Python::builder().prepare("import decimal")?;
    /// let mut py = Python::builder().image(&image).build()?;
    /// assert_eq!(py.eval::<String>("str(__import__('decimal').Decimal(2).sqrt())[:4]")?, "1.41");
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    #[must_use]
    pub fn image(mut self, image: &Image) -> Self {
        if let Some(name) = image.sites().find(|name| self.mounts.iter().any(|(known, _)| known == name)) {
            let message = format!("the image has a folder at {name:?}, too; give the image first");
            return self.refuse(message);
        }
        self.image = Some(image.clone());
        self
    }

    /// Runs a program, and makes an image of the Python that has run it: of the modules that it has imported, with all
    /// that they hold, and of the [sites](Self::site). What it has put into `__main__` is dropped.
    ///
    /// ```
    /// # use python_wasm::Python;
    /// let image = Python::builder().prepare("import json, decimal")?;
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    ///
    /// Errors as those of [`build`](Self::build) and [`Python::exec`]; [`Error::Snapshot`] if the program has left
    /// files open; [`Error::Config`] for a snapshot, and for functions, which belong to whoever starts from the
    /// image.
    pub fn prepare(self, source: &str) -> Result<Image, Error> {
        if self.snapshot.is_some() {
            return Err(Error::config("an image cannot be prepared from a snapshot"));
        }
        if !self.functions.is_empty() {
            return Err(Error::config("functions do not fit an image: give them to what starts from it"));
        }
        let mut python = self.build()?;
        python.init()?;
        let before = Before::of(&mut python.interpreter.guest)?;
        python.exec(source)?;
        before.image(&mut python.interpreter.guest)
    }

    /// Keeps the bytecode of what Python imports from folders that it can only read, below a folder of the host,
    /// such as the [user's cache](crate::user_cache). Nothing is kept by default.
    ///
    /// A module is compiled in a sandbox of its own, and kept under the hash of its source: no program can
    /// change what another one runs. Compiling counts towards [`Limits::timeout`] and costs no fuel. One
    /// module may take 10 s, or as long as the timeout, with as much memory as the sandbox has, and an interrupt
    /// or the end of the time waits for that. A folder that cannot be written costs only time.
    #[must_use]
    pub fn bytecode_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.bytecode_cache = Some(folder.into());
        self
    }

    /// Sets an environment variable. Python sees only those set here. Of two with one name, the second counts.
    #[must_use]
    pub fn env(mut self, key: &str, value: &str) -> Self {
        if key.is_empty() || key.contains(['=', '\0']) {
            return self.refuse(format!("{key:?} is not a name for an environment variable"));
        }
        if value.contains('\0') {
            return self.refuse(format!("the environment variable {key} has a NUL in its value {value:?}"));
        }
        self.env.retain(|(name, _)| name != key);
        self.env.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Sets `sys.argv`. The first argument is the program's own name.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        match self.args.iter().find(|argument| argument.contains('\0')) {
            Some(argument) => {
                let message = format!("the argument {argument:?} has a NUL in it");
                self.refuse(message)
            }
            None => self,
        }
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
    /// The writer gets each line when it is printed, and what is left of a line at the end of the call. An
    /// error of the writer, or a panic in it, is an `OSError` for Python; if Python cannot be told any more,
    /// the call returns it as [`Error::Io`]. No limit or interrupt can stop Python while the writer keeps it
    /// waiting.
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
    /// towards [`Limits::timeout`], and Python is told of the end of its time when the function returns;
    /// [`Stats::host`](crate::Stats::host) shows the time separately. All forks of the interpreter share the
    /// function, on whatever threads they run.
    ///
    /// [`build`](Self::build) returns [`Error::Config`] for a name that is not an identifier of ASCII
    /// letters, digits and `_`, that begins with two `_`, is a keyword of Python's or `Error`, or is given
    /// twice.
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
    /// of its time. At most 64 such functions run at once; one more raises `RecursionError`, or
    /// `RuntimeError` if Python no longer waits for some of them: a function that was left counts until it
    /// returns. An interpreter and all its forks have at most 256 of them together.
    #[must_use]
    pub fn function_with_caller<A>(self, name: &str, function: impl CallingFunction<A>) -> Self {
        self.offer(|functions| functions.calling(name, function))
    }

    /// Offers a function that Python awaits.
    ///
    /// The function starts on a thread of its own when Python first awaits it, so that several run at once
    /// (`await asyncio.gather(fetch('a'), fetch('b'))`). Python's event loop goes on meanwhile:
    /// `asyncio.wait_for(fetch('a'), 5)` waits for five seconds. The function itself cannot be stopped, and
    /// counts until it returns, like one with a caller.
    #[must_use]
    pub fn async_function<A>(self, name: &str, function: impl Function<A>) -> Self {
        self.offer(|functions| functions.awaited(name, function))
    }

    /// Gives the sandbox a tag, which functions with a [`Caller`](crate::Caller) learn from
    /// [`Caller::tag`](crate::Caller::tag): who calls, where many sandboxes share their functions. Its snapshots
    /// and forks have it, too, unless they are given another one; files do not.
    ///
    /// ```
    /// # use python_wasm::{Caller, Python};
    /// let who = |caller: &Caller| Ok::<_, String>(caller.tag().map(str::to_owned));
    /// let mut py = Python::builder().function_with_caller("who", who).build()?;
    /// py.exec("from host import who")?;
    /// let mut ada = py.snapshot()?.builder().tag("ada").spawn()?;
    /// assert_eq!(ada.eval::<String>("who()")?, "ada");
    /// assert_eq!(py.eval::<Option<String>>("who()")?, None);
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.functions.tag = Some(tag.into().into());
        self
    }

    pub(super) fn offer(mut self, add: impl FnOnce(&mut Functions) -> Result<(), String>) -> Self {
        match add(&mut self.functions) {
            Ok(()) => self,
            Err(message) => self.refuse(message),
        }
    }

    /// Notes the first mistake, which [`build`](Self::build) returns.
    fn refuse(mut self, message: String) -> Self {
        self.error.get_or_insert(Error::config(message));
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
        self.clock = Some(moment);
        self
    }

    /// Makes all randomness a function of this number. Not for secrets.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets what runs Python. The default is [`Engine::default`].
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Makes the interpreter, which starts at its first call, or goes on from the snapshot that the builder
    /// was made from.
    ///
    /// [`Error::Config`] if the description is wrong, or the engine is not part of this build;
    /// [`Error::MemoryLimit`] if Python needs more memory to start; [`Error::Io`] if the process's own
    /// streams are not available. For a builder from [`Snapshot::builder`](crate::Snapshot::builder), as
    /// [`spawn`](Self::spawn).
    pub fn build(mut self) -> Result<Python, Error> {
        if let Some(snapshot) = self.snapshot.take() {
            return self.go_on(&snapshot);
        }
        let span = trace::Spawn::begin();
        let sandbox = self.complete(Limits::default)?;
        let Self { args, stdio, functions, sites, image: prepared, .. } = self;
        let mut state = HostState::new(None, sandbox.names(), sandbox.engine);
        state.image = prepared;
        state.functions = functions;
        state.sites = sites;
        let limits = sandbox.limits.clone();
        let world = WasiCtx::builder().arg(embedded::PROGRAM).streams(stdio.streams()?);
        let wasi = sandbox.context(world).map_err(refused)?;
        // Fuel is for each call; starting Python is not counted.
        let engine_limits = python_wasm_engine::InstanceLimits { fuel: u64::MAX, ..(&limits).into() };
        let image = embedded::shared_image().map_err(Error::of_engine)?;
        let instance = embedded::instance(&image, wasi, state, engine_limits).map_err(Error::of_engine)?;
        let guest = Guest::new(instance, limits);
        let mut python = Interpreter::new(guest, stdio, args);
        python.tell_surroundings();
        python.tell_args();
        python.was_spawned(span);
        Ok(Python::new(python))
    }

    /// Returns the sandbox of a program that a person watches, and the rest of the builder.
    pub(crate) fn attended(mut self) -> Result<(Sandbox, Functions, Vec<String>, Option<Image>), Error> {
        let sandbox = self.complete(Limits::attended)?;
        Ok((sandbox, self.functions, self.sites, self.image))
    }

    /// Lets the folders that are granted for reading have bytecode, if it is to be kept.
    pub(super) fn keep_bytecode(&mut self, limits: &Limits) {
        if let Some(cache) = self.bytecode_cache.take() {
            let through = Arc::new(Bytecode::new(&cache, self.engine.unwrap_or_default(), limits)).through();
            self.mounts.iter_mut().for_each(|(_, mount)| mount.pass_read_only(&through));
        }
    }

    /// Returns the first error so far, or the sandbox with what every one has.
    fn complete(&mut self, limits: fn() -> Limits) -> Result<Sandbox, Error> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        #[cfg(feature = "tokio")]
        self.choose_runtime()?;
        let limits = self.limits.take().unwrap_or_else(limits);
        check_limits(&limits)?;
        if let Some(image) = &self.image {
            self.mounts.extend(image.mounts());
        }
        self.keep_bytecode(&limits);
        let mut sandbox = Sandbox::new(limits);
        sandbox.engine = self.engine.unwrap_or_default();
        for (name, mount) in self.mounts.drain(..) {
            sandbox.mount(name, mount);
        }
        for (key, value) in self.env.drain(..) {
            sandbox.env(key, value);
        }
        if let Some(seed) = self.seed {
            sandbox.seed(seed);
        }
        if let Some(moment) = self.clock {
            sandbox.clock(moment);
        }
        furnish(&mut sandbox, embedded::library()?, None, None).map_err(refused)?;
        Ok(sandbox)
    }
}

pub(super) fn refused(errno: Errno) -> Error {
    Error::Config { message: format!("the sandbox cannot be set up: {errno}"), source: Some(Box::new(errno)) }
}
