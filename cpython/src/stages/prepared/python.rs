//! Runs Python during the build: its WASI context, which is the same in every build, and its initialisation.

use std::time::{Duration, SystemTime};

use python_wasm_contract::{export, host_call as call_of_host};
use python_wasm_engine::{HostFunction, Instance, Number, Outcome};
use wasi_core::WasiCtx;
use wasi_core::clock::FixedClock;
use wasi_core::fs::stdio::{Input, Writer};
use wasi_core::fs::{Archive, MemoryDir};
use wasi_core::random::SeededRandom;

pub(super) type BoxError = Box<dyn std::error::Error>;

/// The fixed time of its clock, since the Unix epoch.
pub(super) const MOMENT: Duration = Duration::from_secs(1_750_000_000);
/// The seed of its random numbers.
const SEED: u64 = 0;

/// Returns the function that the module imports beside WASI. It refuses every request.
pub(super) fn host_call<T>() -> HostFunction<T> {
    HostFunction {
        module: call_of_host::MODULE,
        name: call_of_host::NAME,
        params: call_of_host::PARAMS,
        body: |_, _| call_of_host::UNAVAILABLE,
    }
}

/// Returns the WASI context: the library in `/usr` and, if there is one, `root` in `/`.
pub(super) fn world(
    library: &Archive,
    root: Option<MemoryDir>,
    arguments: &[&str],
) -> Result<WasiCtx, BoxError> {
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
    builder.build().map_err(|errno| errno.to_string().into())
}

/// Initialises Python in a new instance, up to the state that is kept as an image.
pub(super) fn initialise<T: Send + 'static>(instance: &mut Instance<T>) -> Result<(), BoxError> {
    call(instance, export::CONSTRUCT)?;
    call(instance, export::INITIALIZE)?;
    match call(instance, export::FREEZE)? {
        Some(Number::I32(0)) => Ok(()),
        _ => Err(format!("{} failed", export::FREEZE).into()),
    }
}

/// Calls an export that takes no arguments. Fails if the call does not return.
pub(super) fn call<T: Send + 'static>(
    instance: &mut Instance<T>,
    name: &str,
) -> Result<Option<Number>, BoxError> {
    match instance.call(name, &[])? {
        Outcome::Returned(value) => Ok(value),
        outcome => Err(format!("{name} {outcome}").into()),
    }
}
