//! The wheel of a target, by maturin.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{output, run};
use crate::{Error, Target, Workspace};

/// Builds the wheel for a target, has maturin check that it needs nothing that the target's oldest system has not, and
/// moves it into a folder. Returns its path.
pub fn wheel(workspace: &Workspace, target: Target, folder: &Path) -> Result<PathBuf, Error> {
    let maturin = maturin(workspace)?;
    // A module that Python loads is a shared library, also where the C library is musl.
    let toolchain =
        workspace.toolchain(target, if target.is_musl() { "-C target-feature=-crt-static" } else { "" })?;
    let place = workspace.target.join("wheels").join(target.triple);
    let _old = fs::remove_dir_all(&place);
    let mut command = Command::new(maturin);
    command.args([
        "build",
        "--release",
        "--locked",
        "--target",
        target.triple,
        "--compatibility",
        target.wheel,
    ]);
    command.arg("--manifest-path").arg(workspace.home.join("crates/python/Cargo.toml"));
    command.arg("--target-dir").arg(&workspace.target).arg("--out").arg(&place);
    let more = toolchain.prepare(&mut command);
    run(command.args(more))?;
    let mut files = fs::read_dir(&place)?;
    let made = files.next().ok_or("maturin made no wheel")??;
    let path = folder.join(made.file_name());
    fs::copy(made.path(), &path)?;
    Ok(path)
}

/// Returns the path of maturin, which is installed first, pinned by hash, if it is not there.
fn maturin(workspace: &Workspace) -> Result<PathBuf, Error> {
    let place = workspace.target.join("maturin");
    let maturin = place.join("bin/maturin");
    let pinned = workspace.home.join("crates/python/tests/requirements.txt");
    let stamp = place.join("requirements.txt");
    if maturin.is_file() && fs::read(&stamp).ok() == fs::read(&pinned).ok() {
        return Ok(maturin);
    }
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
    ]);
    pip.args(["--upgrade", "--target"]).arg(&place).arg("--requirement").arg(&pinned);
    output(&mut pip)?;
    fs::copy(&pinned, &stamp)?;
    Ok(maturin)
}
