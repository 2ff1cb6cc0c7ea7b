//! Builds the core for wasm32-unknown-unknown.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::wasm32::{TARGET, cargo};

/// Builds the core and returns its path.
pub(crate) fn build(home: &Path, target: &Path) -> Result<PathBuf, Error> {
    let mut cargo = cargo("build", target)?;
    cargo.args(["--profile", "web", "--package", "python-wasm-web", "--lib"]).current_dir(home);
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err("the core was not built: cargo says why above".into());
    }
    Ok(target.join(TARGET).join("web/python_wasm_web.wasm"))
}
