//! Builds the wheel, installs it into a fresh environment, and runs the tests in Python against it.
//!
//! maturin and pytest come from the package index, pinned by hash in `tests/requirements.txt`, and are kept in
//! the target directory. Where the index cannot be reached the test says so and ends.

#![allow(clippy::print_stdout, reason = "it tells what the tests in Python found, or why there were none")]

mod environment;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::environment::{environment, run};

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the folder for what is made here, and cargo's target directory above it.
fn folders() -> (PathBuf, PathBuf) {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    (temporary.join("wheel"), temporary.parent().expect("it is below the target directory").to_owned())
}

/// Builds the wheel in cargo's profile for development, and returns it.
///
/// Without the second engine, whose machine code takes minutes to make, unless all is tested with it.
fn wheel(tools: &Path, place: &Path, target: &Path) -> PathBuf {
    let native = std::env::var("PYTHON_WASM_ENGINE").is_ok_and(|engine| engine == "native");
    let features = if native { "extension-module,native" } else { "extension-module" };
    let _old = fs::remove_dir_all(place);
    run(Command::new(tools.join("bin/maturin"))
        .args(["build", "--locked", "--profile", "dev", "--features", features])
        // The machine that builds it is the one that runs it.
        .args(["--compatibility", "linux", "--strip", "false", "--manifest-path"])
        .arg(home().join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .arg("--interpreter")
        .arg(tools.join("bin/python"))
        .arg("--out")
        .arg(place));
    let mut wheels = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    wheels.next().expect("maturin has made a wheel")
}

#[test]
fn the_wheel_passes_its_tests_in_a_fresh_environment() {
    let (place, target) = folders();
    fs::create_dir_all(&place).unwrap();
    let tools = place.join("tools");
    if !environment(&tools, &home().join("tests/requirements.txt")) {
        println!("the package index is not reached: maturin and pytest are missing, and no wheel was built");
        return;
    }
    let wheel = wheel(&tools, &place.join("wheels"), &target);
    let fresh = place.join("fresh");
    let _old = fs::remove_dir_all(&fresh);
    // Its own packages come first; pytest is found in the tools'.
    run(Command::new(tools.join("bin/python")).args(["-m", "venv", "--without-pip"]).arg(&fresh));
    run(Command::new(tools.join("bin/python"))
        .args(["-m", "pip", "--python"])
        .arg(fresh.join("bin/python"))
        .args(["install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"])
        .arg(&wheel));
    let packages = run(Command::new(tools.join("bin/python"))
        .args(["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]));
    let tests = run(Command::new(fresh.join("bin/python"))
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=5"])
        .env("PYTHONPATH", packages.trim())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(home().join("tests")));
    println!("{tests}");
}
