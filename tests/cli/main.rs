//! The command lines as users use them: `python-wasm` in the place of `python3`, and what the sandbox adds.

mod alone;
mod command_line;
mod completions;
mod databases;
mod documents;
mod files;
mod home;
mod image;
mod limits;
mod locks;
mod modes;
mod no_new_code;
mod options;
mod packages;
mod prepared;
mod recording;
mod recursion;
mod sandbox;
mod signals;
mod stopping;
mod streams;
mod terminal;
mod wasm_files;

use python_wasm_tests::{Outcome, Program};

/// Runs `python-wasm` with these arguments.
fn python<const N: usize>(words: [&str; N]) -> Outcome {
    Program::python().args(words).run()
}

/// Runs Python statements with `-c`, without grants.
fn statements(code: &str) -> Outcome {
    python(["-c", code])
}
