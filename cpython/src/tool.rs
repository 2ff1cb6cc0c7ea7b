//! Has cargo build this crate's binary, and runs it.
//!
//! By default cargo does not optimise a build script or the crates that it links. The recipe interprets
//! Python and compresses megabytes, so it is a program of its own, which is optimised whatever the script's
//! profile is.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::HOME;
use crate::error::{Error, IoContext as _};

/// The profile that the interpreter needs. RATIONALE.md says why, under "Why do the profiles turn wasmi's
/// debug assertions off?".
const PROFILE: [&str; 4] = [
    "profile.release.opt-level=3",
    "profile.release.codegen-units=1",
    "profile.release.debug-assertions=false",
    "profile.release.overflow-checks=false",
];

/// Returns whether an environment variable belongs to the running build script, so that another build must
/// not see it.
fn belongs_to_the_script(name: &str) -> bool {
    const KEPT: [&str; 3] = ["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_NET_OFFLINE"];
    const OWN: [&str; 8] =
        ["DEBUG", "HOST", "NUM_JOBS", "OPT_LEVEL", "OUT_DIR", "PROFILE", "RUSTFLAGS", "TARGET"];
    let prefixed = ["CARGO", "DEP_", "RUSTC", "RUSTDOC"].iter().any(|prefix| name.starts_with(prefix));
    (prefixed || OWN.contains(&name)) && !KEPT.contains(&name)
}

/// Builds the binary with `features`, beside the default ones, and runs it.
///
/// Fails with [`Error::Tool`] if it does not build, or exits with another status than 0.
pub(crate) fn run(arguments: &[&str], features: &[&str], target_dir: &Path) -> Result<(), Error> {
    let cargo = PathBuf::from(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let mut command = Command::new(&cargo);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(belongs_to_the_script) {
            command.env_remove(name);
        }
    }
    command.args(["run", "--quiet", "--release", "--bin", "cpython"]);
    command.arg("--manifest-path").arg(Path::new(HOME).join("Cargo.toml"));
    command.arg("--target-dir").arg(target_dir);
    // It has to follow the same recipe.
    let features = [features, if cfg!(feature = "numpy") { &["numpy"] } else { &[] }].concat();
    if !features.is_empty() {
        command.arg("--features").arg(features.join(","));
    }
    for setting in PROFILE {
        command.args(["--config", setting]);
    }
    // The caller's own build holds the lock of its target folder meanwhile, so `target_dir` must be another
    // folder.
    command.arg("--").args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    let ended = command.output().on("start", &cargo)?;
    if ended.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    Err(Error::Tool { arguments: arguments.join(" "), status: ended.status.to_string(), output })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_own_settings_do_not_reach_the_tools_build() {
        for name in [
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "RUSTC_WORKSPACE_WRAPPER",
            "TARGET",
            "DEP_Z_ROOT",
        ] {
            assert!(belongs_to_the_script(name), "{name}");
        }
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN", "HTTPS_PROXY", "PYTHON_WASM_CACHE"] {
            assert!(!belongs_to_the_script(name), "{name}");
        }
    }
}
