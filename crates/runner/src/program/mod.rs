//! `python3` on this process's own terminal: a program from beginning to end, or a session at a prompt.

mod command_line;
mod desk;
mod ending;
mod preparing;
mod stream;

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::time::Instant;

use python_wasm_contract::export::{MAIN, START};
use python_wasm_engine::{Instance, Outcome};
use python_wasm_sandbox::command_line::{Recording, context, inherited, say, signals, traced};
use python_wasm_sandbox::{Limits, Sandbox};
use wasi_core::{Interrupt, WasiCtx, WasiCtxBuilder};

pub(crate) use self::command_line::{CommandLine, Run, is_long_option};
use self::desk::Desk;
use crate::error::Error;
use crate::functions::Functions;
use crate::python::guest::Guest;
use crate::python::host::HostState;
use crate::python::start::{Start, start, unfit};
use crate::python::{GuestState, Image, PythonBuilder, embedded, snapshot_file};

impl PythonBuilder {
    /// Runs `python3 arguments` from beginning to end in this sandbox, on this process's own terminal, and
    /// returns its exit status.
    ///
    /// With nothing to run, or with `-i`, a person types at a prompt with line editing and history. Time,
    /// fuel and output are not limited unless [`limits`](Self::limits) says so. The program finds the
    /// builder's functions in the module `host`; streams and arguments given to the builder are not used.
    ///
    /// Meanwhile SIGINT and SIGTERM go to the program, and they stay without effect on this process
    /// afterwards.
    ///
    /// Errors as those of [`build`](Self::build), and [`Error::MemoryLimit`] if Python cannot start.
    pub fn terminal(self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Result<i32, Error> {
        let (sandbox, functions, sites, image) = self.attended()?;
        let program = Program {
            line: CommandLine::read(arguments.into_iter().map(Into::into).collect()),
            cwd: None,
            trace: false,
            editing: python_wasm_repl::Options::from_env(|name| std::env::var_os(name)),
            recording: Recording::default(),
            functions,
            is_last: false,
            sites,
            image,
        };
        program.start(sandbox).map(i32::from)
    }
}

/// One run of Python, ready but for its sandbox.
pub(crate) struct Program {
    pub(crate) line: CommandLine,
    /// The folder to start in, by its name in the guest.
    pub(crate) cwd: Option<String>,
    /// Whether each call is written to standard error.
    pub(crate) trace: bool,
    /// How lines are edited at a prompt.
    pub(crate) editing: python_wasm_repl::Options,
    pub(crate) recording: Recording,
    /// What the program finds in the module `host`.
    pub(crate) functions: Functions,
    /// Whether this process ends with the program. Its memory ends then, too, and taking it apart would only take
    /// time.
    pub(crate) is_last: bool,
    /// The folders of packages, by their names in the guest.
    pub(crate) sites: Vec<String>,
    /// The image to start from, if that is not this program's own.
    pub(crate) image: Option<Image>,
}

impl Program {
    /// Whether a person will type Python: there is nothing to run, or `-i`, at a terminal.
    pub(crate) fn is_prompt(&self) -> bool {
        self.recording.replay.is_none() && self.line.asks_for_prompt() && io::stdin().is_terminal()
    }

    /// Runs it; the exit status.
    pub(crate) fn start(self, sandbox: Sandbox) -> Result<u8, Error> {
        if self.is_prompt() { self.prompt(sandbox) } else { self.run(sandbox) }
    }

    /// Runs the command line from beginning to end.
    fn run(self, sandbox: Sandbox) -> Result<u8, Error> {
        let (limits, recording, is_last) = (sandbox.limits.clone(), self.recording.clone(), self.is_last);
        let python = self.described();
        let (mut wasi, state) = self.context(sandbox, inherited().map_err(no_streams)?)?;
        let run = recording.begin(&python, &mut wasi, limits).map_err(Error::config_of)?;
        let interrupt = wasi.interrupt().clone();
        signals::forward(interrupt, Interrupt::interrupt, || ()).map_err(Error::config_of)?;
        let (outcome, mut instance) = run_main(wasi, state, run.limits())?;
        let limits = match run.end("python-wasm", &outcome, Some(&mut instance)) {
            Ok(limits) => limits,
            Err(status) => return Ok(status),
        };
        let (status, line) = ending::of(&outcome, &instance, &limits);
        if is_last {
            std::mem::forget(instance);
        }
        if let Some(line) = line {
            say(&format!("python-wasm: {line}"));
        }
        Ok(status)
    }

    /// Runs the command line, and then a prompt.
    fn prompt(self, mut sandbox: Sandbox) -> Result<u8, Error> {
        let desk = Desk::open(&self.editing)?;
        let (tracing, limits, grants) = (self.trace, sandbox.limits.clone(), sandbox.grants());
        let (wasi, mut state) = self.context(sandbox, WasiCtx::builder().streams(desk.streams()?))?;
        let around = desk.surroundings(grants, limits.clone(), tracing, wasi.interrupt(), None)?;
        desk.serve(&mut state, &around, wasi.interrupt());
        // Time and fuel are for each block that is typed.
        let whole = python_wasm_engine::InstanceLimits { fuel: u64::MAX, ..(&limits).into() };
        let guest = Guest::new(instance(wasi, state, whole)?, limits);
        Ok(desk.run(guest, around))
    }

    /// One line that tells the Python that runs it from others, for recordings.
    fn described(&self) -> String {
        let image = self.image.as_ref().map(|image| format!(", prepared {:08x}", image.checksum()));
        embedded::described() + &image.unwrap_or_default()
    }

    /// Makes the context, and what the guest may ask of us beside it.
    fn context(self, sandbox: Sandbox, streams: WasiCtxBuilder) -> Result<(WasiCtx, HostState), Error> {
        let mut state = HostState::new(self.cwd, sandbox.names(), sandbox.engine);
        state.functions = self.functions;
        state.sites = self.sites;
        state.image = self.image;
        let words = self.line.words.into_iter().map(OsStringExt::into_vec);
        let mut builder = streams.arg(embedded::PROGRAM).args(words);
        if self.trace {
            builder = traced(builder);
        }
        Ok((context(sandbox, builder).map_err(Error::config_of)?, state))
    }
}

/// Goes on with a session that was saved, at its prompt; the exit status. Folders of the host are those
/// that are granted now.
pub(crate) fn resume(
    file: &Path,
    mut sandbox: Sandbox,
    editing: &python_wasm_repl::Options,
    tracing: bool,
) -> Result<u8, Error> {
    let refused =
        |error: Error| Error::snapshot_because(format!("--resume {}: {error}", file.display()), error);
    let bytes = snapshot_file::read(file, &sandbox.limits).map_err(refused)?;
    let desk = Desk::open(editing)?;
    let (limits, mut grants) = (sandbox.limits.clone(), sandbox.grants());
    let (state, _args) = GuestState::decode(&bytes, sandbox).map_err(refused)?;
    let mut guest = state.spawn(desk.streams()?).map_err(refused)?;
    // Those of the file may be lower.
    let now = guest.instance().wasi().limits();
    let limits = limits.open_files(now.open_files).output(now.output).call_bytes(now.call_bytes);
    grants.recall(&guest.instance().state().mounts);
    let resumed = format!("resumed {}; %help lists what is beside Python", file.display());
    let interrupt = guest.instance().wasi().interrupt().clone();
    let around = desk.surroundings(grants, limits, tracing, &interrupt, Some(resumed))?;
    desk.serve(guest.instance_mut().state_mut(), &around, &interrupt);
    Ok(desk.run(guest, around))
}

fn instance(
    wasi: WasiCtx,
    state: HostState,
    limits: python_wasm_engine::InstanceLimits,
) -> Result<Instance<HostState>, Error> {
    let image = embedded::image().map_err(Error::of_engine)?;
    embedded::instance(&image, wasi, state, limits).map_err(Error::of_engine)
}

/// Runs `python3` to its end, which is always an outcome.
fn run_main(
    mut wasi: WasiCtx,
    state: HostState,
    limits: &Limits,
) -> Result<(Outcome, Instance<HostState>), Error> {
    let deadline = limits.deadline();
    wasi.set_deadline(deadline);
    let is_told = !state.functions.is_empty() || !state.sites.is_empty();
    let mut instance = instance(wasi, state, limits.into())?;
    if is_told {
        return run_told(instance, limits, deadline);
    }
    let outcome = match start(&mut instance).map_err(Error::of_engine)? {
        Start::Adopted => instance.call(MAIN, &[]).map_err(Error::of_engine)?,
        Start::Anew => instance.call(START, &[]).map_err(Error::of_engine)?,
        Start::Unfit => return Err(unfit()),
        Start::Ended(outcome) => outcome,
    };
    Ok((outcome, instance))
}

/// Runs `python3` to its end after telling it of the functions in the module `host` and of its packages.
fn run_told(
    instance: Instance<HostState>,
    limits: &Limits,
    deadline: Option<Instant>,
) -> Result<(Outcome, Instance<HostState>), Error> {
    let mut guest = Guest::new(instance, limits.clone());
    let outcome = match guest.define_functions() {
        Ok(()) => {
            // That request had limits of its own. The whole run has these.
            let instance = guest.instance_mut();
            instance.set_fuel_limit(limits.fuel, 0);
            instance.wasi_mut().set_deadline(deadline);
            instance.call(MAIN, &[]).map_err(Error::of_engine)?
        }
        Err(error) => guest.lost().cloned().ok_or(error)?,
    };
    Ok((outcome, guest.into_instance()))
}

/// This process's own streams are not available.
#[expect(clippy::needless_pass_by_value, reason = "what map_err passes on")]
fn no_streams(error: io::Error) -> Error {
    Error::Io(io::Error::new(error.kind(), format!("standard streams: {error}")))
}
