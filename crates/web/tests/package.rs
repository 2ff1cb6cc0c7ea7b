//! Makes the npm package, installs it into an empty folder, and runs the tests in JavaScript against it.
//!
//! Needs Node 20, npm, and Rust for wasm32; TypeScript comes from the package registry, pinned by `npm/package-lock.json`,
//! and is kept in the target directory. What is missing is named, and the test ends.

#![allow(
    clippy::print_stdout,
    reason = "it tells what the tests in JavaScript found, or why there were none"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the program prints when something is not there, rather than wrong.
const MISSING: [&str; 6] =
    ["is missing", "cannot run npm", "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT"];

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a command to its good end, and returns what it printed.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", text(&output));
    text(&output)
}

/// Makes the package. The error says what is missing.
fn package() -> Result<PathBuf, String> {
    let node = Command::new("node").arg("--version").output();
    let version = node.map_err(|_| "node is missing: `apt-get install nodejs npm`, 20 or later")?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        return Err(format!("node {version} is too old: 20 or later is needed"));
    }
    let output = Command::new(env!("CARGO_BIN_EXE_package")).output().unwrap();
    if output.status.success() {
        let printed = String::from_utf8_lossy(&output.stdout);
        return Ok(PathBuf::from(printed.lines().last().unwrap_or_default()));
    }
    let printed = text(&output);
    assert!(MISSING.iter().any(|sign| printed.contains(sign)), "{printed}");
    Err(printed)
}

/// Installs the tarball into an empty folder, with the tests beside it.
fn install(tarball: &Path) -> PathBuf {
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm");
    let _old = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh).unwrap();
    for entry in fs::read_dir(home().join("npm/test")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), fresh.join(entry.file_name())).unwrap();
        }
    }
    let install = ["install", "--silent", "--offline", "--no-audit", "--no-fund"];
    run(Command::new("npm").args(install).arg(tarball.canonicalize().unwrap()).current_dir(&fresh));
    fresh
}

#[test]
fn the_package_passes_its_tests_in_an_empty_folder() {
    let tarball = match package() {
        Ok(tarball) => tarball,
        Err(missing) => {
            println!("the npm package was not tested: {missing}");
            return;
        }
    };
    let fresh = install(&tarball);
    println!("{}", run(Command::new("node").arg("--test").current_dir(&fresh)));
}
