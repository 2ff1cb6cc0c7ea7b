//! Python's own command line and prompt, from a library: `cargo run --example terminal -- -i -c "x = 1"`.

use python_wasm::{Error, Python};

fn main() -> Result<(), Error> {
    let status = Python::builder().env("FROM", "a library").terminal(std::env::args_os().skip(1))?;
    std::process::exit(status)
}
