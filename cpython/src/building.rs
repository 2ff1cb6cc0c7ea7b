//! Builds the artefact, or the result of a single stage.

use std::env;
use std::path::PathBuf;

use crate::cache::Cache;
use crate::error::Error;
use crate::prerequisites::{Goal, check};
use crate::progress::Progress;
use crate::recipe_of;
#[cfg(feature = "build")]
use crate::{artefact::Artefact, recipe};

/// Returns the artefact in the folder that `PYTHON_WASM_CPYTHON` names, or else in `cache`, where it is built
/// first if it is not there. Several processes may call this at once, and an interrupted build is resumed.
///
/// Fails with [`Error::Missing`] if programs that the build needs are not installed, and with the error of
/// the stage that fails.
#[cfg(feature = "build")]
pub fn build(cache: &Cache, progress: &Progress) -> Result<Artefact, Error> {
    if let Some(path) = env::var_os("PYTHON_WASM_CPYTHON").filter(|path| !path.is_empty()) {
        return Artefact::prebuilt(path.as_ref(), recipe()?.hash());
    }
    let folder = recipe()?.build(cache, progress, || {
        check(Goal::Python, &env::var("PATH").unwrap_or_default())?;
        progress.say("building CPython for WASI, once for this recipe (some minutes)");
        Ok(())
    })?;
    Artefact::open(&folder)
}

/// Returns the recipe's C compiler, fetched first if it is not there: `zig`, whose `zig cc -target
/// wasm32-wasi` compiles WASI programs.
///
/// Reads no file of this crate: a program that was built elsewhere can call it.
pub fn zig(progress: &Progress) -> Result<Zig, Error> {
    let cache = Cache::of_user()?;
    let folder = stage("compiler", &cache, progress)?;
    Ok(Zig { program: folder.join("ziglang/zig"), cache: cache.root().join("zig-cache") })
}

/// The recipe's C compiler.
#[derive(Clone, Debug)]
pub struct Zig {
    /// The path of the program.
    pub program: PathBuf,
    /// The value for `ZIG_GLOBAL_CACHE_DIR`: a folder for compiled parts of zig's C library.
    pub cache: PathBuf,
}

/// Returns the recipe's C compiler as [`zig`] does, and what it is to link into every program.
pub fn compiler(progress: &Progress) -> Result<Compiler, Error> {
    let Zig { program, cache } = zig(progress)?;
    let libc = crate::stages::libc_objects(&stage("libc", &Cache::of_user()?, progress)?)?;
    Ok(Compiler { zig: program, cache, libc })
}

/// Returns the folder of CPython's released sources, including its own tests, fetched first if it is not
/// there.
#[cfg(feature = "build")]
pub fn sources(progress: &Progress) -> Result<PathBuf, Error> {
    stage("source", &Cache::of_user()?, progress)
}

/// The recipe's C compiler.
#[derive(Clone, Debug)]
pub struct Compiler {
    /// The path of the program.
    pub zig: PathBuf,
    /// The value for `ZIG_GLOBAL_CACHE_DIR`: a folder for compiled parts of zig's C library.
    pub cache: PathBuf,
    /// Objects for the linker, before all libraries: what replaces functions of its C library.
    pub libc: Vec<PathBuf>,
}

/// Returns the result of one stage, built first if it is not there.
fn stage(name: &str, cache: &Cache, progress: &Progress) -> Result<PathBuf, Error> {
    recipe_of(name)?
        .build_stage(name, cache, progress, || check(Goal::Fetched, &env::var("PATH").unwrap_or_default()))
}
