//! The recipe that builds CPython for WASI from source, and the way to its result.
//!
//! A build script calls [`ensure`]; everybody else may run this crate's binary. The result lies in a
//! per-user [`Cache`] under a name made from the recipe, so that debug and release builds and several
//! checkouts share it.
//!
//! With the feature `build` (the default) this is the program that follows the recipe. A build script takes
//! the crate without it: it only looks into the cache, and runs that program, optimised whatever the
//! script's own profile, where nothing is found.
#![cfg_attr(not(feature = "build"), allow(dead_code, reason = "most of it is for the program that builds"))]

mod artefact;
mod cache;
mod error;
mod fingerprint;
mod native;
mod stage;
mod stages;
mod tool;
mod tree;

#[cfg(feature = "build")]
mod building;
#[cfg(feature = "build")]
mod fetch;
#[cfg(feature = "build")]
mod patch;
#[cfg(feature = "build")]
mod prerequisites;
#[cfg(feature = "build")]
mod progress;
#[cfg(feature = "build")]
mod reproducible;
#[cfg(feature = "build")]
pub mod split;
#[cfg(feature = "build")]
mod workshop;
#[cfg(feature = "build")]
mod zip;

use std::env;
use std::path::{Path, PathBuf};

pub use artefact::Artefact;
#[cfg(feature = "build")]
pub use building::{Compiler, build, compiler, sources};
pub use cache::Cache;
pub use error::Error;
#[cfg(feature = "native")]
pub use native::compile;
#[cfg(feature = "build")]
pub use prerequisites::Missing;
#[cfg(feature = "build")]
pub use progress::Progress;
#[cfg(feature = "build")]
pub use reproducible::check_reproducible;

use stage::Recipe;

/// The folder of this crate: the recipe's files are read from it.
const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// Variables of the environment that [`ensure`] reads.
pub const VARIABLES: [&str; 6] = [
    "PYTHON_WASM_CPYTHON",
    "PYTHON_WASM_CACHE",
    "PYTHON_WASM_SOURCE",
    "PYTHON_WASM_MUSL",
    "XDG_CACHE_HOME",
    "HOME",
];

/// Returns the artefact: the folder that `PYTHON_WASM_CPYTHON` names, else the one in the user's cache. If
/// it is not there, cargo builds this crate's binary in `target_dir`, optimised, and that builds the
/// artefact, once, in some minutes.
pub fn ensure(target_dir: &Path) -> Result<Artefact, Error> {
    let recipe = recipe()?;
    if let Some(path) = env::var_os("PYTHON_WASM_CPYTHON").filter(|path| !path.is_empty()) {
        return Artefact::prebuilt(Path::new(&path), recipe.hash());
    }
    let folder = recipe.result(&Cache::of_user()?);
    if !folder.is_dir() {
        tool::run(&["build"], &[], target_dir)?;
    }
    Artefact::open(&folder)
}

/// Returns the path of the module's machine code for `target`, a triple of rustc's, as an ELF image in
/// wasmtime's format, whatever the system; compiled first, as [`ensure`] does it, if it is not in the cache.
///
/// Without `signals` the code checks each access and each division itself.
pub fn ensure_native(
    artefact: &Artefact,
    target: &str,
    signals: bool,
    target_dir: &Path,
) -> Result<PathBuf, Error> {
    let code = native::path(&Cache::of_user()?, artefact, target, signals)?;
    if !code.is_file() {
        let feature = if signals { "native" } else { "native-without-signals" };
        tool::run(&["compile", target], &[feature], target_dir)?;
    }
    Ok(code)
}

/// The hash of the recipe as it is in this checkout: 64 hexadecimal digits.
pub fn recipe_hash() -> Result<String, Error> {
    Ok(recipe()?.hash().to_owned())
}

/// Every stage of the recipe, with the folder where its result is or would be.
pub fn results(cache: &Cache) -> Result<Vec<(&'static str, PathBuf)>, Error> {
    Ok(recipe()?.results(cache).collect())
}

/// Files and folders that the artefact depends on, beside this crate's Rust
/// sources (cargo knows those): for `cargo::rerun-if-changed`.
pub fn inputs() -> Vec<PathBuf> {
    let mut paths: Vec<_> = stages::ALL
        .iter()
        .flat_map(|stage| {
            let files = stage.files.iter().map(|name| Path::new(HOME).join(name));
            files.chain(stage.crates.iter().filter_map(|name| stage::source_of(Path::new(HOME), name)))
        })
        .collect();
    paths.sort();
    paths
}

fn recipe() -> Result<Recipe, Error> {
    Recipe::new(stages::ALL.into(), Path::new(HOME))
}
