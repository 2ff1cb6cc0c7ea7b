//! Builds or finds CPython, initialises it once, and tells the crate where all of that is to be embedded from.

#[path = "src/engine/mod.rs"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "the build needs a part of what the crate does")]
mod engine;

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use std::{env, fs};

use engine::{HostFunction, Instance, Limits, Module, Origin, Outcome, Value};
use sha2::{Digest, Sha256};
use wasi_core::WasiCtx;
use wasi_core::clock::FixedClock;
use wasi_core::fs::Archive;
use wasi_core::random::SeededRandom;

fn main() -> ExitCode {
    for input in cpython::inputs() {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    for variable in cpython::VARIABLES {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/engine");
    let artefact = match cpython::ensure(&cpython::Progress::new()) {
        Ok(artefact) => artefact,
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            return ExitCode::FAILURE;
        }
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    if let Err(error) = make_images(&artefact.module(), &artefact.library(), &out) {
        println!("cargo::error=cannot prepare Python for embedding: {error}");
        return ExitCode::FAILURE;
    }
    let files = [
        ("PYTHON_WASM_LIBRARY", artefact.library()),
        ("PYTHON_WASM_LICENSES", artefact.licenses()),
        ("PYTHON_WASM_CODE", out.join(CODE)),
        ("PYTHON_WASM_IMAGE", out.join(IMAGE)),
        ("PYTHON_WASM_BEGINNING", out.join(BEGINNING)),
        ("PYTHON_WASM_IDENTITY", out.join(IDENTITY)),
    ];
    for (variable, path) in files {
        println!("cargo::rustc-env={variable}={}", path.display());
        // A cache that somebody has cleaned is filled again.
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rerun-if-changed={}", artefact.module().display());
    println!("cargo::rustc-env=PYTHON_WASM_PYTHON_VERSION={}", artefact.version());
    ExitCode::SUCCESS
}

/// The module without its data segments: an image has what they hold.
const CODE: &str = "python.wasm";
/// The memory of an initialised Python.
const IMAGE: &str = "python.image";
/// The memory that the data segments make, compressed: where Python starts that cannot use the image.
const BEGINNING: &str = "beginning.image.zst";

/// A hash of both, and of what they find in the library.
const IDENTITY: &str = "identity";

/// What the image's own start is made of: it is the same in every build.
const MOMENT: Duration = Duration::from_secs(1_750_000_000);
const SEED: u64 = 0;

fn make_images(module: &Path, library: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(module)?;
    let archive = fs::read(library)?;
    let library = Archive::open(archive.clone())?;
    let host_call = [HostFunction { module: "python_wasm", name: "host_call", params: 5, body: |_, _| -3 }];
    // All of it is validated here, once: `embedded.rs` relies on that.
    let _valid = Module::<()>::new(&bytes, Origin::Unknown, &host_call)?;
    let python = Module::new(&bytes, Origin::Trusted, &host_call)?;
    let wasi = WasiCtx::builder()
        .arg("/usr/bin/python3")
        .preopen("/usr", Box::new(library.dir()))
        .clock(Box::new(FixedClock::new(SystemTime::UNIX_EPOCH + MOMENT)))
        .random(Box::new(SeededRandom::new(SEED)))
        .stderr(Box::new(wasi_core::fs::stdio::Writer::new(std::io::stderr())))
        .build()
        .map_err(|errno| errno.to_string())?;
    let mut instance = python.instantiate(wasi, (), Limits::NONE)?;
    let beginning = instance.image()?;
    call(&mut instance, "_initialize")?;
    call(&mut instance, "python_initialize")?;
    if call(&mut instance, "python_freeze")? != Some(Value::I32(0)) {
        return Err("python_freeze failed".into());
    }
    let code = without_data(&bytes).ok_or("the module is malformed")?;
    let image = instance.image()?;
    let identity = Sha256::new().chain_update(code).chain_update(&image).chain_update(&archive).finalize();
    #[cfg(feature = "native")]
    let code = &compile_ahead(code)?[..];
    fs::write(out.join(CODE), code)?;
    fs::write(out.join(IMAGE), image)?;
    fs::write(out.join(IDENTITY), identity)?;
    let mut encoder = zstd::Encoder::new(fs::File::create(out.join(BEGINNING))?, 19)?;
    encoder.write_all(&beginning)?;
    encoder.finish()?;
    Ok(())
}

/// Makes the module's machine code, for the assembler to put into the program's text; the module,
/// compressed.
///
/// The crate has the engine for it by the name `native_engine`, which this script does not have.
#[cfg(feature = "native")]
fn compile_ahead(module: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let target = env::var("TARGET")?;
    let cache = cpython::Cache::of_user()?;
    let code = cpython::native::ahead_of_time(module, &target, &cache, &cpython::Progress::new())?;
    println!("cargo::rustc-cfg=native_engine");
    println!("cargo::rustc-env=PYTHON_WASM_NATIVE={}", code.display());
    println!("cargo::rustc-env=PYTHON_WASM_NATIVE_SIZE={}", fs::metadata(&code)?.len());
    println!("cargo::rerun-if-changed={}", code.display());
    Ok(zstd::encode_all(module, 19)?)
}

fn call(instance: &mut Instance<()>, name: &str) -> Result<Option<Value>, Box<dyn Error>> {
    match instance.call(name, &[])? {
        Outcome::Returned(value) => Ok(value),
        outcome => Err(format!("{name} {outcome}").into()),
    }
}

/// The module up to its data section, which is the last one that counts.
fn without_data(wasm: &[u8]) -> Option<&[u8]> {
    let mut at = 8;
    loop {
        let (id, start) = (*wasm.get(at)?, at);
        let (mut size, mut shift) = (0_usize, 0);
        loop {
            at += 1;
            let byte = *wasm.get(at)?;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        match id {
            11 => return wasm.get(..start),
            // A count of segments that are used by number: they would be missed.
            12 => return None,
            _ => at = at.checked_add(1 + size)?,
        }
    }
}
