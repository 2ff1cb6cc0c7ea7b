//! From WebAssembly to machine code, and where that is kept.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use python_wasm_contract::native::{self, COUNTER, COUNTER_SPENT};
use wasmtime::{Config, Engine, OptLevel};

use super::meter;
use crate::cache::Cache;
use crate::error::{Error, IoContext as _};
use crate::fingerprint::Fingerprint;
use crate::progress::Progress;
use crate::tree;

/// All that decides how the code comes out, beside the module and the compiler.
const TEXT: &str =
    concat!(include_str!("compile.rs"), include_str!("meter.rs"), include_str!("meter/cycles.rs"));

/// The processors and systems that code can be made for.
const PROCESSORS: [&str; 2] = ["x86_64-", "aarch64-"];
const SYSTEMS: [&str; 2] = ["-linux-", "-apple-darwin"];

/// What x86-64-v2 adds to the first processors of the kind. Every one sold since 2011 has it; the
/// runner compares it with the processor before anything runs.
const X86_64_V2: [&str; 5] = ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"];

/// The module's machine code for `target` (a triple of rustc's), as an ELF image in wasmtime's
/// format, whatever the system: the path of a file in `cache`, made first if it is not there.
pub fn ahead_of_time(
    module: &[u8],
    target: &str,
    cache: &Cache,
    progress: &Progress,
) -> Result<PathBuf, Error> {
    let refused = |reason: String| Error::Native { target: target.into(), reason };
    let failed = |error: &wasmtime::Error| refused(format!("{error:#}"));
    if !PROCESSORS.iter().any(|name| target.starts_with(name))
        || !SYSTEMS.iter().any(|name| target.contains(name))
    {
        return Err(refused(
            "only x86_64 and aarch64, Linux and macOS; build without the feature native".into(),
        ));
    }
    let engine = config(target).and_then(|config| Engine::new(&config)).map_err(|error| failed(&error))?;
    let mut fingerprint = Fingerprint::default();
    fingerprint.add("module", module);
    // What becomes of an empty module tells the compiler's version, target and settings.
    fingerprint
        .add("compiler", &engine.precompile_module(b"\0asm\x01\0\0\0").map_err(|error| failed(&error))?);
    fingerprint.add("text", TEXT.as_bytes());
    let (from, spent) = COUNTER_SPENT;
    fingerprint.add("counter", [COUNTER, from, spent].join(" ").as_bytes());
    let hash = fingerprint.finish();
    let result = cache.result("native", &hash);
    if !result.is_dir() {
        let _lock = cache.lock(progress)?;
        if !result.is_dir() {
            let work = cache.work("native", &hash);
            tree::remove(&work)?;
            fs::create_dir_all(&work).on("create", &work)?;
            let started = Instant::now();
            let file = work.join(FILE);
            let metered = meter::metered(module).map_err(refused)?;
            let code = engine.precompile_module(&metered).map_err(|error| failed(&error))?;
            fs::write(&file, code).on("write", &file)?;
            fs::rename(&work, &result).on("move", &work)?;
            progress
                .say(&format!("python.wasm compiled for {target}: {:.0} s", started.elapsed().as_secs_f64()));
        }
    }
    Ok(result.join(FILE))
}

/// The name of the image in its folder.
const FILE: &str = "python.elf";

fn config(target: &str) -> Result<Config, wasmtime::Error> {
    let mut config = native::config();
    config.target(target)?.cranelift_opt_level(OptLevel::Speed);
    if target.starts_with("x86_64") {
        for flag in X86_64_V2 {
            // SAFETY: the flag makes code that needs the processor to have it, and that is compared
            // when the code is loaded.
            #[expect(unsafe_code, reason = "wasmtime calls every compiler flag unsafe")]
            unsafe {
                config.cranelift_flag_enable(flag);
            }
        }
    }
    Ok(config)
}
