//! Runs the official client, `mcp` from PyPI, against the server: the tests beside this file, in Python.
//!
//! The client comes from the package index, pinned by hash in `requirements.txt`, and is kept in the target directory.
//! Where the index cannot be reached the test says so and ends.

#![allow(clippy::print_stdout, reason = "it tells what the tests in Python found, or why there were none")]

#[path = "../../python/tests/environment/mod.rs"]
mod environment;

use std::path::Path;
use std::process::Command;

use self::environment::{environment, run};

#[test]
fn the_official_client_is_served() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp");
    if !environment(&place, &tests.join("requirements.txt")) {
        println!("the package index is not reached: the client is missing, and the server was not tried");
        return;
    }
    let told = run(Command::new(place.join("bin/python"))
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=5"])
        .env("PYTHON_WASM_MCP", env!("CARGO_BIN_EXE_python-wasm-mcp"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(tests));
    println!("{told}");
}
