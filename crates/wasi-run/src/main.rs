//! `wasi-run`: any WASI preview1 module, with what it is granted and nothing else.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use python_wasm_engine::{Engine, Error, HostFunction, Module, Origin};
use python_wasm_sandbox::command_line::options::{self, Names, Usage};
use python_wasm_sandbox::command_line::{ending, print, run, unknown_option};

fn main() -> ExitCode {
    let status = wasi_run(std::env::args_os().skip(1)).unwrap_or_else(|(status, message)| {
        run::say(&format!("wasi-run: {message}"));
        status
    });
    ExitCode::from(status)
}

fn help() -> String {
    format!(
        "\
usage: wasi-run [options] MODULE.wasm [arguments]

Runs a WASI preview1 module in a sandbox: it sees its arguments, standard input,
output and error, and the folders that are granted, under exactly the names
given and in that order. A folder without a name of its own is called as written.

options:
{}  -h, --help, -V, --version

exit status: the program's own, or
  2   a wrong option
{}",
        options::help(&options::ARGV0),
        ending::HELP
    )
}

/// The exit status, or the one of a program that could not be run with the reason.
fn wasi_run(args: impl Iterator<Item = OsString>) -> Result<u8, (u8, String)> {
    let wrong = |usage: Usage| (ending::USAGE, usage.to_string());
    let mut args = args.peekable();
    let mut options = options::take(&mut args, &options::ARGV0).map_err(wrong)?;
    let Some(word) = args.next() else {
        return Err((ending::USAGE, "no module is named; wasi-run --help tells more".into()));
    };
    match word.to_str() {
        Some("-h" | "--help") => return Ok(print(&help())),
        Some("-V" | "--version") => {
            return Ok(print(&format!("wasi-run {}\n", env!("CARGO_PKG_VERSION"))));
        }
        Some(word) if word.starts_with('-') && word.len() > 1 => {
            return Err(wrong(unknown_option(word, "wasi-run")));
        }
        _ => {}
    }
    if options.engine == Some(Engine::Native) {
        let why = "--engine native: it runs python-wasm's own module and no other; use wasmi";
        return Err((ending::USAGE, why.into()));
    }
    let path = PathBuf::from(word);
    let (module, described) = load(&path)?;

    let mut limits = options.limits.clone();
    let recording = options.recording.clone();
    let name = options.argv0.take().or_else(|| path.file_name().map(Into::into)).unwrap_or_default();
    let trace = options.trace;
    let mut builder = run::inherit().map_err(|error| (ending::USAGE, error.to_string()))?;
    builder = builder.arg(name.into_vec()).args(args.map(OsStringExt::into_vec));
    if trace {
        builder = run::trace(builder);
    }
    let sandbox = options.sandbox(Names::AsGiven).map_err(wrong)?;
    let mut wasi = run::context(sandbox, builder).map_err(wrong)?;
    recording.begin(&described, &mut wasi, &mut limits).map_err(wrong)?;
    run::obey_signals(&wasi).map_err(wrong)?;

    let not_a_program = |error: Error| (ending::NOT_A_PROGRAM, format!("{}: {error}", path.display()));
    let (outcome, mut instance) = run::start(&module, wasi, (), &limits).map_err(not_a_program)?;
    if !recording.end("wasi-run", instance.as_mut()) {
        return Ok(ending::RECORDING);
    }
    let (status, line) = ending::of(&outcome, &limits);
    if let Some(line) = line {
        run::say(&format!("wasi-run: {line}"));
    }
    Ok(status)
}

/// Reads and compiles a module that has a beginning. The line tells it from others in a recording.
fn load(path: &Path) -> Result<(Module<()>, String), (u8, String)> {
    let failed = |status, why: &dyn std::fmt::Display| (status, format!("{}: {why}", path.display()));
    let wasm = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed(ending::NOT_FOUND, &error),
        _ => failed(ending::NOT_A_PROGRAM, &error),
    })?;
    let functions: &[HostFunction<()>] = &[];
    let module = Module::new(&wasm, Origin::Unknown, functions);
    let module = module.map_err(|error| failed(ending::NOT_A_PROGRAM, &error))?;
    if !module.has_function("_start") {
        return Err(failed(
            ending::NOT_A_PROGRAM,
            &"the module exports no _start: it is a library, not a program",
        ));
    }
    let described = format!("wasi-run {}, module {:08x}", env!("CARGO_PKG_VERSION"), crc32fast::hash(&wasm));
    Ok((module, described))
}
