//! Finds the binaries under test, which are built from the same sources and in the same profile as the tests.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the path of a binary under test: `python-wasm`, `wasi-run` or `zcc`.
///
/// Cargo tells a test only about the binaries of its own package, so the first call runs `cargo build` for
/// these. That is quick if they are up to date. `PYTHON_WASM_BINARIES` names a folder with other binaries to
/// test, such as an installed release.
pub fn path(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let given = || env::var_os("PYTHON_WASM_BINARIES").filter(|folder| !folder.is_empty());
    let binary = FOLDER.get_or_init(|| given().map_or_else(build, PathBuf::from)).join(name);
    assert!(binary.is_file(), "there is no {}", binary.display());
    binary
}

/// Builds the binaries and returns their folder, `target/<profile>`.
fn build() -> PathBuf {
    let test = env::current_exe().expect("the path of this test");
    // target/<profile>/deps/<test>, or target/<profile>/<command>
    let folder =
        test.ancestors().skip(1).find(|folder| !folder.ends_with("deps")).expect("tests are run by cargo");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => panic!("no profile in {}", test.display()),
    };
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package=python-wasm",
            "--package=wasi-run",
            "--package=python-wasm-zcc",
            "--bins",
            "--profile",
            profile,
        ])
        .args(cfg!(feature = "native").then_some("--features=python-wasm/native"))
        .args(cfg!(feature = "numpy").then_some("--features=python-wasm/numpy"))
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.parent().expect("the target folder"))
        .status()
        .expect("cargo starts");
    assert!(status.success(), "cargo cannot build the binaries under test");
    folder.to_path_buf()
}
