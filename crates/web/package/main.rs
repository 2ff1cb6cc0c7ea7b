//! Makes the npm package `python-wasm`: `cargo run --release -p python-wasm-web`.
//!
//! The results are the folder `target/npm/package`, the tarball that `npm pack` makes of it beside it, and the page in
//! `target/npm/demo`.

#![cfg_attr(
    target_arch = "wasm32",
    allow(dead_code, unused_imports, reason = "the package is made on a host")
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

#[cfg(not(target_arch = "wasm32"))]
mod assets;
#[cfg(not(target_arch = "wasm32"))]
mod core;
#[cfg(not(target_arch = "wasm32"))]
mod demo;
#[cfg(not(target_arch = "wasm32"))]
mod npm;
#[cfg(not(target_arch = "wasm32"))]
mod wasm32;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Why the package cannot be made: a sentence for a person.
type Error = Box<dyn std::error::Error>;

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> ExitCode {
    match package() {
        Ok(tarball) => {
            println!("{}", tarball.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("package: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn package() -> Result<PathBuf, Error> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = home.join("../../target");
    let place = target.join("npm");
    let artefact = cpython::ensure(&target.join("recipe"))?;
    let core = core::build(home, &target)?;
    let package = place.join("package");
    assets::write(&artefact, &core, &package.join("dist/assets"))?;
    let tarball = npm::build(&home.join("npm"), &place)?;
    demo::build(&home.join("demo"), &place)?;
    Ok(tarball)
}
