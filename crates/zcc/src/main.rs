//! `zcc`, and by the names of its links `z++`, `zar` and `zranlib`: a C compiler whose programs run in the sandbox.

mod command;
mod launcher;
mod leb;
mod library;
mod links;
mod messages;
mod request;
mod response;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};

use cpython::{Error, Progress, Zig};

use self::request::{Mode, Request};

const HELP: &str = "\
usage: zcc [options] file...      (z++ for C++, zar and zranlib for static libraries)

Compiles C for wasm32-wasi. A program is one file, which starts by its name in the
sandbox of wasi-run: it sees its arguments, standard streams and environment, and
may read and write the current folder. `wasi-run FILE` runs the same file without
environment and folder.

The options are clang's (-c -o -I -L -l -D -O -g -E -S -MD -MF @file - ...) and
  --module        leave a plain WebAssembly module, as -o NAME.wasm does
  --runner=PATH   start the program by this wasi-run; without a slash it is looked
                  up in PATH. The default is the one beside zcc, and else PATH's
  --links[=DIR]   make the names z++, zar and zranlib beside zcc, or in DIR
  --help          this text; --version tells the compiler's

There are no shared libraries, threads, processes, setjmp or C++ exceptions; with
-fignore-exceptions a program that throws compiles, and ends when it throws.

environment:
  WASI_RUN_OPTIONS    options of wasi-run for a program that starts by its name
  PYTHON_WASM_CACHE   where the compiler is kept (default: the user's cache folder)

exit status: 0, or 1 if anything is wrong
";

/// The line for standard error.
type Failure = String;

fn main() -> ExitCode {
    let mut words = env::args_os();
    let own = words.next().unwrap_or_default();
    let name = Path::new(&own).file_name().unwrap_or_default().to_string_lossy().into_owned();
    run(&name, words.collect()).unwrap_or_else(|failure| {
        say(&format!("{name}: {failure}"));
        ExitCode::FAILURE
    })
}

fn run(name: &str, words: Vec<OsString>) -> Result<ExitCode, Failure> {
    match name {
        "zar" => Err(become_zig(&zig()?, "ar", &words)),
        "zranlib" => Err(become_zig(&zig()?, "ranlib", &words)),
        _ => compile(name, words),
    }
}

/// Compiles or links, by what the command line says.
fn compile(name: &str, words: Vec<OsString>) -> Result<ExitCode, Failure> {
    let words = response::expand(words)?;
    let request = Request::read(words, matches!(name, "z++" | "zc++" | "zcxx"))?;
    match request.mode {
        Mode::Help => {
            // A reader that closes the pipe has seen enough.
            let _ = io::stdout().write_all(HELP.as_bytes());
            return Ok(ExitCode::SUCCESS);
        }
        Mode::Links(ref folder) => return links::make(folder.as_deref()),
        Mode::Nothing => return Err("error: no input files; --help tells more".into()),
        Mode::Inquire => {
            let (command, words) = command::inquiry(&request);
            return Err(become_zig(&zig()?, command, &words));
        }
        Mode::Compile | Mode::Link | Mode::Join => {}
    }
    for input in request.files() {
        if !input.exists() {
            return Err(format!("error: no such file or directory: '{}'", input.display()));
        }
    }
    let zig = zig()?;
    if request.mode == Mode::Join {
        if let Some(source) = request.files().find(|file| !is_linked(file)) {
            return Err(format!("error: -r: {} is not an object; compile it by -c first", source.display()));
        }
        return Err(become_zig(&zig, "wasm-ld", &command::join(&request)));
    }
    if request.mode == Mode::Link && !zig.cache.is_dir() {
        say(&format!(
            "{name}: the first program compiles the C library as well, once: that takes some ten seconds"
        ));
    }
    let failed = |error| format!("cannot start {}: {error}", zig.program.display());
    let mut library = library::Library::ready()?;
    for words in command::all(&request, &library) {
        let mut ending = messages::run(&mut zig_command(&zig, request.command(), &words)?).map_err(failed)?;
        if request.mode == Mode::Link && library.give_way(&ending.messages) {
            let again = command::all(&request, &library).concat();
            ending = messages::run(&mut zig_command(&zig, request.command(), &again)?).map_err(failed)?;
        }
        ending.tell();
        if !ending.status.success() {
            return Ok(ended(ending.status));
        }
    }
    if let Some(program) = request.program() {
        launcher::put(program, request.runner.as_deref())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a file is an object or an archive by its name.
fn is_linked(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "o" || extension == "a")
}

/// Finds the compiler, and fetches it if this is the first time.
fn zig() -> Result<Zig, Failure> {
    cpython::zig(&Progress::new()).map_err(|error| match error {
        Error::Fetch { what, answer, log } => {
            let log = log.display();
            format!("cannot fetch the compiler, {what}: {answer}\nCheck the network (the whole log is {log})")
        }
        error => error.to_string(),
    })
}

/// Makes a command of zig's. The words go through a file if they are more than a system takes.
fn zig_command(zig: &Zig, command: &str, words: &[OsString]) -> Result<Command, Failure> {
    let mut run = Command::new(&zig.program);
    run.arg(command).args(response::shortened(words)?);
    for variable in ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"] {
        run.env(variable, &zig.cache);
    }
    Ok(run)
}

/// Lets zig take the place of this process. Returns only if that fails.
fn become_zig(zig: &Zig, command: &str, words: &[OsString]) -> Failure {
    match zig_command(zig, command, words) {
        Ok(mut run) => format!("cannot start {}: {}", zig.program.display(), run.exec()),
        Err(failure) => failure,
    }
}

/// Returns the exit status of a program that ended this way, as a shell tells it.
fn ended(status: ExitStatus) -> ExitCode {
    let signal = || status.signal().map_or(1, |signal| 128 + signal);
    ExitCode::from(u8::try_from(status.code().unwrap_or_else(signal)).unwrap_or(1))
}

/// Writes one line to standard error. Nobody can be told if that fails.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
