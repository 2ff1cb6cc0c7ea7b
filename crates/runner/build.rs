//! Builds or finds CPython, initialises it once, and tells the crate where all of that is to be embedded from.

use std::collections::HashSet;
use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use std::{env, fs};

use python_wasm_engine::{
    self as engine, HostCall, HostFunction, Image, Instance, Limits, Module, Origin, Outcome, Value,
};
use sha2::{Digest, Sha256};
use wasi_core::WasiCtx;
use wasi_core::clock::FixedClock;
use wasi_core::fs::stdio::{Input, Writer};
use wasi_core::fs::{Archive, MemoryDir, Quota, TimeSource};
use wasi_core::random::SeededRandom;

fn main() -> ExitCode {
    for input in cpython::inputs() {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    for variable in cpython::VARIABLES {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    println!("cargo::rerun-if-changed=build.rs");
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
        ("PYTHON_WASM_REST", out.join(REST)),
        ("PYTHON_WASM_IMAGE", out.join(IMAGE)),
        ("PYTHON_WASM_BEGINNING", out.join(BEGINNING)),
        ("PYTHON_WASM_IDENTITY", out.join(IDENTITY)),
    ];
    for (variable, path) in files {
        println!("cargo::rustc-env={variable}={}", path.display());
    }
    // A cache that somebody has cleaned is filled again. What this script writes itself would always be
    // newer than its start, and so have it run again.
    for path in [artefact.module(), artefact.library(), artefact.licenses()] {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rustc-env=PYTHON_WASM_PYTHON_VERSION={}", artefact.version());
    ExitCode::SUCCESS
}

/// What most programs need of the module, without data segments: an image has what they hold.
const CODE: &str = "python.wasm";
/// The rest of it, compressed.
const REST: &str = "rest.wasm.zst";
/// The memory of an initialised Python.
const IMAGE: &str = "python.image";
/// The memory that the data segments make: where Python starts that cannot use the image, most of which
/// it is a part of. So it is compressed as a difference from that.
const BEGINNING: &str = "beginning.image.zst";
/// Bytes matter (they are in every binary), seconds do not.
const LEVEL: i32 = 19;
/// How far back the difference reaches: over all of the image.
const WINDOW_LOG: u32 = 25;

/// A hash of both, and of what they find in the library.
const IDENTITY: &str = "identity";

/// What the image's own start is made of: it is the same in every build.
const MOMENT: Duration = Duration::from_secs(1_750_000_000);
const SEED: u64 = 0;

fn make_images(module: &Path, library: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(module)?;
    let archive = fs::read(library)?;
    let library = Archive::open(archive.clone())?;
    let python = Module::new(&bytes, Origin::Trusted, &[host_call()])?;
    let mut instance = python.instantiate(world(&library, None, &[])?, (), Limits::NONE)?;
    let beginning = instance.image()?;
    initialise(&mut instance)?;
    let code = without_data(&bytes).ok_or("the module is malformed")?;
    let image = instance.image()?;
    let called = called(&bytes, &library)?;
    let parts = cpython::split::split(code, |function| called.contains(&function))?;
    // All of it is validated here, once: `embedded.rs` relies on that.
    engine::validate(&parts.near)?;
    engine::validate(&parts.rest)?;
    let identity = Sha256::new().chain_update(code).chain_update(&image).chain_update(&archive).finalize();
    let near = parts.near;
    #[cfg(feature = "native")]
    let near = compile_ahead(code, &near)?;
    fs::write(out.join(CODE), near)?;
    fs::write(out.join(REST), zstd::bulk::compress(&parts.rest, LEVEL)?)?;
    fs::write(out.join(IDENTITY), identity)?;
    let mut encoder = zstd::Encoder::with_ref_prefix(fs::File::create(out.join(BEGINNING))?, LEVEL, &image)?;
    encoder.long_distance_matching(true)?;
    encoder.window_log(WINDOW_LOG)?;
    encoder.write_all(&beginning)?;
    encoder.finish()?;
    fs::write(out.join(IMAGE), image)?;
    Ok(())
}

/// What the host offers here: nothing.
fn host_call<T>() -> HostFunction<T> {
    HostFunction { module: "python_wasm", name: "host_call", params: 5, body: |_, _| -3 }
}

fn world(library: &Archive, root: Option<MemoryDir>, arguments: &[&str]) -> Result<WasiCtx, String> {
    let mut builder = WasiCtx::builder()
        .arg("/usr/bin/python3")
        .preopen("/usr", Box::new(library.dir()))
        .clock(Box::new(FixedClock::new(SystemTime::UNIX_EPOCH + MOMENT)))
        .random(Box::new(SeededRandom::new(SEED)))
        .stderr(Box::new(Writer::new(std::io::stderr())));
    if let Some(root) = root {
        let (stdin, stdout) = (Input::new(*b""), Writer::new(std::io::sink()));
        builder = builder.preopen("/", Box::new(root)).stdin(Box::new(stdin)).stdout(Box::new(stdout));
    }
    for argument in arguments {
        builder = builder.arg(*argument);
    }
    builder.build().map_err(|errno| errno.to_string())
}

fn initialise<T: Send + 'static>(instance: &mut Instance<T>) -> Result<(), Box<dyn Error>> {
    call(instance, "_initialize")?;
    call(instance, "python_initialize")?;
    match call(instance, "python_freeze")? {
        Some(Value::I32(0)) => Ok(()),
        _ => Err("python_freeze failed".into()),
    }
}

/// All methods of the built-in types, with arguments that may fit.
const METHODS: &str = "
for make in int, float, complex, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice:
    for name in dir(make):
        for count in 0, 1, 2:
            for other in 3, 1.5, 'a', b'a', [1], {1}, {1: 2}:
                value = make(3) if make in (int, float, complex, range, slice) else make()
                try:
                    repr(getattr(value, name)(*[other] * count))
                except Exception:
                    pass
";

/// The functions that everyday programs call, by number: what `cpython/profile/train.py` needs, methods, and
/// what initialisation does, which imports half of the library.
fn called(module: &[u8], library: &Archive) -> Result<HashSet<u32>, Box<dyn Error>> {
    let (from, name) = cpython::split::CALLED;
    let note = HostFunction {
        module: from,
        name,
        params: 1,
        body: |call: HostCall<'_, HashSet<u32>>, numbers| {
            call.state.extend(numbers.iter().map(|number| number.cast_unsigned()));
            0
        },
    };
    // The folder to start in is the one question that every program asks.
    let cwd = HostFunction {
        body: |call: HostCall<'_, HashSet<u32>>, arguments| match arguments {
            [1, _, _, answer, _] => call.memory.get_mut(*answer as usize).map_or(-3, |byte| {
                *byte = b'/';
                1
            }),
            _ => -3,
        },
        ..host_call()
    };
    let watched = cpython::split::watched(module)?;
    let python = Module::new(&watched, Origin::Trusted, &[cwd, note])?;
    let mut instance = python.instantiate(world(library, None, &[])?, HashSet::new(), Limits::NONE)?;
    initialise(&mut instance)?;
    let image = Image::read(&instance.image()?)?;
    let mut called = std::mem::take(instance.state_mut());
    let commands: [&[&str]; 5] = [
        &["-c", "pass"],
        &["-c", METHODS],
        &["-m", "json.tool", "/data.json"],
        &["/script.py"],
        &["/everyday.py", "-1"],
    ];
    for arguments in commands {
        let root = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(MOMENT.as_nanos() as u64));
        let files = [
            ("everyday.py", cpython::EVERYDAY),
            (
                "script.py",
                "import everyday, time; print(everyday.__file__, open('data.json').read(), time.process_time(), \
             time.perf_counter(), time.monotonic(), time.time_ns(), time.strftime('%c'))",
            ),
            ("data.json", "[1]"),
        ];
        let filled = root
            .add_dir_all("tmp")
            .and_then(|()| files.into_iter().try_for_each(|(name, content)| root.add_file(name, content)));
        filled.map_err(|errno| errno.to_string())?;
        let world = world(library, Some(root), arguments)?;
        let mut instance = python.restore(&image.snapshot(), world, called, Limits::NONE)?;
        if call(&mut instance, "python_adopt")? != Some(Value::I32(0)) {
            return Err("python_adopt failed".into());
        }
        // A request, as programs that embed Python make them; its answer is an exception.
        let size = [Value::I32(1)];
        let (_buffer, _answer) =
            (instance.call("python_buffer", &size)?, instance.call("python_request", &size)?);
        match instance.call("python_main", &[])? {
            Outcome::Exited(0) => called = std::mem::take(instance.state_mut()),
            outcome => return Err(format!("{} {outcome}", arguments.join(" ")).into()),
        }
    }
    Ok(called)
}

/// Makes the module's machine code, for the assembler to put into the program's text; the module,
/// compressed.
#[cfg(feature = "native")]
fn compile_ahead(module: &[u8], near: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let target = env::var("TARGET")?;
    let cache = cpython::Cache::of_user()?;
    let code = cpython::native::ahead_of_time(module, &target, &cache, &cpython::Progress::new())?;
    println!("cargo::rustc-env=PYTHON_WASM_NATIVE={}", code.display());
    println!("cargo::rustc-env=PYTHON_WASM_NATIVE_SIZE={}", fs::metadata(&code)?.len());
    println!("cargo::rerun-if-changed={}", code.display());
    Ok(zstd::encode_all(near, LEVEL)?)
}

fn call<T: Send + 'static>(instance: &mut Instance<T>, name: &str) -> Result<Option<Value>, Box<dyn Error>> {
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
