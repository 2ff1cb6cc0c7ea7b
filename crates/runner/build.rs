//! Builds or finds CPython, and tells the crate where it is to be embedded from.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use cpython::Artefact;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // The documentation needs no Python, and is made without a network there.
    let embedded = if env::var_os("DOCS_RS").is_some() {
        stand_ins(&out).map_err(|error| error.to_string())
    } else {
        python(&out).map_err(|error| error.to_string())
    };
    match embedded {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The files to embed, by the variables that tell the crate of them.
fn files(artefact: &Artefact) -> Vec<(&'static str, PathBuf)> {
    // Beside machine code the module is hardly used: compressed it is a quarter of the size.
    let code = if cfg!(feature = "native") { artefact.code_compressed() } else { artefact.code() };
    vec![
        ("PYTHON_WASM_LIBRARY", artefact.library()),
        ("PYTHON_WASM_LICENSES", artefact.licenses()),
        ("PYTHON_WASM_CODE", code),
        ("PYTHON_WASM_REST", artefact.rest()),
        #[cfg(feature = "numpy")]
        ("PYTHON_WASM_APART", artefact.apart()),
        ("PYTHON_WASM_IMAGE", artefact.image()),
        ("PYTHON_WASM_BEGINNING", artefact.beginning()),
        ("PYTHON_WASM_IDENTITY", artefact.identity()),
    ]
}

fn python(out: &Path) -> Result<(), cpython::Error> {
    for input in cpython::inputs() {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    for variable in cpython::VARIABLES {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    // Not this build's own folder: cargo holds its lock.
    let tool = out.join("recipe");
    let artefact = cpython::ensure(&tool)?;
    for (variable, path) in files(&artefact) {
        embed(variable, &path);
    }
    describe(&artefact);
    if cfg!(feature = "native") {
        let target = env::var("TARGET").unwrap_or_default();
        let signals = !cfg!(feature = "native-without-signals");
        let code = cpython::ensure_native(&artefact, &target, signals, &tool)?;
        println!("cargo::rustc-env=PYTHON_WASM_NATIVE_SIZE={}", code.metadata().map_or(0, |file| file.len()));
        embed("PYTHON_WASM_NATIVE", &code);
    }
    Ok(())
}

/// What `--version` tells: CPython's version, and the recipe's hash as far as the cache's folders show it.
fn describe(artefact: &Artefact) {
    let recipe = artefact.recipe();
    println!("cargo::rustc-env=PYTHON_WASM_PYTHON_VERSION={}", artefact.version());
    println!("cargo::rustc-env=PYTHON_WASM_RECIPE={}", recipe.get(..16).unwrap_or(recipe));
}

/// A cache that somebody has cleaned is filled again.
fn embed(variable: &str, path: &Path) {
    println!("cargo::rustc-env={variable}={}", path.display());
    println!("cargo::rerun-if-changed={}", path.display());
}

/// Empty files in the place of everything.
fn stand_ins(out: &Path) -> io::Result<()> {
    let artefact = Artefact::stand_in(out)?;
    for (variable, path) in files(&artefact) {
        println!("cargo::rustc-env={variable}={}", path.display());
    }
    describe(&artefact);
    let native = out.join("native");
    fs::write(&native, [0])?;
    println!("cargo::rustc-env=PYTHON_WASM_NATIVE={}", native.display());
    println!("cargo::rustc-env=PYTHON_WASM_NATIVE_SIZE=1");
    Ok(())
}
