//! The command lines: `python-wasm` and `wasi-run`. The binaries call [`python::main`] and [`wasi::main`].

mod ending;
mod moment;
mod options;
pub mod python;
mod python_line;
mod recording;
mod run;
mod shown;
mod signals;
pub mod wasi;

use std::io::{self, Write};

use options::Usage;

/// Prints what somebody asked for. Whoever closes the pipe early has seen enough.
fn print(text: &str) -> u8 {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            run::say(&format!("cannot write to standard output: {error}"));
            1
        }
        _ => 0,
    }
}

/// An option that neither the sandbox nor the program in it has.
fn unknown_option(word: &str, program: &str) -> Usage {
    Usage(match options::nearest(word) {
        Some(near) => format!("unknown option {word}; did you mean {near}?"),
        None => format!("unknown option {word}; {program} --help lists them"),
    })
}
