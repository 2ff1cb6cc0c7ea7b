//! A store with one instance, which one guest after the other uses.
#![expect(unsafe_code, reason = "offers a region to an instance; see its one use")]

use corosensei::on_stack;
use corosensei::stack::DefaultStack;
use python_wasm_contract::WASM_PAGE;
use wasi_core::WasiCtx;
use wasi_core::preview1::ValType;
use wasmtime::{AsContextMut as _, Func, Store, Val};

use super::host::{Data, Exports};
use super::{SLICE, STACK, memory, outcome, value};
use crate::host::Host;
use crate::{Error, Number, Outcome, interrupt, slot};

/// A store and its instance, in which a guest runs.
pub(super) struct Slot<T: 'static> {
    store: Store<Data<T>>,
    instance: wasmtime::Instance,
    exports: Exports,
    /// The stack on which guests run, because a calling thread's may be of any size.
    stack: DefaultStack,
}

impl<T: Send + 'static> Slot<T> {
    pub(super) fn new(
        module: &wasmtime::InstancePre<Data<T>>,
        guest: Option<(WasiCtx, T)>,
        memory_limit: u64,
    ) -> Result<Self, Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Instantiate(error.to_string());
        let mut host = Host::new(guest, memory_limit, SLICE);
        let stack = DefaultStack::new(STACK).map_err(|error| cannot(&error))?;
        let region = memory::region().map_err(|error| cannot(&error))?;
        // SAFETY: the store's data owns the region, and no code of its instances runs while the store is
        // dropped. What changes the region holds the slot exclusively, and with it the store.
        let offer = unsafe { memory::Offer::new(&region) };
        host.memory.region = Some(region);
        let mut store = Store::new(module.module().engine(), Data { host, exports: None });
        store.limiter(|data| &mut data.host.memory);
        let instance = offer.accept(|| module.instantiate(&mut store));
        let instance = instance.map_err(|error| cannot(&format!("{error:#}")))?;
        let exports = Exports::find(&mut store, instance)?;
        store.data_mut().exports = Some(exports.clone());
        Ok(Self { store, instance, exports, stack })
    }

    /// Runs a function to its end. The error is how the call ended, if it did not return.
    fn run(&mut self, function: Func, inputs: &[Val], outputs: &mut [Val]) -> Result<(), Outcome> {
        interrupt::between_slices(&mut self.store.as_context_mut(), 1)?;
        let Self { store, stack, .. } = self;
        on_stack(stack, || function.call(store, inputs, outputs)).map_err(|error| outcome(&error))
    }
}

impl<T: Send + 'static> slot::Slot<T> for Slot<T> {
    fn host(&self) -> &Host<T> {
        &self.store.data().host
    }

    fn host_mut(&mut self) -> &mut Host<T> {
        &mut self.store.data_mut().host
    }

    fn memory(&self) -> &[u8] {
        self.exports.memory.data(&self.store)
    }

    fn memory_mut(&mut self) -> &mut [u8] {
        self.exports.memory.data_mut(&mut self.store)
    }

    fn grow(&mut self, len: usize) -> Result<(), Error> {
        let memory = self.exports.memory;
        let pages = (len as u64 / WASM_PAGE).saturating_sub(memory.size(&self.store));
        memory.grow(&mut self.store, pages).map(drop).map_err(|error| Error::Snapshot(error.to_string()))
    }

    fn stack_pointer(&mut self) -> Option<i32> {
        self.exports.stack_pointer.get(&mut self.store).i32()
    }

    fn set_stack_pointer(&mut self, address: i32) -> bool {
        self.exports.stack_pointer.set(&mut self.store, Val::I32(address)).is_ok()
    }

    fn call(&mut self, name: &str, args: &[Number]) -> Result<Outcome, Error> {
        let function = self.instance.get_func(&mut self.store, name);
        let function = function.ok_or_else(|| Error::NoSuchExport(name.into()))?;
        let ty = function.ty(&self.store);
        if !slot::accepts(ty.params().map(|ty| val_type(&ty)), ty.results().map(|ty| val_type(&ty)), args) {
            let (actual, given) = (ty.to_string(), format!("{args:?}"));
            return Err(Error::ExportType { name: name.into(), actual, given });
        }
        let inputs: Vec<Val> = args.iter().copied().map(Val::from).collect();
        let mut outputs = vec![Val::I32(0); ty.results().len()];
        let ended = self.run(function, &inputs, &mut outputs);
        interrupt::charge(&mut self.store.as_context_mut());
        Ok(ended.err().unwrap_or_else(|| Outcome::Returned(outputs.first().and_then(value))))
    }
}

/// Converts a type. `None` if it is not one of [`Number`]'s.
fn val_type(ty: &wasmtime::ValType) -> Option<ValType> {
    match ty {
        wasmtime::ValType::I32 => Some(ValType::I32),
        wasmtime::ValType::I64 => Some(ValType::I64),
        _ => None,
    }
}
