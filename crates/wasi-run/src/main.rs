//! `wasi-run`: runs any WASI preview1 module, with what it is granted and nothing else.

mod description;
mod inherit;
mod program;

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use python_wasm_engine::{Engine, Error, HostFunction, Instance, Module, Origin, Outcome};
use python_wasm_sandbox::command_line::{
    self, Names, Options, Row, Usage, ending, print, say, signals, unknown_option,
};
use python_wasm_sandbox::{Limits, Sandbox};
use wasi_core::{Interrupt, WasiCtx};

use self::description::{description, help};

/// What the options say that stand beside those of every sandbox.
#[derive(Debug, Default)]
struct Own {
    argv0: Option<OsString>,
    inherit: bool,
}

static OWN: [Row<Own>; 2] = [
    Row::new("--argv0", "NAME", "what the program sees as its own name", |own, value| {
        own.argv0 = Some(value.to_owned());
        Ok(())
    }),
    Row::new(
        "--inherit",
        "",
        "grant what its caller has: all variables, and the current folder to read and write",
        |own, _| {
            own.inherit = true;
            Ok(())
        },
    ),
];

/// The status and the line of a program that could not be run.
type Refusal = (u8, String);

fn main() -> ExitCode {
    let status = wasi_run(std::env::args_os().skip(1)).unwrap_or_else(|(status, message)| {
        say(&format!("wasi-run: {message}"));
        status
    });
    ExitCode::from(status)
}

fn wasi_run(args: impl Iterator<Item = OsString>) -> Result<u8, Refusal> {
    let mut args = args.peekable();
    let (mut options, own) = command_line::take(&mut args, &OWN).map_err(wrong)?;
    let words: Vec<OsString> = args.collect();
    if let Some(text) = description().asked(&words) {
        return text.map(|text| print(&text)).map_err(|why| (ending::USAGE, why));
    }
    let mut args = words.into_iter();
    let Some(word) = args.next() else {
        return Err((ending::USAGE, "no module is named; wasi-run --help tells more".into()));
    };
    match word.to_str() {
        Some("-h" | "--help") => return Ok(print(&help())),
        Some("-V" | "--version") => {
            return Ok(print(&format!("wasi-run {}\n", env!("CARGO_PKG_VERSION"))));
        }
        Some(word) if word.starts_with('-') && word.len() > 1 => {
            return Err(wrong(unknown_option(word, &OWN, "wasi-run")));
        }
        _ => {}
    }
    if options.engine == Some(Engine::Native) {
        let why = "--engine native: it runs python-wasm's own module and no other; use wasmi";
        return Err((ending::USAGE, why.into()));
    }
    signals::survive_large_files().map_err(wrong)?;
    let path = PathBuf::from(word);
    let name = match own.argv0 {
        Some(name) => name,
        None if own.inherit => path.clone().into_os_string(),
        None => path.file_name().map(Into::into).unwrap_or_default(),
    };
    if own.inherit {
        inherit::variables(&mut options);
    }
    run(&path, [name].into_iter().chain(args), options, own.inherit)
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err passes on")]
fn wrong(usage: Usage) -> Refusal {
    (ending::USAGE, usage.to_string())
}

/// Runs the module to its end, and says how that was unless it ended by itself.
fn run(
    path: &Path,
    args: impl Iterator<Item = OsString>,
    options: Options,
    inherits: bool,
) -> Result<u8, Refusal> {
    let (module, described) = load(path)?;
    let (limits, recording, trace) = (options.limits.clone(), options.recording.clone(), options.trace);
    let mut sandbox = options.sandbox(Names::AsGiven).map_err(wrong)?;
    if inherits {
        inherit::folder(&mut sandbox).map_err(|why| (ending::USAGE, format!("--inherit: {why}")))?;
    }
    let mut wasi = context(sandbox, args, trace)?;
    let run = recording.begin(&described, &mut wasi, limits).map_err(wrong)?;
    signals::forward(wasi.interrupt().clone(), Interrupt::interrupt, || ()).map_err(wrong)?;

    let not_a_program = |error: Error| (ending::NOT_A_PROGRAM, format!("{}: {error}", path.display()));
    let (outcome, mut instance) = start(&module, wasi, run.limits()).map_err(not_a_program)?;
    let limits = match run.end("wasi-run", &outcome, instance.as_mut()) {
        Ok(limits) => limits,
        Err(status) => return Ok(status),
    };
    let (status, line) = ending::of(&outcome, &limits);
    if let Some(line) = line {
        say(&format!("wasi-run: {line}"));
    }
    Ok(status)
}

/// Reads and compiles a program. The line tells it from others in a recording.
fn load(path: &Path) -> Result<(Module<()>, String), Refusal> {
    let failed = |status, why: &dyn fmt::Display| (status, format!("{}: {why}", path.display()));
    let wasm = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed(ending::NOT_FOUND, &error),
        _ => failed(ending::NOT_A_PROGRAM, &error),
    })?;
    let wasm = program::module(&wasm);
    let functions: &[HostFunction<()>] = &[];
    let module = Module::new(wasm, Origin::Unknown, functions);
    let module = module.map_err(|error| failed(ending::NOT_A_PROGRAM, &error))?;
    if !module.has_function("_start") {
        return Err(failed(
            ending::NOT_A_PROGRAM,
            &"the module exports no _start: it is a library, not a program",
        ));
    }
    let described = format!("wasi-run {}, module {:08x}", env!("CARGO_PKG_VERSION"), crc32fast::hash(wasm));
    Ok((module, described))
}

fn context(sandbox: Sandbox, args: impl Iterator<Item = OsString>, trace: bool) -> Result<WasiCtx, Refusal> {
    let inherited = command_line::inherited().map_err(|error| (ending::USAGE, error.to_string()))?;
    let mut builder = inherited.args(args.map(OsStringExt::into_vec));
    if trace {
        builder = command_line::traced(builder);
    }
    command_line::context(sandbox, builder).map_err(wrong)
}

/// Runs a program from its beginning: constructors, then `_start`. No instance is left if it ended while
/// it was being made.
fn start(
    module: &Module<()>,
    mut wasi: WasiCtx,
    limits: &Limits,
) -> Result<(Outcome, Option<Instance<()>>), Error> {
    wasi.set_deadline(limits.deadline());
    let mut instance = match module.instantiate(wasi, (), limits.into()) {
        Ok(instance) => instance,
        Err(Error::Start(outcome)) => return Ok((outcome, None)),
        Err(error) => return Err(error),
    };
    if module.has_function("_initialize") {
        let outcome = instance.call("_initialize", &[])?;
        if !matches!(outcome, Outcome::Returned(_)) {
            return Ok((outcome, Some(instance)));
        }
    }
    let outcome = instance.call("_start", &[])?;
    Ok((outcome, Some(instance)))
}
