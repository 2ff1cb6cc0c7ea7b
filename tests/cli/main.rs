//! The command lines as users meet them: `python-wasm` as `python3` is used, and what the sandbox adds.

mod alone;
mod command_line;
mod files;
mod image;
mod limits;
mod no_new_code;
mod options;
mod recording;
mod recursion;
mod sandbox;
mod signals;
mod stopping;
mod streams;
mod terminal;
mod wasm_files;

use python_wasm_tests::{Ended, Program};

/// Runs `python-wasm` with these words.
fn python<const N: usize>(words: [&str; N]) -> Ended {
    Program::python().args(words).run()
}

/// Runs Python statements by `-c`, with nothing granted.
fn statements(code: &str) -> Ended {
    python(["-c", code])
}
