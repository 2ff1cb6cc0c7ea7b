//! The host's side of an instance in wasmi: what it imports, the data of its store, and its limits.

use std::sync::Arc;

use python_wasm_contract::export::STACK_POINTER;
use wasi_core::preview1;
use wasmi::{AsContextMut as _, Caller, Val};
use wasmi_core::LimiterError;

use super::MAX_TABLE;
use super::interrupt::Handler;
use super::part::Part;
use crate::host::{Host, MemoryLimiter, Unwind};
use crate::{HostCall, HostFunction, interrupt};

/// The data of a store.
pub(super) struct Data<T> {
    pub(super) host: Host<T>,
    /// The export `memory`, looked up once.
    pub(super) memory: Option<wasmi::Memory>,
    /// The export `__stack_pointer`.
    pub(super) stack_pointer: Option<wasmi::Global>,
    /// The export that handles an interrupt.
    pub(super) interrupt: Option<Handler>,
}

/// One import of the module.
pub(super) enum Import<T> {
    /// A WASI function.
    Wasi(&'static preview1::Function),
    /// A function of the embedding program.
    Function(wasmi::FuncType, Body<T>),
    /// The linear memory.
    Memory(wasmi::MemoryType),
    /// The function that fetches a part of the module.
    Part(Arc<Part>),
}

impl wasmi::errors::HostError for Unwind {}

/// The body of an embedding program's function, as wasmi calls it.
pub(super) type Body<T> =
    Arc<dyn Fn(Caller<'_, Data<T>>, &[Val], &mut [Val]) -> Result<(), wasmi::Error> + Send + Sync>;

/// Finds the function that a guest imports, and its signature. `None` if the host does not provide it.
pub(super) fn find<T: Send + 'static>(
    module: &str,
    name: &str,
    functions: &[HostFunction<T>],
) -> Option<(wasmi::FuncType, Import<T>)> {
    if module == "wasi_snapshot_preview1" {
        return preview1::function(name).map(|function| (wasi_type(function), Import::Wasi(function)));
    }
    functions.iter().find(|function| function.module == module && function.name == name).map(host)
}

fn wasi_type(function: &preview1::Function) -> wasmi::FuncType {
    wasmi::FuncType::new(function.params.iter().copied().map(val_type), function.result.map(val_type))
}

/// Converts a function of the embedding program.
fn host<T: Send + 'static>(function: &HostFunction<T>) -> (wasmi::FuncType, Import<T>) {
    let i32 = wasmi::ValType::I32;
    let ty = wasmi::FuncType::new(vec![i32; function.params], [i32]);
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
        interrupt::poll(&mut caller.as_context_mut()).map_err(|outcome| wasmi::Error::host(Unwind(outcome)))
    };
    (ty.clone(), Import::Function(ty, Arc::new(body)))
}

/// Borrows the guest's memory and the host's data at once.
pub(super) fn memory_and_host<'a, T>(caller: &'a mut Caller<'_, Data<T>>) -> (&'a mut [u8], &'a mut Host<T>) {
    if caller.data().memory.is_none() {
        // Only calls of the start function come before the instance is complete.
        let memory = caller.get_export("memory").and_then(wasmi::Extern::into_memory);
        caller.data_mut().memory = memory;
    }
    let (memory, data) = match caller.data().memory {
        Some(memory) => memory.data_and_store_mut(caller),
        None => (&mut [][..], caller.data_mut()),
    };
    (memory, &mut data.host)
}

impl<T> Data<T> {
    pub(super) fn new(host: Host<T>) -> Self {
        Self { host, memory: None, stack_pointer: None, interrupt: None }
    }

    /// Looks up, once, the exports that later calls need.
    pub(super) fn find_exports(store: &mut wasmi::Store<Self>, instance: wasmi::Instance) {
        let memory = instance.get_memory(&*store, "memory");
        let stack_pointer = instance.get_global(&*store, STACK_POINTER);
        let interrupt = Handler::find(&*store, instance);
        let data = store.data_mut();
        (data.memory, data.stack_pointer, data.interrupt) = (memory, stack_pointer, interrupt);
    }
}

impl wasmi::ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        Ok(self.grow_to(desired))
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        Ok(desired <= MAX_TABLE)
    }

    /// Three: a module, and its other parts once they are fetched.
    fn instances(&self) -> usize {
        3
    }

    fn tables(&self) -> usize {
        16
    }

    /// Two: wasmi counts the one memory twice if the module imports it.
    fn memories(&self) -> usize {
        2
    }
}

fn val_type(ty: preview1::ValType) -> wasmi::ValType {
    match ty {
        preview1::ValType::I32 => wasmi::ValType::I32,
        preview1::ValType::I64 => wasmi::ValType::I64,
    }
}
