//! Builds the core for wasm32-unknown-unknown: by rustup's target, or by the distribution's packages where there is none.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

const TARGET: &str = "wasm32-unknown-unknown";

/// What unpacked packages of Debian's contain together: a compiler, its sources, and the libraries that it needs.
const PACKAGES: &str = "rustc-web rust-web-src libstd-rust-web-dev libstd-rust-web-1.96 libllvm22 libz3-4";

/// The variable that names the folder where they were unpacked.
const UNPACKED: &str = "PYTHON_WASM_RUST_WEB";

/// Builds the core and returns its path.
pub(crate) fn build(home: &Path, target: &Path) -> Result<PathBuf, Error> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "--profile", "web", "--package", "python-wasm-web", "--lib"]);
    cargo.args(["--target", TARGET, "--target-dir"]).arg(target).current_dir(home);
    // What cargo tells the program that it runs is not meant for the cargo that this one runs.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    if !has_target()? {
        let unpacked = unpacked().ok_or_else(missing)?;
        cargo.args(["-Z", "build-std=std,panic_abort"]);
        cargo.env("RUSTC", unpacked.join("usr/bin/rustc")).env("RUSTC_BOOTSTRAP", "1");
        cargo.env("LD_LIBRARY_PATH", unpacked.join("usr/lib/x86_64-linux-gnu"));
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?);
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err("the core was not built: cargo says why above".into());
    }
    Ok(target.join(TARGET).join("web/python_wasm_web.wasm"))
}

/// What is missing, and how one gets it.
fn missing() -> Error {
    format!(
        "Rust for {TARGET} is missing. With rustup: `rustup target add {TARGET}`. On Debian: \
         `mkdir rust-web && cd rust-web && apt-get download {PACKAGES} && for package in *.deb; do dpkg -x $package .; done`, \
         then set {UNPACKED} to that folder"
    )
    .into()
}

/// Whether the compiler has the target's standard library.
fn has_target() -> Result<bool, Error> {
    Ok(rustc(&["--print", "target-libdir", "--target", TARGET])?
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

/// The linker that comes with rustup's compiler.
fn linker() -> Result<PathBuf, Error> {
    let sysroot = rustc(&["--print", "sysroot"])?.ok_or("rustc does not say where it is installed")?;
    let host = rustc(&["--print", "host-tuple"])?.ok_or("rustc does not say what it runs on")?;
    let linker = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld");
    if linker.is_file() {
        Ok(linker)
    } else {
        Err(format!("there is no linker at {}", linker.display()).into())
    }
}

/// Whether the core can be built here.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_commands() {
        let message = missing().to_string();
        for part in ["rustup target add wasm32-unknown-unknown", "apt-get download rustc-web", UNPACKED] {
            assert!(message.contains(part), "{part}");
        }
    }
}
