//! Runs the recipe from the command line: `cargo run --release -p python-wasm-cpython -- build | info |
//! clean`.

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use cpython::{Cache, Error, Progress};

const HELP: &str = "\
Builds CPython for WASI from source, into a cache that all builds share.

Usage: cargo run --release -p python-wasm-cpython -- COMMAND

Commands:
  build                       build what is missing; print the result's folder
  build --check-reproducible  build a second time from scratch, and compare the bytes
  compile TARGET              compile the module for a target, such as x86_64-unknown-linux-gnu; print
                              the file (needs --features native before the --)
  info                        show paths, sizes, checksums and times; builds nothing
  clean                       remove the whole cache
  clean --work                remove all but the finished results

Environment:
  PYTHON_WASM_CACHE    the cache's folder (default: python-wasm in the user's cache folder)
  PYTHON_WASM_SOURCE   a local copy of CPython's release tarball (.tar.xz)
  PYTHON_WASM_MUSL     a local copy of musl's release tarball (.tar.gz)
  PYTHON_WASM_CPYTHON  a result that was built elsewhere, to use instead of building
";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["build"] => build(),
        ["build", "--check-reproducible"] => check(),
        ["compile", target] => compile(target),
        ["info"] => info(),
        ["clean"] => clean(false),
        ["clean", "--work"] => clean(true),
        ["-h" | "--help" | "help"] => {
            say(HELP);
            Ok(())
        }
        [] => return usage("a command is missing"),
        wrong => return usage(&format!("no such command: {}", wrong.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage(problem: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {problem}\n\n{HELP}");
    ExitCode::from(2)
}

fn build() -> Result<(), Error> {
    say(&format!("{}\n", cpython::build(&Cache::of_user()?, &Progress::new())?.folder().display()));
    Ok(())
}

#[cfg(feature = "native")]
fn compile(target: &str) -> Result<(), Error> {
    let (cache, progress) = (Cache::of_user()?, Progress::new());
    let artefact = cpython::build(&cache, &progress)?;
    say(&format!("{}\n", cpython::compile(&artefact, target, &cache, &progress)?.display()));
    Ok(())
}

#[cfg(not(feature = "native"))]
fn compile(target: &str) -> Result<(), Error> {
    let reason = "this program has no compiler; run it with --features native".into();
    Err(Error::Native { target: target.into(), reason })
}

fn check() -> Result<(), Error> {
    let artefact = cpython::check_reproducible(&Cache::of_user()?, &Progress::new())?;
    say(&format!("reproducible: two builds gave the same bytes\n{}", artefact.info()));
    Ok(())
}

fn info() -> Result<(), Error> {
    let cache = Cache::of_user()?;
    say(&format!("recipe {}\ncache  {}\n\n", cpython::recipe_hash()?, cache.root().display()));
    let results = cpython::results(&cache)?;
    let mut contents = cache.contents()?;
    for (stage, folder) in &results {
        let found = contents.iter().position(|(name, _)| folder.ends_with(name));
        let size = found.map(|index| contents.remove(index).1);
        let state = size.map_or("to be built".to_owned(), megabytes);
        say(&format!("{stage:12} {state:>12}  {}\n", folder.display()));
    }
    for (name, size) in contents {
        say(&format!("{:12} {:>12}  {}\n", "(other)", megabytes(size), cache.root().join(name).display()));
    }
    if results.last().is_some_and(|(_, folder)| folder.is_dir()) {
        say(&format!("\n{}", cpython::build(&cache, &Progress::silent())?.info()));
    }
    Ok(())
}

fn clean(keep_artefacts: bool) -> Result<(), Error> {
    Cache::of_user()?.clean(keep_artefacts, &Progress::new())
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

/// Writes to stdout. An error is ignored: a reader that closed the pipe wants no more.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
