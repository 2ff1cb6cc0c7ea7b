//! The host's side of an instance in wasmtime: what it imports, the data of its store, and its limits.

use python_wasm_contract::export::{INTERRUPT, STACK_POINTER};
use python_wasm_contract::native::{COUNTER, COUNTER_SPENT};
use wasi_core::preview1;
use wasmtime::{AsContextMut as _, Caller, FuncType, Linker, Val, ValType};

use crate::host::{Host, MemoryLimiter, Unwind};
use crate::{Error, HostCall, HostFunction, Outcome, interrupt};

/// The data of a store.
pub(super) struct Data<T> {
    pub(super) host: Host<T>,
    /// `None` until the instance is complete.
    pub(super) exports: Option<Exports>,
}

/// The module's exports that every call needs, looked up once.
#[derive(Clone)]
pub(super) struct Exports {
    pub(super) memory: wasmtime::Memory,
    pub(super) stack_pointer: wasmtime::Global,
    /// The work that is left in the current slice.
    pub(super) counter: wasmtime::Global,
    /// The function `python_interrupt`.
    pub(super) interrupt: wasmtime::TypedFunc<(), i32>,
}

impl Exports {
    /// Finds the exports.
    ///
    /// Fails with [`Error::NoSuchExport`] for one that is missing.
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

/// Defines everything that the module may import: WASI preview1, `functions`, and the function that ends a
/// slice.
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
        if caller.data().host.in_handler {
            // A handler only records the interrupt. One that uses up its fuel is broken.
            return Err(Unwind(Outcome::OutOfFuel).into());
        }
        interrupt::between_slices(&mut caller.as_context_mut(), 1)
            .map_err(|outcome| wasmtime::Error::from(Unwind(outcome)))
    })?;
    Ok(linker)
}

/// Defines a WASI function.
fn wasi<T: Send + 'static>(
    linker: &mut Linker<Data<T>>,
    function: &'static preview1::Function,
) -> wasmtime::Result<()> {
    let params = function.params.iter().copied().map(val_type);
    let ty = FuncType::new(linker.engine(), params, function.result.map(val_type));
    let body = move |mut caller: Caller<'_, Data<T>>, params: &[Val], results: &mut [Val]| {
        let mut args = [0; MAX_PARAMS];
        let args = raw(params, &mut args);
        let (memory, host) = memory_and_host(&mut caller);
        let errno = function.call(host.wasi_mut(), memory, args).map_err(|stop| Unwind(stop.into()))?;
        if let Some(result) = results.first_mut() {
            *result = Val::I32(errno);
        }
        // A call may take long for little fuel. And if an interrupt ended it with `intr`, the guest's handler
        // must run before the guest sees that errno.
        interrupt::poll(&mut caller.as_context_mut()).map_err(|outcome| Unwind(outcome).into())
    };
    linker.func_new("wasi_snapshot_preview1", function.name, ty, body).map(drop)
}

/// The most parameters that a WASI function has.
const MAX_PARAMS: usize = 9;

/// Converts arguments to the bits that `preview1::Function::call` takes.
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

/// Defines a function of the embedding program.
fn host<T: Send + 'static>(linker: &mut Linker<Data<T>>, function: &HostFunction<T>) -> wasmtime::Result<()> {
    let ty = FuncType::new(linker.engine(), vec![ValType::I32; function.params], [ValType::I32]);
    let body = function.body;
    let body = move |mut caller: Caller<'_, Data<T>>, params: &[Val], results: &mut [Val]| {
        let args: Vec<i32> = params.iter().filter_map(Val::i32).collect();
        let (memory, host) = memory_and_host(&mut caller);
        let (wasi, state) = host.guest_mut();
        let result = body(HostCall { memory, wasi, state }, &args);
        if let Some(slot) = results.first_mut() {
            *slot = Val::I32(result);
        }
        // Like a WASI call, it may have taken long.
        interrupt::poll(&mut caller.as_context_mut()).map_err(|outcome| Unwind(outcome).into())
    };
    linker.func_new(function.module, function.name, ty, body).map(drop)
}

/// Borrows the guest's memory and the host's data at once.
fn memory_and_host<'a, T: 'static>(caller: &'a mut Caller<'_, Data<T>>) -> (&'a mut [u8], &'a mut Host<T>) {
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
        // Only our own module runs here, and its table does not grow.
        Ok(true)
    }
}

fn val_type(ty: preview1::ValType) -> ValType {
    match ty {
        preview1::ValType::I32 => ValType::I32,
        preview1::ValType::I64 => ValType::I64,
    }
}
