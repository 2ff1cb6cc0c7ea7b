//! Runs this crate's binary, which cargo builds first.
//!
//! A build script is compiled without optimisation unless its user says otherwise, and so are the crates
//! that it is linked with. The recipe interprets Python and compresses megabytes: as a program of its own
//! it is optimised in whatever profile the script is.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::HOME;
use crate::error::{Error, IoContext as _};

/// What the interpreter inside needs: RATIONALE.md says why.
const PROFILE: [&str; 4] = [
    "profile.release.opt-level=3",
    "profile.release.codegen-units=1",
    "profile.release.debug-assertions=false",
    "profile.release.overflow-checks=false",
];

/// Variables of a build script's environment that must not reach a build of something else.
fn belongs_to_the_script(name: &str) -> bool {
    const KEPT: [&str; 3] = ["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_NET_OFFLINE"];
    const OWN: [&str; 8] =
        ["DEBUG", "HOST", "NUM_JOBS", "OPT_LEVEL", "OUT_DIR", "PROFILE", "RUSTFLAGS", "TARGET"];
    let prefixed = ["CARGO", "DEP_", "RUSTC", "RUSTDOC"].iter().any(|prefix| name.starts_with(prefix));
    (prefixed || OWN.contains(&name)) && !KEPT.contains(&name)
}

/// Builds the binary with these features beside `build` and runs it.
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
    if !features.is_empty() {
        command.arg("--features").arg(features.join(","));
    }
    for setting in PROFILE {
        command.args(["--config", setting]);
    }
    // The lock and the shared targets of the caller's own build are held meanwhile: `target_dir` is another.
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
