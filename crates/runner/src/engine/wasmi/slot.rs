//! A store with an instance in it: made once, used by one guest after the other.
//!
//! Making one costs some milliseconds (wasmi fills the memory with zeros, and makes
//! a handle for each of the module's functions); emptying one costs microseconds.
#![expect(unsafe_code, reason = "lends a region to a store; see its one use")]

use ::wasmi as engine;
use wasi_core::WasiCtx;

use super::host::{Host, Import};
use super::{MEMORY, PAGE};
use crate::engine::Error;
use crate::engine::region::Region;
use crate::engine::snapshot::Snapshot;

/// Pages of memory that are added at a time: as much as the host's large page has.
const FILL: u64 = 32;

/// Where a guest runs.
pub(super) struct Slot<T> {
    pub(super) store: engine::Store<Host<T>>,
    pub(super) exports: engine::Instance,
}

impl<T: Send + 'static> Slot<T> {
    /// Makes a store and instantiates the module in it, with a memory of `len` bytes if the module
    /// imports one. Its start function gets `fuel`.
    pub(super) fn new(
        module: &engine::Module,
        imports: &[Import<T>],
        guest: Option<(WasiCtx, T)>,
        memory_limit: u64,
        len: Option<usize>,
        fuel: u64,
    ) -> Result<Self, Error> {
        let mut store = engine::Store::new(module.engine(), Host::new(guest, memory_limit));
        store.limiter(|host| &mut host.limiter);
        super::set_fuel(&mut store, fuel);
        let mut externs = Vec::with_capacity(imports.len());
        for import in imports {
            externs.push(match import {
                Import::Wasi(function) => super::wasi::function(&mut store, function)?.into(),
                Import::Function(ty, body) => {
                    let body = std::sync::Arc::clone(body);
                    engine::Func::new(&mut store, ty.clone(), move |caller, params, results| {
                        body(caller, params, results)
                    })
                    .into()
                }
                Import::Memory(ty) => memory(&mut store, ty, memory_limit, len)?.into(),
            });
        }
        let exports = engine::Instance::new(&mut store, module, &externs)
            .map_err(|error| super::start_error(&error))?;
        Host::adopt(&mut store, exports);
        Ok(Self { store, exports })
    }

    /// Whether a guest with such a memory can run here.
    pub(super) fn fits(&self, snapshot: &Snapshot, memory_limit: u64) -> bool {
        let Some(region) = self.region() else { return false };
        self.memory().is_some_and(|memory| memory.data_size(&self.store) <= snapshot.memory_size())
            && region.capacity() as u64 >= memory_limit.min(super::ADDRESSABLE)
    }

    /// Makes memory and stack what they were when the snapshot was taken.
    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Snapshot(error.to_string());
        let memory = self.memory().ok_or_else(|| cannot(&"the module has a memory of its own"))?;
        let pages = (snapshot.memory_size() as u64 / PAGE).saturating_sub(memory.size(&self.store));
        memory.grow(&mut self.store, pages).map_err(|error| cannot(&error))?;
        if let Some(region) = &mut self.store.data_mut().limiter.region {
            region.map(snapshot.image()).map_err(|error| cannot(&error))?;
        }
        snapshot.apply(memory.data_mut(&mut self.store));
        let stack_pointer = self.store.data().stack_pointer;
        stack_pointer
            .ok_or_else(|| cannot(&"the module exports no stack pointer"))?
            .set(&mut self.store, engine::Val::I32(snapshot.stack_pointer()))
            .map_err(|error| cannot(&error))
    }

    pub(super) fn memory(&self) -> Option<engine::Memory> {
        self.store.data().memory
    }

    pub(super) fn region(&self) -> Option<&Region> {
        self.store.data().limiter.region.as_ref()
    }
}

/// The memory that the module imports, in a region of its own.
fn memory<T>(
    store: &mut engine::Store<Host<T>>,
    ty: &engine::MemoryType,
    limit: u64,
    len: Option<usize>,
) -> Result<engine::Memory, Error> {
    let cannot =
        |error: &dyn std::fmt::Display| Error::Instantiate(format!("{}.{}: {error}", MEMORY.0, MEMORY.1));
    let len = len.map_or(ty.minimum(), |len| len as u64 / PAGE).max(ty.minimum());
    let most = ty.maximum().unwrap_or(u64::MAX).min(super::ADDRESSABLE / PAGE).max(len);
    let capacity = limit.min(most * PAGE).max(len * PAGE);
    let mut region =
        Region::new(usize::try_from(capacity).unwrap_or(usize::MAX)).map_err(|error| cannot(&error))?;
    region.commit((len * PAGE) as usize).map_err(|error| cannot(&error))?;
    region.expect_fill();
    // SAFETY: the region goes into the store's data, so it lives as long as the memory, which nothing
    // reads or writes once the store is being dropped. wasmi keeps the slice as a pointer and touches no
    // more than the memory's present size, which the limiter commits before it grows. What
    // changes the region (`restore`, `snapshot`) holds the store exclusively, so that no other
    // reference into the memory exists meanwhile.
    let bytes = unsafe { region.lend() };
    store.data_mut().limiter.region = Some(region);
    let ty = engine::MemoryType::new(0, Some(u32::try_from(most).unwrap_or(65_536)));
    let memory = engine::Memory::new_static(&mut *store, ty, bytes).map_err(|error| cannot(&error))?;
    // wasmi fills what it adds with zeros. It is zeros already: so a part is added at a time, and
    // its pages are given back before the next one.
    let mut size = 0;
    while size < len {
        let step = FILL.min(len - size);
        memory.grow(&mut *store, step).map_err(|error| cannot(&error))?;
        if let Some(region) = &mut store.data_mut().limiter.region {
            let part = (size * PAGE) as usize..((size + step) * PAGE) as usize;
            region.forget(part).map_err(|error| cannot(&error))?;
        }
        size += step;
    }
    Ok(memory)
}
