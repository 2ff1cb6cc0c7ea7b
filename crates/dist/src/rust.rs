//! Rust for a target: rustup's, or the distribution's packages where rustup has no standard library for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// What unpacked packages of Debian's contain together: a compiler, its sources, and the libraries that it needs.
const PACKAGES: &str = "rustc-web rust-web-src libstd-rust-web-dev libstd-rust-web-1.96 libllvm22 libz3-4";

/// The variable that names the folder where they were unpacked.
pub(crate) const UNPACKED: &str = "PYTHON_WASM_RUST_WEB";

/// A compiler that can build for a target.
#[derive(Debug)]
pub enum Rust {
    /// The one that cargo finds has the target's standard library.
    Own,
    /// A compiler with sources, in a folder: the standard library is built from them.
    Unpacked(PathBuf),
}

impl Rust {
    /// Finds a compiler for a target. The error says how one gets it.
    pub fn find(triple: &str) -> Result<Self, Error> {
        if has_target(triple)? {
            return Ok(Self::Own);
        }
        unpacked().map(Self::Unpacked).ok_or_else(|| missing(triple))
    }

    /// Makes a command that runs cargo use this compiler. `parts` are what is to be built of the standard library, such
    /// as `std,panic_abort`, if it has to be. Returns arguments for cargo.
    pub fn prepare(&self, cargo: &mut Command, parts: &str) -> Vec<String> {
        // What cargo tells the program that it runs is not meant for the cargo that this one runs.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        let Self::Unpacked(folder) = self else { return Vec::new() };
        cargo.env("RUSTC", folder.join("usr/bin/rustc")).env("RUSTC_BOOTSTRAP", "1");
        cargo.env("LD_LIBRARY_PATH", folder.join("usr/lib/x86_64-linux-gnu"));
        vec!["-Z".into(), format!("build-std={parts}")]
    }

    /// Returns the folder of the unpacked compiler if the standard library is compiled from its sources, which the
    /// compiler names by where they are.
    pub(crate) fn folder(&self) -> Option<&Path> {
        if let Self::Unpacked(folder) = self { Some(folder) } else { None }
    }

    /// Returns the path of the linker that comes with rustup's compiler.
    pub fn lld() -> Result<PathBuf, Error> {
        let sysroot = rustc(&["--print", "sysroot"])?.ok_or("rustc does not say where it is installed")?;
        let host = rustc(&["--print", "host-tuple"])?.ok_or("rustc does not say what it runs on")?;
        let linker = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld");
        if linker.is_file() {
            Ok(linker)
        } else {
            Err(format!("there is no linker at {}", linker.display()).into())
        }
    }
}

/// What is missing, and how one gets it.
fn missing(triple: &str) -> Error {
    format!(
        "Rust for {triple} is missing. With rustup: `rustup target add {triple}`. On Debian: \
         `mkdir rust-web && cd rust-web && apt-get download {PACKAGES} && for package in *.deb; do dpkg -x $package .; done`, \
         then set {UNPACKED} to that folder"
    )
    .into()
}

/// Whether the compiler has the target's standard library.
fn has_target(triple: &str) -> Result<bool, Error> {
    Ok(rustc(&["--print", "target-libdir", "--target", triple])?
        .is_some_and(|folder| Path::new(&folder).is_dir()))
}

fn rustc(arguments: &[&str]) -> Result<Option<String>, Error> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output =
        Command::new(rustc).args(arguments).output().map_err(|error| format!("cannot run rustc: {error}"))?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}

/// The folder with the distribution's compiler.
fn unpacked() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os(UNPACKED)?);
    folder.join("usr/bin/rustc").is_file().then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_commands() {
        let message = missing("wasm32-unknown-unknown").to_string();
        for part in ["rustup target add wasm32-unknown-unknown", "apt-get download rustc-web", UNPACKED] {
            assert!(message.contains(part), "{part}");
        }
    }
}
