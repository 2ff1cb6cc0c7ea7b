//! The program `python-wasm`: sandbox options, then everything that `python3` takes.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use python_wasm_engine::{Instance, Outcome};
use python_wasm_repl::{EditMode, Terminal};
use python_wasm_sandbox::command_line::{
    self, Names, Options, Recording, Row, Usage, ending, print, say, signals, unknown_option,
};
use python_wasm_sandbox::place::absolute_name;
use python_wasm_sandbox::{Grants, Limits, Mount, Sandbox};
use wasi_core::fs::stdio::HostStream;
use wasi_core::{Interrupt, Streams, WasiCtx, WasiCtxBuilder};

use super::python_line::{self, PythonLine, Run};
use super::shown::Shown;
use crate::error::Error;
use crate::python::Kept;
use crate::python::embedded;
use crate::python::guest::Guest;
use crate::python::host::{Ended, HostState};
use crate::python::start::{Start, start};
use crate::python::world::furnish;
use crate::session::{self, Stopper, Surroundings, TWICE};

/// What `--version` says.
const VERSION: &str = concat!(
    "Python ",
    env!("PYTHON_WASM_PYTHON_VERSION"),
    " (python-wasm ",
    env!("CARGO_PKG_VERSION"),
    ")\n"
);

/// The licences of the Rust crates, beside those of what is embedded; made by `tests/licenses.rs`.
const CRATES: &str = include_str!("../../licenses.txt");
#[cfg(feature = "native")]
const MORE_CRATES: &str = include_str!("../../licenses-native.txt");
#[cfg(not(feature = "native"))]
const MORE_CRATES: &str = "";

/// What the options of the prompt say.
#[derive(Debug, Default)]
struct PromptOptions {
    no_history: bool,
    resume: Option<PathBuf>,
    vi: bool,
}

/// The options beside those of every sandbox.
static PROMPT: [Row<PromptOptions>; 3] = [
    Row::new("--no-history", "", "keep nothing of what is typed at the prompt", |prompt, _| {
        prompt.no_history = true;
        Ok(())
    }),
    Row::new("--resume", "FILE", "go on with a session that %save has kept", |prompt, file| {
        prompt.resume = Some(file.into());
        Ok(())
    }),
    Row::new(
        "--vi",
        "",
        "edit at the prompt with vi's keys, as PYTHON_WASM_EDIT_MODE=vi does",
        |prompt, _| {
            prompt.vi = true;
            Ok(())
        },
    ),
];

/// Runs `python-wasm` with this process's arguments.
pub fn main() -> ExitCode {
    let status = python_wasm(std::env::args_os().skip(1).collect()).unwrap_or_else(|usage| {
        say(&format!("python-wasm: {usage}"));
        ending::USAGE
    });
    ExitCode::from(status)
}

fn help() -> String {
    format!(
        "\
usage: python-wasm [sandbox options] [python options] [-c command | -m module | script | -] [arguments]

Runs CPython {} in a WebAssembly sandbox. A script's own folder can be read, /tmp is
in memory, and nothing else of this machine can be seen until it is granted.

sandbox options:
{}
  -h, --help                    this text; --help-python tells Python's own options
  -V, --version                 the versions of Python and of the sandbox
  --licenses                    the licences of everything in this program

From the first word that is no sandbox option on, the command line is python3's.

exit status: Python's own, or
  2   a wrong option
{}",
        env!("PYTHON_WASM_PYTHON_VERSION"),
        command_line::help(&PROMPT),
        ending::HELP
    )
}

fn python_wasm(args: Vec<OsString>) -> Result<u8, Usage> {
    let mut args = args.into_iter().peekable();
    let (options, prompt) = command_line::take(&mut args, &PROMPT)?;
    let mut words: Vec<OsString> = args.collect();
    match words.first().and_then(|word| word.to_str()) {
        Some("-h" | "--help") => return Ok(print(&help())),
        Some("-V" | "--version") => return Ok(print(VERSION)),
        Some("--licenses") => {
            return Ok(print(&[embedded::LICENSES, "\n", CRATES, "\n", MORE_CRATES].concat()));
        }
        Some("--help-python") => words = vec!["-h".into()],
        Some(word)
            if word.starts_with("--") && word != "--" && !python_line::is_long_option(word.as_ref()) =>
        {
            return Err(unknown_option(word, &PROMPT, "python-wasm"));
        }
        _ => {}
    }
    if let Some(file) = &prompt.resume {
        if options.recording != Recording::default() {
            return Err(Usage("--record and --replay are for a program, not for the prompt".into()));
        }
        if let Some(word) = words.first() {
            return Err(Usage(format!("--resume takes no command line: {}", word.display())));
        }
        return resume(file, options, &prompt);
    }
    let mut line = PythonLine::read(&words);
    if let Run::Script(script) = &mut line.run
        && let Some(target) = behind_link(Path::new(script))
    {
        words[line.at].clone_from(&target);
        *script = target;
    }
    let cwd = std::env::current_dir().ok().and_then(|cwd| cwd.into_os_string().into_string().ok());
    let editing = editing(&prompt);
    let (limits, recording) = (options.limits.clone(), options.recording.clone());
    if recording.replay.is_some() && !words.is_empty() {
        return Err(Usage("--replay takes no command line: it has the one that was recorded".into()));
    }
    if recording.record.is_some() && is_prompt(&line) {
        return Err(Usage("--record is for a program, not for the prompt".into()));
    }
    let session = Session { words, cwd, trace: options.trace, limits, editing, recording };
    let sandbox = world(options, &line, session.cwd.as_deref())?;
    session.start(&line, sandbox)
}

/// How lines are edited, by the environment and the options.
fn editing(prompt: &PromptOptions) -> python_wasm_repl::Options {
    let mut editing = python_wasm_repl::Options::from_env(|name| std::env::var_os(name));
    if prompt.no_history {
        editing.history = None;
    }
    if prompt.vi {
        editing.edit_mode = EditMode::Vi;
    }
    editing
}

/// The prompt of a session that was saved. Folders of the host are those that are granted now.
fn resume(file: &Path, options: Options, prompt: &PromptOptions) -> Result<u8, Usage> {
    let refused = |error: &dyn std::fmt::Display| Usage(format!("--resume {}: {error}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| refused(&error))?;
    let terminal = Desk::open(&editing(prompt))?;
    let (tracing, limits) = (options.trace, options.limits.clone());
    let mut sandbox = options.sandbox(Names::Absolute)?;
    let mut grants = sandbox.grants();
    let (kept, _args) = Kept::decode(&bytes, sandbox).map_err(|error| refused(&error))?;
    let streams = terminal.streams().map_err(no_streams)?;
    let mut guest = kept.spawn(streams).map_err(|error| refused(&error))?;
    grants.recall(&guest.instance().state().mounts);
    let resumed = format!("resumed {}; %help lists what is beside Python", file.display());
    let interrupt = guest.instance().wasi().interrupt().clone();
    let around = terminal.surroundings(grants, limits, tracing, &interrupt, Some(resumed))?;
    terminal.serve(guest.instance_mut().state_mut(), &around.stopper, &interrupt);
    Ok(session::run(guest, terminal.terminal, around) as u8)
}

/// `python3 words` in a sandbox that is complete, on this process's own streams; the exit status.
pub(crate) fn terminal(sandbox: Sandbox, words: Vec<OsString>) -> Result<u8, Error> {
    let line = PythonLine::read(&words);
    let editing = python_wasm_repl::Options::from_env(|name| std::env::var_os(name));
    let (limits, recording) = (sandbox.limits.clone(), Recording::default());
    let session = Session { words, cwd: None, trace: false, limits, editing, recording };
    session.start(&line, sandbox).map_err(Error::config_of)
}

/// Whether a person will type Python: nothing to run, or `-i`, at a terminal.
fn is_prompt(line: &PythonLine) -> bool {
    let asked = line.run == Run::Stdin || line.inspect;
    asked && !line.informs && io::stdin().is_terminal()
}

/// Whether Python writes to a terminal that wants no colours: it cannot see the variables that say so.
fn is_plain_terminal() -> bool {
    let variable = |name| std::env::var_os(name).unwrap_or_default();
    let plain = !variable("NO_COLOR").is_empty() || variable("TERM") == "dumb";
    plain && (io::stdout().is_terminal() || io::stderr().is_terminal())
}

/// What was granted, the script's own folder, and what every Python program sees.
fn world(mut options: Options, line: &PythonLine, cwd: Option<&str>) -> Result<Sandbox, Usage> {
    if is_plain_terminal() {
        // First, so that the user's own word counts.
        options.env.insert(0, (b"PYTHON_COLORS".into(), b"0".into()));
    }
    let mut sandbox = options.sandbox(Names::Absolute)?;
    if let Run::Script(script) = &line.run {
        grant_script(&mut sandbox, Path::new(script))?;
    }
    let library = embedded::library().map_err(|error| Usage(format!("the embedded library: {error}")))?;
    furnish(&mut sandbox, library, cwd)
        .map_err(|errno| Usage(format!("a folder's name cannot be used inside the sandbox: {errno}")))?;
    Ok(sandbox)
}

/// What a script really is that is a link out of its folder, as those in a `bin` are: the sandbox
/// follows no such link, and Python, too, imports from beside the file and not from beside the link.
fn behind_link(script: &Path) -> Option<OsString> {
    let text = script.read_link().ok()?;
    let target = script.canonicalize().ok()?;
    let stays = text.is_relative() && target.starts_with(script.parent()?.join(".").canonicalize().ok()?);
    (!stays).then(|| target.into_os_string())
}

/// Makes a script readable, and what it imports from beside it. One that is not there is left for
/// Python to complain of.
fn grant_script(sandbox: &mut Sandbox, script: &Path) -> Result<(), Usage> {
    let name = script.display();
    let folder = match script.metadata() {
        Err(_) => return Ok(()),
        Ok(metadata) if metadata.is_dir() => script,
        Ok(_) => match script.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        },
    };
    let guest = absolute_name(folder).map_err(|error| Usage(format!("{name}: {error}")))?;
    if !sandbox.covers(&guest, folder) {
        let mount = Mount::read_only(folder).map_err(|error| Usage(format!("{name}: {error}")))?;
        sandbox.mount(guest, mount);
    }
    Ok(())
}

/// One run of Python, ready but for its sandbox.
struct Session {
    words: Vec<OsString>,
    cwd: Option<String>,
    trace: bool,
    limits: Limits,
    editing: python_wasm_repl::Options,
    recording: Recording,
}

impl Session {
    fn start(self, line: &PythonLine, sandbox: Sandbox) -> Result<u8, Usage> {
        if self.recording.replay.is_none() && is_prompt(line) {
            self.prompt(sandbox)
        } else {
            self.run(sandbox)
        }
    }

    /// `python3` from beginning to end.
    fn run(self, sandbox: Sandbox) -> Result<u8, Usage> {
        let (mut limits, recording) = (self.limits.clone(), self.recording.clone());
        let streams = command_line::inherited().map_err(no_streams)?;
        let (mut wasi, state) = self.context(sandbox, streams)?;
        recording.begin(&embedded::described(), &mut wasi, &mut limits)?;
        signals::forward(wasi.interrupt().clone(), Interrupt::interrupt, || ())?;
        let started = from_image(wasi, state, &limits);
        let (outcome, mut instance) = started.map_err(|error| cannot_start(&error))?;
        if !recording.end("python-wasm", Some(&mut instance)) {
            return Ok(ending::RECORDING);
        }
        let (status, line) = ended(&outcome, &instance, &limits);
        // The process ends now, and its memory with it: taking it apart would only take time.
        std::mem::forget(instance);
        if let Some(line) = line {
            say(&format!("python-wasm: {line}"));
        }
        Ok(status)
    }

    /// What the command line says, and then the prompt.
    fn prompt(self, mut sandbox: Sandbox) -> Result<u8, Usage> {
        let desk = Desk::open(&self.editing)?;
        let limits = self.limits.clone();
        let streams = WasiCtx::builder().streams(desk.streams().map_err(no_streams)?);
        let (tracing, grants) = (self.trace, sandbox.grants());
        let (wasi, mut state) = self.context(sandbox, streams)?;
        let around = desk.surroundings(grants, limits.clone(), tracing, wasi.interrupt(), None)?;
        desk.serve(&mut state, &around.stopper, wasi.interrupt());
        // Time and fuel are for each block that is typed.
        let whole = python_wasm_engine::Limits { fuel: u64::MAX, ..(&limits).into() };
        let image = embedded::image().map_err(broken)?;
        let instance =
            embedded::instance(&image, wasi, state, whole).map_err(|error| cannot_start(&error))?;
        let guest = Guest::new(instance, limits);
        Ok(session::run(guest, desk.terminal, around) as u8)
    }

    /// The context and what the guest may ask of us beside it.
    fn context(self, sandbox: Sandbox, streams: WasiCtxBuilder) -> Result<(WasiCtx, HostState), Usage> {
        let state = HostState::new(self.cwd, sandbox.names(), sandbox.engine);
        let mut builder =
            streams.arg(embedded::PROGRAM).args(self.words.into_iter().map(OsStringExt::into_vec));
        if self.trace {
            builder = command_line::traced(builder);
        }
        Ok((command_line::context(sandbox, builder)?, state))
    }
}

/// Runs `python3` from its beginning to its end, which is always an outcome.
fn from_image(
    mut wasi: WasiCtx,
    state: HostState,
    limits: &Limits,
) -> Result<(Outcome, Instance<HostState>), python_wasm_engine::Error> {
    wasi.set_deadline(limits.deadline());
    let mut instance = embedded::instance(&embedded::image()?, wasi, state, limits.into())?;
    let outcome = match start(&mut instance)? {
        Start::Adopted => instance.call("python_main", &[])?,
        Start::Anew => instance.call("_start", &[])?,
        Start::Ended(outcome) => outcome,
    };
    Ok((outcome, instance))
}

/// The terminal and what a session has of it.
struct Desk {
    terminal: Terminal,
    muted: Arc<AtomicBool>,
}

impl Desk {
    fn open(editing: &python_wasm_repl::Options) -> Result<Self, Usage> {
        let terminal = Terminal::new(editing).map_err(|error| Usage(format!("the terminal: {error}")))?;
        Ok(Self { terminal, muted: Arc::default() })
    }

    /// The guest's streams: output and errors by way of the editor, where they go to a terminal.
    fn streams(&self) -> io::Result<Streams> {
        streams(&self.terminal, &self.muted)
    }

    /// Answers the guest's questions to a terminal.
    fn serve(&self, state: &mut HostState, stopper: &Stopper, interrupt: &Interrupt) {
        let (stopper, interrupt) = (stopper.clone(), interrupt.clone());
        state.read_line = Some(session::read_line(self.terminal.clone(), stopper, interrupt));
        state.page = Some(session::page(self.terminal.clone()));
        state.at_prompt = true;
    }

    /// What a session needs, and from now on this process's signals.
    fn surroundings(
        &self,
        grants: Grants,
        limits: Limits,
        tracing: bool,
        interrupt: &Interrupt,
        resumed: Option<String>,
    ) -> Result<Surroundings, Usage> {
        let stopper = Stopper::default();
        let (editor, asking, strikes) = (self.terminal.clone(), self.terminal.clone(), stopper.clone());
        signals::forward(
            interrupt.clone(),
            move |interrupt| {
                if let Some(block) = strikes.strike(interrupt) {
                    remind(asking.clone(), strikes.clone(), block);
                }
            },
            move || editor.restore(),
        )?;
        let (terminal, muted) = (self.terminal.clone(), self.muted.clone());
        let shown = limits.clone();
        Ok(Surroundings {
            grants,
            limits,
            tracing,
            tracer: || Box::new(say),
            muted: self.muted.clone(),
            streams: Box::new(move || streams(&terminal, &muted)),
            stopper,
            resumed,
            say: |line| say(&format!("python-wasm: {line}")),
            ended: Box::new(move |outcome| {
                let (status, line) = ending::of(outcome, &shown);
                if let Some(line) = line {
                    say(&format!("python-wasm: {line}"));
                }
                i32::from(status)
            }),
        })
    }
}

/// Tells how to stop a block that goes on after Ctrl-C: it may not want to end, or be in a long call of C.
fn remind(terminal: Terminal, strikes: Stopper, block: u64) {
    std::thread::spawn(move || {
        std::thread::sleep(TWICE);
        if strikes.outlives(block) && !terminal.is_reading() {
            say("python-wasm: it still runs; Ctrl-C twice within a second stops it and undoes it");
        }
    });
}

fn streams(terminal: &Terminal, muted: &Arc<AtomicBool>) -> io::Result<Streams> {
    let shown = |stream, is_terminal: bool| {
        Box::new(Shown::new(stream, is_terminal.then(|| terminal.clone()), muted.clone()))
    };
    Ok(Streams::new()
        .stdin(Box::new(HostStream::stdin()?))
        .stdout(shown(HostStream::stdout()?, io::stdout().is_terminal()))
        .stderr(shown(HostStream::stderr()?, io::stderr().is_terminal())))
}

/// This process's own streams cannot be had.
#[expect(clippy::needless_pass_by_value, reason = "what map_err passes on")]
fn no_streams(error: io::Error) -> Usage {
    Usage(format!("standard streams: {error}"))
}

/// Too little memory is the user's choice; nothing else can be.
fn cannot_start(error: &python_wasm_engine::Error) -> Usage {
    match error {
        python_wasm_engine::Error::MemoryLimit { needed, limit } => {
            let (limit, needed) = (limit >> 20, needed.div_ceil(1 << 20));
            Usage(format!("--max-memory {limit}: Python needs {needed} MiB to start"))
        }
        error => broken(error),
    }
}

/// What is in this binary cannot be used: a build that went wrong.
fn broken(error: impl std::fmt::Display) -> Usage {
    Usage(format!("the embedded interpreter: {error}"))
}

/// The status and the line of a run, limits that Python met as exceptions included.
fn ended(outcome: &Outcome, instance: &Instance<HostState>, limits: &Limits) -> (u8, Option<String>) {
    let told = instance.state().ended;
    let refused = instance.memory_refused();
    match (outcome, told) {
        (Outcome::Exited(1), Some(Ended::Memory)) | (Outcome::Trapped(_), _) if refused => {
            let line = format!("{} MiB of memory were not enough (--max-memory)", limits.memory >> 20);
            (ending::MEMORY, Some(line))
        }
        (Outcome::Exited(1), Some(Ended::Disk)) => {
            let (mib, files) = (limits.disk >> 20, limits.files);
            let line =
                format!("{mib} MiB or {files} files of disk were not enough (--max-disk, --max-files)");
            (ending::DISK, Some(line))
        }
        _ => ending::of(outcome, limits),
    }
}
