//! Compiles WebAssembly to machine code.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use python_wasm_contract::native;
use wasmtime::{Config, Engine, OptLevel};

use super::{FILE, meter, path};
use crate::artefact::Artefact;
use crate::cache::Cache;
use crate::error::{Error, IoContext as _};
use crate::progress::Progress;
use crate::{split, tree};

/// What [x86-64-v2] adds to the first x86-64 processors. Every one sold since 2011 has it, and wasmtime
/// checks the processor when it loads the code.
///
/// [x86-64-v2]: https://gitlab.com/x86-psABIs/x86-64-ABI
const X86_64_V2: [&str; 5] = ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"];

/// Whether the code may rely on signal handlers instead of explicit checks.
const SIGNALS: bool = !cfg!(feature = "native-without-signals");

/// Returns the path of the module's machine code for `target`, one of rustc's target triples: an ELF image in
/// wasmtime's format on every system. It is compiled first if it is not in `cache`.
///
/// Fails with [`Error::Native`] for an unsupported target, or if the compiler fails.
pub fn compile(
    artefact: &Artefact,
    target: &str,
    cache: &Cache,
    progress: &Progress,
) -> Result<PathBuf, Error> {
    let result = path(cache, artefact, target, SIGNALS)?;
    if result.is_file() {
        return Ok(result);
    }
    let refused = |reason: String| Error::Native { target: target.into(), reason };
    let failed = |error: &wasmtime::Error| refused(format!("{error:#}"));
    let _lock = cache.lock(progress)?;
    if result.is_file() {
        return Ok(result);
    }
    let started = Instant::now();
    let module = artefact.module();
    let module = fs::read(&module).on("read", &module)?;
    let code = split::without_data(&module).ok_or_else(|| refused("the module is malformed".into()))?;
    let metered = meter::metered(code).map_err(refused)?;
    let engine = config(target).and_then(|config| Engine::new(&config)).map_err(|error| failed(&error))?;
    let image = engine.precompile_module(&metered).map_err(|error| failed(&error))?;
    // The folder is filled under another name and then renamed, so that it is complete whenever it exists.
    let folder = result.parent().unwrap_or(cache.root());
    let work = cache.work_root().join(folder.file_name().unwrap_or_default());
    tree::remove(&work)?;
    fs::create_dir_all(&work).on("create", &work)?;
    let file = work.join(FILE);
    fs::write(&file, image).on("write", &file)?;
    fs::rename(&work, folder).on("move", &work)?;
    progress.say(&format!("python.wasm compiled for {target}: {:.0} s", started.elapsed().as_secs_f64()));
    Ok(result)
}

/// Returns the compiler's settings for a target.
fn config(target: &str) -> Result<Config, wasmtime::Error> {
    let mut config = native::config();
    config.target(target)?.cranelift_opt_level(OptLevel::Speed);
    if target.starts_with("x86_64") {
        for flag in X86_64_V2 {
            // SAFETY: the code then needs a processor with this feature, which wasmtime checks when it loads
            // the code.
            #[expect(unsafe_code, reason = "wasmtime calls every compiler flag unsafe")]
            unsafe {
                config.cranelift_flag_enable(flag);
            }
        }
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::super::COMPILER;

    /// The result's name depends on the compiler's version, because another version may generate other code.
    #[test]
    fn the_compilers_version_is_the_one_in_the_lock_file() {
        let lock = include_str!("../../../Cargo.lock");
        let (name, version) = COMPILER.split_once(' ').unwrap();
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "{COMPILER}");
    }
}
