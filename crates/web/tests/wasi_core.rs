//! Runs wasi-core's own tests on wasm32-unknown-unknown, in Node: those that need no host.
//!
//! Needs Node 20 and Rust for wasm32. What is missing is named, and the test ends.

#![allow(clippy::print_stdout, reason = "it tells what the tests found, or why there were none")]

#[path = "../package/wasm32.rs"]
mod wasm32;

use std::fs;
use std::path::Path;
use std::process::Command;

/// Returns the tests that say that Node can run them.
fn portable(tests: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(tests).unwrap() {
        let path = entry.unwrap().path();
        let source = if path.is_dir() { path.join("main.rs") } else { path.clone() };
        if fs::read_to_string(source).is_ok_and(|text| text.contains("test_runner(node::run)")) {
            names.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    names.sort();
    names
}

#[test]
fn wasi_core_behaves_on_wasm32_as_it_does_here() {
    if Command::new("node").arg("--version").output().is_err() {
        println!(
            "wasi-core was not tested on wasm32: node is missing: `apt-get install nodejs`, 20 or later"
        );
        return;
    }
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cargo = match wasm32::cargo("test", &home.join("../../target")) {
        Ok(cargo) => cargo,
        Err(missing) => {
            println!("wasi-core was not tested on wasm32: {missing}");
            return;
        }
    };
    let tests = home.join("../wasi-core/tests");
    let names = portable(&tests);
    assert!(names.len() >= 6, "{names:?}");
    cargo.args(["--package", "python-wasm-wasi-core", "--no-default-features", "--features", "embedded"]);
    cargo.args(names.iter().flat_map(|name| ["--test", name]));
    // The harness of the tests is a nightly's, which the stable compiler has, too.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        format!("node {}", tests.join("node/run.mjs").display()),
    );
    let output = cargo.current_dir(home).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    println!("{printed}");
}
