//! Builds the core for wasm32-unknown-unknown: by rustup's target, or by the distribution's packages where there is none.

use std::path::{Path, PathBuf};
use std::process::Command;

use python_wasm_dist::Rust;

use crate::Error;

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the core and returns its path.
pub(crate) fn build(home: &Path, target: &Path) -> Result<PathBuf, Error> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "--profile", "web", "--package", "python-wasm-web", "--lib"]);
    cargo.args(["--target", TARGET, "--target-dir"]).arg(target).current_dir(home);
    let rust = Rust::find(TARGET)?;
    let more = rust.prepare(&mut cargo, "std,panic_abort");
    if let Rust::Unpacked(_) = rust {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", Rust::lld()?);
    }
    let status = cargo.args(more).status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err("the core was not built: cargo says why above".into());
    }
    Ok(target.join(TARGET).join("web/python_wasm_web.wasm"))
}
