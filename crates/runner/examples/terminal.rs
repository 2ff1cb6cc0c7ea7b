//! Runs Python's own command line and prompt from a program, with a function of the program in the module
//! `host`: `cargo run --example terminal -- -i -c "from host import double"`.

use python_wasm::{Error, Python};

fn main() -> Result<(), Error> {
    let status = Python::builder()
        .env("FROM", "a library")
        .function("double", |number: i64| number.checked_mul(2).ok_or("that is too large"))
        .terminal(std::env::args_os().skip(1))?;
    std::process::exit(status)
}
