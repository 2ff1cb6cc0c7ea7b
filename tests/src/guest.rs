//! Makes modules from the sources in `guests/` and `floods/`: text format, or C by the recipe's compiler.
//!
//! Guests are not written in Rust: the tests would have to install the target `wasm32-wasip1` into the
//! machine's Rust, while the C compiler is already there for CPython.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cpython::{Compiler, Progress};
use sha2::{Digest as _, Sha256};

/// Returns the path of a folder of sources: `guests` or `floods`.
pub fn sources(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Returns the names of the sources in a folder, sorted.
pub fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(sources(folder)).expect("the folder of sources");
    let paths = entries.map(|entry| entry.expect("a source").path());
    let modules = paths.filter(|path| path.extension().is_some_and(|extension| extension != "h"));
    let mut names: Vec<String> =
        modules.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Returns the module that is made from `<folder>/<name>.wat` or `<folder>/<name>.c`, whichever exists.
pub fn module(folder: &str, name: &str) -> PathBuf {
    let source = |extension| sources(folder).join(name).with_extension(extension);
    let (text, c) = (source("wat"), source("c"));
    match (text.is_file(), c.is_file()) {
        (true, false) => assembled(&text),
        (false, true) => compiled(&c),
        (false, false) => panic!("guest {name} has no source"),
        (true, true) => panic!("guest {name} has two sources"),
    }
}

fn assembled(source: &Path) -> PathBuf {
    let bytes = wat::parse_file(source).unwrap_or_else(|error| panic!("{error}"));
    keep(source, &bytes, |path| fs::write(path, &bytes).expect("the module is written"))
}

fn compiled(source: &Path) -> PathBuf {
    static COMPILER: OnceLock<Compiler> = OnceLock::new();
    let compiler = COMPILER
        .get_or_init(|| cpython::compiler(&Progress::new()).unwrap_or_else(|error| panic!("{error}")));
    let mut inputs = fs::read(source).expect("the guest is read");
    let headers = sources("guests");
    inputs.extend(fs::read(headers.join("guest.h")).expect("the guests' header is read"));
    for path in compiler.libc.iter().chain([&compiler.zig]) {
        inputs.extend(path.as_os_str().as_encoded_bytes());
    }
    keep(source, &inputs, |path| {
        let output = Command::new(&compiler.zig)
            .args(["cc", "-target", "wasm32-wasi", "-O1", "-Wall", "-Wextra", "-Werror", "-I"])
            .arg(&headers)
            .arg("-o")
            .arg(path)
            // By name alone: a failed check of the guest prints this path.
            .arg(source.file_name().expect("a source has a name"))
            .args(&compiler.libc)
            .current_dir(source.parent().expect("a source is in a folder"))
            .env("ZIG_GLOBAL_CACHE_DIR", &compiler.cache)
            .env("ZIG_LOCAL_CACHE_DIR", &compiler.cache)
            .output()
            .expect("the compiler starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} does not compile:\n{errors}", source.display());
    })
}

/// Returns the module named for its source and the hash of its inputs, and makes it if it does not exist.
/// Tests run in parallel and in several processes: each makes its own module and renames it into place.
fn keep(source: &Path, inputs: &[u8], make: impl FnOnce(&Path)) -> PathBuf {
    let folder = crate::scratch("guests");
    let name = source.file_stem().expect("a source has a name").to_string_lossy();
    let digest = Sha256::digest(inputs);
    let hash = digest.iter().take(8).fold(0, |hash, &byte| hash << 8 | u64::from(byte));
    let kept = folder.join(format!("{name}-{hash:016x}.wasm"));
    if !kept.is_file() {
        let work = tempfile::tempdir_in(&folder).expect("a folder for the new module");
        let fresh = work.path().join("guest.wasm");
        make(&fresh);
        fs::rename(&fresh, &kept).expect("the module takes its place");
    }
    kept
}
