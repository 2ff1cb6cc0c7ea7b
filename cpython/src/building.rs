//! What a program with the whole recipe can do: build the artefact, or what single stages give.

use std::env;
use std::path::{Path, PathBuf};

use crate::artefact::Artefact;
use crate::cache::Cache;
use crate::error::Error;
use crate::prerequisites;
use crate::progress::Progress;
use crate::recipe;

/// Returns the artefact: the folder that `PYTHON_WASM_CPYTHON` names, else the one in `cache`, built first
/// if it is not there. Safe when several processes do it at once, and when an earlier one was interrupted.
pub fn build(cache: &Cache, progress: &Progress) -> Result<Artefact, Error> {
    if let Some(path) = env::var_os("PYTHON_WASM_CPYTHON").filter(|path| !path.is_empty()) {
        return Artefact::prebuilt(Path::new(&path), recipe()?.hash());
    }
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
    let folder = stage("compiler", &cache, progress)?;
    Ok(Compiler { zig: folder.join("ziglang/zig"), cache: cache.root().join("zig-cache") })
}

/// The folder of CPython's sources as released, its own tests among them, fetched first if it is not there.
pub fn sources(progress: &Progress) -> Result<PathBuf, Error> {
    stage("source", &Cache::of_user()?, progress)
}

/// Where the recipe's C compiler is.
#[derive(Clone, Debug)]
pub struct Compiler {
    /// The program.
    pub zig: PathBuf,
    /// For `ZIG_GLOBAL_CACHE_DIR`: compiled parts of its C library.
    pub cache: PathBuf,
}

fn stage(name: &str, cache: &Cache, progress: &Progress) -> Result<PathBuf, Error> {
    recipe()?
        .build_stage(name, cache, progress, || prerequisites::check(&env::var("PATH").unwrap_or_default()))
}
