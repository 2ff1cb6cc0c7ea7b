//! `python-wasm-mcp`: a server for the Model Context Protocol on standard input and output.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(python_wasm_mcp::main(std::env::args_os().skip(1)))
}
