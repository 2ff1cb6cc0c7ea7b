//! Builds or finds CPython and tells the crate where its files are, so that they can be embedded.

use std::process::ExitCode;

fn main() -> ExitCode {
    for input in cpython::inputs() {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    for variable in cpython::VARIABLES {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let artefact = match cpython::ensure(&cpython::Progress::new()) {
        Ok(artefact) => artefact,
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            return ExitCode::FAILURE;
        }
    };
    let files = [
        ("PYTHON_WASM_MODULE", artefact.module()),
        ("PYTHON_WASM_LIBRARY", artefact.library()),
        ("PYTHON_WASM_LICENSES", artefact.licenses()),
    ];
    for (variable, path) in files {
        println!("cargo::rustc-env={variable}={}", path.display());
        // A cache that somebody has cleaned is filled again.
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rustc-env=PYTHON_WASM_PYTHON_VERSION={}", artefact.version());
    ExitCode::SUCCESS
}
