//! The program `bench`.

use std::process::ExitCode;

fn main() -> ExitCode {
    python_wasm_bench::cli::main(std::env::args_os())
}
