//! The recipe that builds CPython for WASI from source, and the way to its result.
//!
//! A build script calls [`ensure`]; everybody else may run this crate's binary.
//! The result lies in a per-user [`Cache`] under a name made from the recipe,
//! so that debug and release builds and several checkouts share it.

mod artefact;
mod cache;
mod error;
mod fetch;
mod fingerprint;
#[cfg(feature = "native")]
pub mod native;
mod patch;
mod prerequisites;
mod progress;
mod reproducible;
pub mod split;
mod stage;
mod stages;
mod tree;
mod workshop;
mod zip;

use std::env;
use std::path::{Path, PathBuf};

pub use artefact::Artefact;
pub use cache::Cache;
pub use error::Error;
pub use prerequisites::Missing;
pub use progress::Progress;
pub use reproducible::check_reproducible;

use stage::Recipe;

/// The folder of this crate: the recipe's files are read from it.
const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// What the profile is taken from: everyday Python, a little of everything.
pub const EVERYDAY: &str = include_str!("../profile/train.py");

/// Variables of the environment that [`ensure`] reads.
pub const VARIABLES: [&str; 6] = [
    "PYTHON_WASM_CPYTHON",
    "PYTHON_WASM_CACHE",
    "PYTHON_WASM_SOURCE",
    "PYTHON_WASM_MUSL",
    "XDG_CACHE_HOME",
    "HOME",
];

/// The artefact: the folder that `PYTHON_WASM_CPYTHON` names, else the one in
/// the user's cache, built first (some minutes, once) if it is not there.
pub fn ensure(progress: &Progress) -> Result<Artefact, Error> {
    if let Some(path) = env::var_os("PYTHON_WASM_CPYTHON").filter(|path| !path.is_empty()) {
        return Artefact::prebuilt(Path::new(&path), recipe()?.hash());
    }
    build(&Cache::of_user()?, progress)
}

/// The artefact in `cache`, built first if it is not there. Safe when several
/// processes do it at once, and when an earlier one was interrupted.
pub fn build(cache: &Cache, progress: &Progress) -> Result<Artefact, Error> {
    let folder = recipe()?.build(cache, progress, || {
        prerequisites::check(&env::var("PATH").unwrap_or_default())?;
        progress.say("building CPython for WASI, once for this recipe (some minutes)");
        Ok(())
    })?;
    Artefact::open(&folder)
}

/// The C compiler of the recipe, fetched first if it is not there: `zig`, whose
/// `zig cc -target wasm32-wasi` makes WASI programs. Its own cache belongs into
/// the folder that comes with it.
pub fn compiler(progress: &Progress) -> Result<Compiler, Error> {
    let cache = Cache::of_user()?;
    let folder = recipe()?.build_stage("compiler", &cache, progress, || {
        prerequisites::check(&env::var("PATH").unwrap_or_default())
    })?;
    Ok(Compiler { zig: folder.join("ziglang/zig"), cache: cache.root().join("zig-cache") })
}

/// The folder of CPython's sources as released, its own tests among them, fetched first if it is not there.
pub fn sources(progress: &Progress) -> Result<PathBuf, Error> {
    let cache = Cache::of_user()?;
    recipe()?.build_stage("source", &cache, progress, || {
        prerequisites::check(&env::var("PATH").unwrap_or_default())
    })
}

/// Where the recipe's C compiler is.
#[derive(Clone, Debug)]
pub struct Compiler {
    /// The program.
    pub zig: PathBuf,
    /// For `ZIG_GLOBAL_CACHE_DIR`: compiled parts of its C library.
    pub cache: PathBuf,
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
    let mut names: Vec<_> = stages::all().iter().flat_map(|stage| stage.files).collect();
    names.sort();
    names.into_iter().map(|name| Path::new(HOME).join(name)).collect()
}

fn recipe() -> Result<Recipe, Error> {
    Recipe::new(stages::all(), Path::new(HOME))
}
