//! Builds CPython for WASI from source, and finds the result.
//!
//! A build script calls [`ensure`]; a person runs this crate's binary. The result is in a per-user [`Cache`],
//! under a name that contains the hash of the recipe, so debug and release builds and several checkouts share
//! it.
//!
//! With the feature `build` (the default) this crate is the program that follows the recipe. A build script
//! depends on it without that feature: it then only looks into the cache, and if the result is not there it
//! has cargo build and run that program, optimised whatever the script's own profile is. With the feature
//! `compiler` alone it fetches the C compiler, and builds nothing that needs an engine.
#![cfg_attr(
    not(feature = "build"),
    allow(dead_code, reason = "most of it is used only by the program that builds")
)]

mod artefact;
mod cache;
mod error;
mod fingerprint;
mod native;
mod stage;
mod stages;
mod tool;
mod tree;

#[cfg(feature = "compiler")]
mod building;
#[cfg(feature = "compiler")]
mod fetch;
#[cfg(feature = "build")]
mod patch;
#[cfg(feature = "compiler")]
mod prerequisites;
#[cfg(feature = "compiler")]
mod progress;
#[cfg(feature = "build")]
mod reproducible;
#[cfg(feature = "build")]
pub mod split;
#[cfg(feature = "compiler")]
mod workshop;

use std::env;
use std::path::{Path, PathBuf};

pub use artefact::Artefact;
#[cfg(feature = "compiler")]
pub use building::{Compiler, Zig, compiler, zig};
#[cfg(feature = "build")]
pub use building::{build, sources};
pub use cache::Cache;
pub use error::Error;
#[cfg(feature = "native")]
pub use native::compile;
#[cfg(feature = "meter")]
pub use native::metered;
#[cfg(feature = "compiler")]
pub use prerequisites::MissingPrograms;
#[cfg(feature = "compiler")]
pub use progress::Progress;
#[cfg(feature = "build")]
pub use reproducible::check_reproducible;

use stage::{Recipe, Stage};

/// The folder of this crate, which contains the recipe's files.
const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// The environment variables that [`ensure`] reads.
pub const VARIABLES: [&str; 6] = [
    "PYTHON_WASM_CPYTHON",
    "PYTHON_WASM_CACHE",
    "PYTHON_WASM_SOURCE",
    "PYTHON_WASM_MUSL",
    "XDG_CACHE_HOME",
    "HOME",
];

/// Returns the artefact in the folder that `PYTHON_WASM_CPYTHON` names, or else in the user's cache. If it is
/// not there, cargo builds this crate's binary in `target_dir`, optimised, and the binary builds the
/// artefact, once, in some minutes.
///
/// Fails with [`Error::Prebuilt`] if the named folder is not usable, and with [`Error::Tool`] if the build
/// fails.
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

/// Returns the path of the module's machine code for `target`, one of rustc's target triples. It is an ELF
/// image in wasmtime's format on every system. If it is not in the cache, it is compiled first, as [`ensure`]
/// builds the artefact.
///
/// If `signals` is false, the code checks each access and each division itself, without signal handlers.
///
/// Fails with [`Error::Native`] for an unsupported target, and with [`Error::Tool`] if compiling fails.
pub fn ensure_native(
    artefact: &Artefact,
    target: &str,
    signals: bool,
    target_dir: &Path,
) -> Result<PathBuf, Error> {
    let target = &native::canonical(target);
    let code = native::path(&Cache::of_user()?, artefact, target, signals)?;
    if !code.is_file() {
        let feature = if signals { "native" } else { "native-without-signals" };
        tool::run(&["compile", target], &[feature], target_dir)?;
    }
    Ok(code)
}

/// Returns the hash of this checkout's recipe: 64 hexadecimal digits.
pub fn recipe_hash() -> Result<String, Error> {
    Ok(recipe()?.hash().to_owned())
}

/// Returns the name of each stage of the recipe, and the folder where its result is or would be.
pub fn results(cache: &Cache) -> Result<Vec<(&'static str, PathBuf)>, Error> {
    Ok(recipe()?.results(cache).collect())
}

/// Returns the files and folders that the artefact depends on, for `cargo::rerun-if-changed`. This crate's
/// own Rust sources are not among them, because cargo knows those.
pub fn inputs() -> Vec<PathBuf> {
    inputs_of_stages(stages::ALL)
}

/// Returns those of one stage and of the stages that it needs.
pub fn inputs_of(stage: &str) -> Vec<PathBuf> {
    inputs_of_stages(&stages_of(stage))
}

fn inputs_of_stages(stages: &[Stage]) -> Vec<PathBuf> {
    let mut paths: Vec<_> = stages
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
    Recipe::new(stages::ALL.to_vec(), Path::new(HOME))
}

/// Returns the part of the recipe that makes one stage's result. It reads no files of other stages.
#[cfg(feature = "compiler")]
fn recipe_of(stage: &str) -> Result<Recipe, Error> {
    Recipe::new(stages_of(stage), Path::new(HOME))
}

/// Returns a stage, behind those that it needs.
fn stages_of(name: &str) -> Vec<Stage> {
    let mut needed = vec![name];
    let mut stages = Vec::new();
    for stage in stages::ALL.iter().rev() {
        if needed.contains(&stage.name) {
            needed.extend(stage.needs);
            stages.push(stage.clone());
        }
    }
    stages.reverse();
    stages
}
