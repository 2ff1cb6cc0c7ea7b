//! Modules on any engine, and the slots in which their instances run one after the other.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasi_core::WasiCtx;

use super::slot::{Compiled, Slot};
use super::snapshot::Snapshot;
use super::{Code, Error, HostFunction, Instance, InstanceLimits, Origin, wasmi};

/// Fuel for a module's start function, which runs in one slice.
const START_FUEL: u64 = 1_000_000;

/// Idle slots that a module keeps for the next guests.
const MAX_IDLE: usize = 32;

/// A compiled module with its imports resolved. Cloning is cheap, and threads may share it.
pub struct Module<T>(Arc<ModuleState<T>>);

struct ModuleState<T> {
    compiled: Box<dyn Compiled<T>>,
    /// Slots without a guest. An instance takes one when it is created and returns it when it is dropped, on
    /// any thread.
    idle: Mutex<Vec<Box<dyn Slot<T>>>>,
}

/// A slot that returns to its module when the instance is dropped.
pub(super) struct Lease<T: Send + 'static> {
    module: Module<T>,
    slot: Option<Box<dyn Slot<T>>>,
}

impl<T> Clone for Module<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + 'static> Module<T> {
    /// Compiles a module for wasmi, and resolves its imports: it may import WASI preview1, `functions`, and
    /// the memory `env.memory`.
    ///
    /// Fails with [`Error::Malformed`] if the bytes are not a module, or a truncated one; with
    /// [`Error::UnknownImport`] for any other import, and with [`Error::ImportType`] for one of another type.
    pub fn new(wasm: &[u8], origin: Origin, functions: &[HostFunction<T>]) -> Result<Self, Error> {
        Ok(Self::of(Box::new(wasmi::Module::new(wasm, origin, functions)?)))
    }

    /// Compiles a module of [`Origin::Trusted`] in parts, as the build splits it, without validating it. A function of
    /// `others` is called when a function of that part is first needed.
    ///
    /// Fails like [`Module::new`]. If a part cannot be loaded, the call that needs it ends with
    /// [`Outcome::Trapped`](super::Outcome::Trapped).
    ///
    /// # Safety
    ///
    /// All parts must be valid: [`validate`](super::validate) must have accepted them.
    #[expect(unsafe_code, reason = "passes its caller's promise on")]
    pub unsafe fn validated(
        near: &[u8],
        others: &[Code],
        functions: &[HostFunction<T>],
    ) -> Result<Self, Error> {
        // SAFETY: the caller promises that all are valid.
        Ok(Self::of(Box::new(unsafe { wasmi::Module::validated(near, others, functions)? })))
    }

    /// Opens a module as machine code that is part of this program, and resolves its imports like
    /// [`Module::new`].
    ///
    /// Fails with [`Error::Engine`] if the code was compiled for another processor, or by another version of
    /// wasmtime, or if it has an import that is not provided.
    #[cfg(feature = "native")]
    pub fn ahead_of_time(
        code: &'static super::MachineCode,
        functions: &[HostFunction<T>],
    ) -> Result<Self, Error> {
        Ok(Self::of(Box::new(super::native::Module::new(code, functions)?)))
    }

    fn of(compiled: Box<dyn Compiled<T>>) -> Self {
        Self(Arc::new(ModuleState { compiled, idle: Mutex::default() }))
    }

    /// Creates an instance and runs the module's start function, if it has one, with at most a million units
    /// of fuel.
    ///
    /// Fails with [`Error::MemoryLimit`] if the initial memory exceeds the limit, with [`Error::Start`] if
    /// the start function does not return, and with [`Error::Instantiate`] for other reasons.
    pub fn instantiate(&self, wasi: WasiCtx, state: T, limits: InstanceLimits) -> Result<Instance<T>, Error> {
        let compiled = &self.0.compiled;
        check_size(compiled.initial_memory(), limits.memory)?;
        let slot = compiled.slot(Some((wasi, state)), limits.memory, None, limits.fuel.min(START_FUEL))?;
        Ok(self.instance(slot, limits, None))
    }

    /// Creates an instance in the state of a snapshot. The snapshot must be of the same module, or of one
    /// that differs from it only in its data segments; it may come from the other engine.
    ///
    /// Fails with [`Error::MemoryLimit`] if the memory exceeds the limit, and with [`Error::Snapshot`]
    /// unless the module imports its memory, and exports it and its stack pointer.
    pub fn restore(
        &self,
        snapshot: &Snapshot,
        wasi: WasiCtx,
        state: T,
        limits: InstanceLimits,
    ) -> Result<Instance<T>, Error> {
        check_size(snapshot.memory_size() as u64, limits.memory)?;
        let mut slot = self.empty_slot(snapshot, limits.memory)?;
        slot.restore(snapshot)?;
        slot.host_mut().set_guest((wasi, state), limits.memory);
        Ok(self.instance(slot, limits, Some(snapshot.clone())))
    }

    /// Creates an instance in a slot that has its guest.
    fn instance(
        &self,
        mut slot: Box<dyn Slot<T>>,
        limits: InstanceLimits,
        snapshot: Option<Snapshot>,
    ) -> Instance<T> {
        slot.host_mut().fuel.set_limit(limits.fuel, 0);
        Instance::new(self.lease(slot), snapshot)
    }

    /// Wraps a slot so that it returns to this module.
    fn lease(&self, slot: Box<dyn Slot<T>>) -> Lease<T> {
        Lease { module: self.clone(), slot: Some(slot) }
    }

    /// Returns a slot without a guest in which the snapshot can be restored: an idle one, or a new one.
    fn empty_slot(&self, snapshot: &Snapshot, memory_limit: u64) -> Result<Box<dyn Slot<T>>, Error> {
        if let Some(slot) = self.idle_slot(snapshot, memory_limit) {
            return Ok(slot);
        }
        self.0.compiled.slot(None, memory_limit, Some(snapshot.memory_size()), START_FUEL)
    }

    /// Takes an idle slot in which the snapshot can be restored, if there is one.
    fn idle_slot(&self, snapshot: &Snapshot, memory_limit: u64) -> Option<Box<dyn Slot<T>>> {
        let mut idle = self.idle();
        // A slot that has the snapshot's image mapped costs least.
        let alike = |slot: &dyn Slot<T>| {
            let region = slot.host().memory.region.as_ref();
            region.and_then(|region| region.image()).is_some_and(|image| image.is_same(snapshot.image()))
        };
        let place = idle
            .iter()
            .rposition(|slot| alike(&**slot) && slot.fits(snapshot, memory_limit))
            .or_else(|| idle.iter().rposition(|slot| slot.fits(snapshot, memory_limit)))?;
        Some(idle.swap_remove(place))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Box<dyn Slot<T>>>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether the module exports a function of this name.
    pub fn has_function(&self, name: &str) -> bool {
        self.0.compiled.has_function(name)
    }
}

impl<T: Send + 'static> Lease<T> {
    /// Moves the guest to another slot of the module, in which the snapshot can be restored, and restores it.
    pub(super) fn exchange(&mut self, snapshot: &Snapshot, memory_limit: u64) -> Result<(), Error> {
        let mut slot = self.module.empty_slot(snapshot, memory_limit)?;
        slot.restore(snapshot)?;
        slot.host_mut().take_guest_from(self.host_mut());
        *self = self.module.lease(slot);
        Ok(())
    }
}

impl<T: Send + 'static> Deref for Lease<T> {
    type Target = dyn Slot<T>;

    fn deref(&self) -> &(dyn Slot<T> + 'static) {
        &**self.slot.as_ref().expect("a lease has its slot until it is dropped")
    }
}

impl<T: Send + 'static> DerefMut for Lease<T> {
    fn deref_mut(&mut self) -> &mut (dyn Slot<T> + 'static) {
        &mut **self.slot.as_mut().expect("a lease has its slot until it is dropped")
    }
}

impl<T: Send + 'static> Drop for Lease<T> {
    /// Removes the guest, and keeps the slot if another guest can start in its memory.
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        drop(slot.host_mut().remove_guest());
        let len = slot.memory().len();
        let Some(region) = &mut slot.host_mut().memory.region else { return };
        let Some(image) = region.image().cloned() else { return };
        // Dropping the written pages now keeps an idle slot cheap, and the next guest's start short.
        if len > image.memory_size() || region.map(&image).is_err() {
            return;
        }
        let mut idle = self.module.idle();
        if idle.len() < MAX_IDLE {
            idle.push(slot);
        }
    }
}

/// Fails with [`Error::MemoryLimit`] if a memory of `needed` bytes exceeds the limit.
pub(super) fn check_size(needed: u64, limit: u64) -> Result<(), Error> {
    if needed > limit { Err(Error::MemoryLimit { needed, limit }) } else { Ok(()) }
}
