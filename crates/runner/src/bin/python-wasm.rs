//! `python-wasm`: CPython in the sandbox, on the command line of `python3`.

use std::process::ExitCode;

fn main() -> ExitCode {
    python_wasm::cli::main()
}
