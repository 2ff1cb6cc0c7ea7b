//! The native engine: our own module as machine code, compiled ahead of time, linked into this program, and
//! run by wasmtime's runtime, which is built without a compiler.

mod code;
mod host;
mod interrupt;
mod memory;
mod slot;

use python_wasm_contract::{WASM_PAGE, native};
use wasi_core::WasiCtx;
use wasmtime::Val;

pub use self::code::MachineCode;
use self::host::Data;
use super::host::Unwind;
use super::slot::{Compiled, Slot};
use super::{Error, HostFunction, Number, Outcome, Trap};

/// Bytes of native stack for a guest; untouched pages cost nothing. CPython reaches its own limits first,
/// except where it does not check the depth (the hash of nested tuples).
const STACK: usize = 64 << 20;

/// Bytes of [`STACK`] that are kept for the host's functions.
const HOST_STACK: usize = 1 << 20;

/// Units of work in one slice, between two checks of deadline and interrupts: some hundredths of a second at
/// most.
const SLICE: u64 = 1_000_000;

/// The module with its imports resolved.
pub(super) struct Module<T: 'static>(wasmtime::InstancePre<Data<T>>);

impl<T: Send + 'static> Module<T> {
    pub(super) fn new(code: &'static MachineCode, functions: &[HostFunction<T>]) -> Result<Self, Error> {
        let cannot = |reason: String| Error::Engine(format!("engine native: {reason}; use wasmi"));
        let module = code.module().map_err(cannot)?;
        let linker = host::link(module.engine(), functions);
        let ready = linker.and_then(|linker| linker.instantiate_pre(module));
        ready.map(Self).map_err(|error| cannot(format!("{error:#}")))
    }
}

/// Returns the settings of the code, with those of its memory and its stack.
fn config() -> wasmtime::Config {
    let mut config = native::config();
    config
        .max_wasm_stack(STACK - HOST_STACK)
        // wasmtime creates no such stack here, but checks that it is larger than the wasm stack.
        .async_stack_size(STACK)
        .with_host_memory(memory::creator());
    config
}

impl<T: Send + 'static> Compiled<T> for Module<T> {
    fn slot(
        &self,
        guest: Option<(WasiCtx, T)>,
        memory_limit: u64,
        _len: Option<usize>,
        _fuel: u64,
    ) -> Result<Box<dyn Slot<T>>, Error> {
        Ok(Box::new(slot::Slot::new(&self.0, guest, memory_limit)?))
    }

    fn initial_memory(&self) -> u64 {
        match self.0.module().get_export("memory") {
            Some(wasmtime::ExternType::Memory(ty)) => ty.minimum().saturating_mul(WASM_PAGE),
            _ => 0,
        }
    }

    fn has_function(&self, name: &str) -> bool {
        matches!(self.0.module().get_export(name), Some(wasmtime::ExternType::Func(_)))
    }
}

/// Returns the outcome of a call from wasmtime's error.
fn outcome(error: &wasmtime::Error) -> Outcome {
    if let Some(Unwind(outcome)) = error.downcast_ref::<Unwind>() {
        return outcome.clone();
    }
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(trap) => Outcome::Trapped(Trap(trap.to_string())),
        None => Outcome::Trapped(Trap(format!("{error:#}"))),
    }
}

impl From<Number> for Val {
    fn from(value: Number) -> Self {
        match value {
            Number::I32(number) => Val::I32(number),
            Number::I64(number) => Val::I64(number),
        }
    }
}

fn value(val: &Val) -> Option<Number> {
    match val {
        Val::I32(number) => Some(Number::I32(*number)),
        Val::I64(number) => Some(Number::I64(*number)),
        _ => None,
    }
}
