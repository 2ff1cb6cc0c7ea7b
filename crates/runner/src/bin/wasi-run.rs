//! `wasi-run`: runs any WASI preview1 module in the sandbox.

use std::process::ExitCode;

fn main() -> ExitCode {
    python_wasm::cli::wasi::main()
}
