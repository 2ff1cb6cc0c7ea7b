//! What stands behind an instance's imports, and the way from wasmtime's values to theirs and back.

use python_wasm_contract::export::{INTERRUPT, STACK_POINTER};
use python_wasm_contract::native::{COUNTER, COUNTER_SPENT};
use wasi_core::preview1;
use wasmtime::{AsContextMut as _, Caller, FuncType, Linker, Val, ValType};

use crate::host::{Host, MemoryLimiter, Stopped};
use crate::{Error, HostCall, HostFunction, Outcome, interrupt};

/// The data of a store.
pub(super) struct Data<T> {
    pub(super) host: Host<T>,
    /// None until the instance is there.
    pub(super) exports: Option<Exports>,
}

/// The module's exports that every call needs, looked up once.
#[derive(Clone)]
pub(super) struct Exports {
    pub(super) memory: wasmtime::Memory,
    pub(super) stack_pointer: wasmtime::Global,
    /// What is left of the slice.
    pub(super) counter: wasmtime::Global,
    /// Tells the guest of an interrupt.
    pub(super) interrupt: wasmtime::TypedFunc<(), i32>,
}

impl Exports {
    /// Those that a module of ours has; a missing one is told by its name.
    pub(super) fn find<T: 'static>(
        store: &mut wasmtime::Store<Data<T>>,
        instance: wasmtime::Instance,
    ) -> Result<Self, Error> {
        let missing = |name: &str| Error::NoSuchExport(name.into());
        Ok(Self {
            memory: instance.get_memory(&mut *store, "memory").ok_or_else(|| missing("memory"))?,
            stack_pointer: instance
                .get_global(&mut *store, STACK_POINTER)
                .ok_or_else(|| missing(STACK_POINTER))?,
            counter: instance.get_global(&mut *store, COUNTER).ok_or_else(|| missing(COUNTER))?,
            interrupt: instance.get_typed_func(&mut *store, INTERRUPT).map_err(|_| missing(INTERRUPT))?,
        })
    }
}

/// Defines everything that the module imports: WASI preview1, `functions`, and the end of a slice.
pub(super) fn link<T: Send + 'static>(
    engine: &wasmtime::Engine,
    functions: &[HostFunction<T>],
) -> wasmtime::Result<Linker<Data<T>>> {
    let mut linker = Linker::new(engine);
    for function in &preview1::FUNCTIONS {
        wasi(&mut linker, function)?;
    }
    for function in functions {
        host(&mut linker, function)?;
    }
    let (module, name) = COUNTER_SPENT;
    linker.func_wrap(module, name, |mut caller: Caller<'_, Data<T>>| {
        if caller.data().host.telling {
            // Telling of an interrupt takes no time, or the guest is broken.
            return Err(Stopped(Outcome::OutOfFuel).into());
        }
        interrupt::between_slices(&mut caller.as_context_mut(), 1)
            .map_err(|outcome| wasmtime::Error::from(Stopped(outcome)))
    })?;
    Ok(linker)
}

/// A WASI call: numbers in, errno out, or the end of the guest.
fn wasi<T: Send + 'static>(
    linker: &mut Linker<Data<T>>,
    function: &'static preview1::Function,
) -> wasmtime::Result<()> {
    let params = function.params.iter().copied().map(val_type);
    let ty = FuncType::new(linker.engine(), params, function.result.map(val_type));
    let body = move |mut caller: Caller<'_, Data<T>>, params: &[Val], results: &mut [Val]| {
        let mut args = [0; MAX_PARAMS];
        let args = raw(params, &mut args);
        let (memory, host) = lend(&mut caller);
        let errno = function.call(host.wasi_mut(), memory, args).map_err(|stop| Stopped(stop.into()))?;
        if let Some(result) = results.first_mut() {
            *result = Val::I32(errno);
        }
        // A call may take long for little fuel. And one that was broken off has just returned `intr`:
        // the guest must know why before it looks at that.
        interrupt::look(&mut caller.as_context_mut()).map_err(|outcome| Stopped(outcome).into())
    };
    linker.func_new("wasi_snapshot_preview1", function.name, ty, body).map(drop)
}

/// No WASI function has more; a longer list could not be passed on.
const MAX_PARAMS: usize = 9;

/// The arguments as plain bits.
fn raw<'a>(params: &[Val], args: &'a mut [u64; MAX_PARAMS]) -> &'a [u64] {
    let len = params.len().min(MAX_PARAMS);
    for (arg, param) in args.iter_mut().zip(params) {
        *arg = match param {
            Val::I32(number) => u64::from(*number as u32),
            Val::I64(number) => *number as u64,
            _ => 0,
        };
    }
    &args[..len]
}

/// A function of the embedder's own.
fn host<T: Send + 'static>(linker: &mut Linker<Data<T>>, function: &HostFunction<T>) -> wasmtime::Result<()> {
    let ty = FuncType::new(linker.engine(), vec![ValType::I32; function.params], [ValType::I32]);
    let body = function.body;
    let body = move |mut caller: Caller<'_, Data<T>>, params: &[Val], results: &mut [Val]| {
        let args: Vec<i32> = params.iter().filter_map(Val::i32).collect();
        let (memory, host) = lend(&mut caller);
        let (wasi, state) = host.guest_mut();
        let result = body(HostCall { memory, wasi, state }, &args);
        if let Some(slot) = results.first_mut() {
            *slot = Val::I32(result);
        }
        // It may have taken long, as a WASI call may.
        interrupt::look(&mut caller.as_context_mut()).map_err(|outcome| Stopped(outcome).into())
    };
    linker.func_new(function.module, function.name, ty, body).map(drop)
}

/// The guest's memory and the data beside it, both at once.
fn lend<'a, T: 'static>(caller: &'a mut Caller<'_, Data<T>>) -> (&'a mut [u8], &'a mut Host<T>) {
    let memory = caller.data().exports.as_ref().map(|exports| exports.memory);
    let (memory, data) = match memory {
        Some(memory) => memory.data_and_store_mut(caller),
        None => (&mut [][..], caller.data_mut()),
    };
    (memory, &mut data.host)
}

impl wasmtime::ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow_to(desired))
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The only module that runs here is ours, and its table does not grow.
        Ok(true)
    }
}

fn val_type(ty: preview1::ValType) -> ValType {
    match ty {
        preview1::ValType::I32 => ValType::I32,
        preview1::ValType::I64 => ValType::I64,
    }
}
