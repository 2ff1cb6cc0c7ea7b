//! A store with one instance, which one guest after the other uses.
//!
//! Creating one takes some milliseconds, because wasmi fills the memory with zeros and makes a handle for
//! each of the module's functions. Resetting one takes microseconds.
#![expect(unsafe_code, reason = "lends a region to a store; see its one use")]

use python_wasm_contract::export::MEMORY;
use python_wasm_contract::{ADDRESSABLE, WASM_PAGE};
use wasi_core::WasiCtx;
use wasi_core::preview1::ValType;
use wasmi::{AsContextMut as _, ResumableCall, Val};

use super::host::{Data, Import};
use super::{SLICE, outcome, sibling_calls, signature, value};
use crate::host::Host;
use crate::region::Region;
use crate::{Error, Number, Outcome, interrupt, slot};

/// Wasm pages by which the memory grows at a time: 2 MiB, a huge page of most hosts.
const FILL: u64 = 32;

/// A store and its instance, in which a guest runs.
pub(super) struct Slot<T> {
    pub(super) store: wasmi::Store<Data<T>>,
    pub(super) exports: wasmi::Instance,
}

impl<T: Send + 'static> Slot<T> {
    /// Creates a store and instantiates the module in it. See [`slot`](crate::slot::Compiled::slot) for the
    /// parameters.
    pub(super) fn new(
        module: &wasmi::Module,
        imports: &[Import<T>],
        guest: Option<(WasiCtx, T)>,
        memory_limit: u64,
        len: Option<usize>,
        fuel: u64,
    ) -> Result<Self, Error> {
        let slice = sibling_calls::slice();
        // The start function runs in one slice.
        let fuel = if slice < SLICE { fuel.min(slice) } else { fuel };
        let mut host = Host::new(guest, memory_limit, slice);
        host.fuel.begin(fuel);
        let mut store = wasmi::Store::new(module.engine(), Data::new(host));
        store.limiter(|data| &mut data.host.memory);
        super::set_fuel(&mut store, fuel);
        let mut externs = Vec::with_capacity(imports.len());
        for import in imports {
            externs.push(match import {
                Import::Wasi(function) => super::wasi::function(&mut store, function).into(),
                Import::Function(ty, body) => {
                    let body = std::sync::Arc::clone(body);
                    wasmi::Func::new(&mut store, ty.clone(), move |caller, params, results| {
                        body(caller, params, results)
                    })
                    .into()
                }
                Import::Part(part) => part.function(&mut store).into(),
                Import::Memory(ty) => memory(&mut store, ty, memory_limit, len)?.into(),
            });
        }
        let exports =
            wasmi::Instance::new(&mut store, module, &externs).map_err(|error| super::start_error(&error))?;
        interrupt::charge(&mut store.as_context_mut());
        Data::find_exports(&mut store, exports);
        Ok(Self { store, exports })
    }

    /// Runs slice after slice. The error is how the call ended, if it did not return.
    fn run(&mut self, function: wasmi::Func, inputs: &[Val], outputs: &mut [Val]) -> Result<(), Outcome> {
        self.between_slices(1)?;
        let mut call = function.call_resumable(&mut self.store, inputs, outputs);
        loop {
            match call.map_err(|error| outcome(&error))? {
                ResumableCall::Finished => return Ok(()),
                ResumableCall::HostTrap(trap) => return Err(outcome(trap.host_error())),
                ResumableCall::OutOfFuel(suspended) => {
                    self.between_slices(suspended.required_fuel())?;
                    call = suspended.resume(&mut self.store, outputs);
                }
            }
        }
    }

    fn between_slices(&mut self, required: u64) -> Result<(), Outcome> {
        interrupt::between_slices(&mut self.store.as_context_mut(), required)
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
        self.store.data().memory.map_or(&[], |memory| memory.data(&self.store))
    }

    fn memory_mut(&mut self) -> &mut [u8] {
        match self.store.data().memory {
            Some(memory) => memory.data_mut(&mut self.store),
            None => &mut [],
        }
    }

    fn grow(&mut self, len: usize) -> Result<(), Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Snapshot(error.to_string());
        let memory = self.store.data().memory.ok_or_else(|| cannot(&"the module has no memory"))?;
        let pages = (len as u64 / WASM_PAGE).saturating_sub(memory.size(&self.store));
        memory.grow(&mut self.store, pages).map(drop).map_err(|error| cannot(&error))
    }

    fn stack_pointer(&mut self) -> Option<i32> {
        self.store.data().stack_pointer.and_then(|global| global.get(&self.store).i32())
    }

    fn set_stack_pointer(&mut self, address: i32) -> bool {
        let global = self.store.data().stack_pointer;
        global.is_some_and(|global| global.set(&mut self.store, Val::I32(address)).is_ok())
    }

    fn call(&mut self, name: &str, args: &[Number]) -> Result<Outcome, Error> {
        let function =
            self.exports.get_func(&self.store, name).ok_or_else(|| Error::NoSuchExport(name.into()))?;
        let ty = function.ty(&self.store);
        if !slot::accepts(types(ty.params()), types(ty.results()), args) {
            let (actual, given) = (signature(&ty), format!("{args:?}"));
            return Err(Error::ExportType { name: name.into(), actual, given });
        }
        let inputs: Vec<Val> = args.iter().copied().map(Val::from).collect();
        let mut outputs: Vec<Val> = ty.results().iter().copied().map(Val::default_for_ty).collect();
        let ended = self.run(function, &inputs, &mut outputs);
        interrupt::charge(&mut self.store.as_context_mut());
        Ok(ended.err().unwrap_or_else(|| Outcome::Returned(outputs.first().and_then(value))))
    }
}

fn types(types: &[wasmi::ValType]) -> impl Iterator<Item = Option<ValType>> {
    types.iter().map(|ty| match ty {
        wasmi::ValType::I32 => Some(ValType::I32),
        wasmi::ValType::I64 => Some(ValType::I64),
        _ => None,
    })
}

/// Creates the memory that the module imports, in a region.
fn memory<T>(
    store: &mut wasmi::Store<Data<T>>,
    ty: &wasmi::MemoryType,
    limit: u64,
    len: Option<usize>,
) -> Result<wasmi::Memory, Error> {
    let cannot =
        |error: &dyn std::fmt::Display| Error::Instantiate(format!("{}.{}: {error}", MEMORY.0, MEMORY.1));
    let len = len.map_or(ty.minimum(), |len| len as u64 / WASM_PAGE).max(ty.minimum());
    let most = ty.maximum().unwrap_or(u64::MAX).min(ADDRESSABLE / WASM_PAGE).max(len);
    let capacity = limit.min(most * WASM_PAGE).max(len * WASM_PAGE);
    let mut region =
        Region::new(usize::try_from(capacity).unwrap_or(usize::MAX)).map_err(|error| cannot(&error))?;
    region.commit((len * WASM_PAGE) as usize).map_err(|error| cannot(&error))?;
    region.advise_huge_pages();
    // SAFETY: the store's data owns the region, so it lives as long as the memory, and nothing reads or
    // writes the memory while the store is dropped. wasmi keeps the slice as a pointer and accesses no more
    // than the memory's current size, which the limiter commits before it grows. What changes the region
    // (`restore`, `snapshot`) holds the store exclusively, so no other reference into the memory exists
    // meanwhile.
    let bytes = unsafe { region.lend() };
    store.data_mut().host.memory.region = Some(region);
    let ty = wasmi::MemoryType::new(0, Some(u32::try_from(most).unwrap_or(65_536)));
    let memory = wasmi::Memory::new_static(&mut *store, ty, bytes).map_err(|error| cannot(&error))?;
    // wasmi fills what it adds with zeros, although it is zeros already. So the memory grows in steps, and
    // the pages of each step are discarded before the next one.
    let mut size = 0;
    while size < len {
        let step = FILL.min(len - size);
        memory.grow(&mut *store, step).map_err(|error| cannot(&error))?;
        if let Some(region) = &mut store.data_mut().host.memory.region {
            let part = (size * WASM_PAGE) as usize..((size + step) * WASM_PAGE) as usize;
            region.discard(part).map_err(|error| cannot(&error))?;
        }
        size += step;
    }
    Ok(memory)
}
