//! Modules and their instances, whatever engine runs them: slots that are used again, snapshots.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasi_core::WasiCtx;

use super::image::{self, Image};
use super::slot::{Compiled, Slot};
use super::snapshot::Snapshot;
use super::{Code, Error, HostFunction, Limits, Origin, Outcome, Value, wasmi};

/// Fuel for a module's start function, which cannot be cut into slices.
const START_FUEL: u64 = 1_000_000;

/// Bytes of written pages up to which a snapshot is a difference: restoring copies what differs. A host
/// that does not tell which pages were written compares all of them, and a small memory is no more than this.
const DIFFERENCE: usize = if cfg!(target_os = "linux") { 16 << 20 } else { 32 << 20 };

/// The same for a checkpoint, which is made often and hardly ever gone back to. Comparing so much takes
/// some milliseconds, writing it into an image takes several times as long.
const CHECKPOINT: usize = 128 << 20;

/// Slots that wait for their next guest; more are not kept.
const MAX_IDLE: usize = 32;

/// A compiled module with its imports resolved. Cloning shares it, threads may share it too.
pub struct Module<T>(Arc<Shared<T>>);

struct Shared<T> {
    compiled: Box<dyn Compiled<T>>,
    /// Whoever needs one takes it, and whoever has finished puts it back, on whatever thread.
    idle: Mutex<Vec<Box<dyn Slot<T>>>>,
}

/// One running copy of a module, with a memory, a WASI context and the embedder's `T` of its own.
pub struct Instance<T: Send + 'static> {
    slot: Lease<T>,
    /// What was taken last: the next one shares with it what did not change.
    snapshot: Option<Snapshot>,
}

/// A slot, which goes back to its module when the instance is dropped.
struct Lease<T: Send + 'static> {
    module: Module<T>,
    slot: Option<Box<dyn Slot<T>>>,
}

impl<T> Clone for Module<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + 'static> Module<T> {
    /// Compiles a module for the interpreter and resolves its imports: WASI preview1 and
    /// `functions`, nothing else.
    ///
    /// [`Error::Malformed`] for bytes that are no module, or a truncated one;
    /// [`Error::UnknownImport`] and [`Error::ImportType`] for what is not provided so.
    pub fn new(wasm: &[u8], origin: Origin, functions: &[HostFunction<T>]) -> Result<Self, Error> {
        Ok(Self::of(Box::new(wasmi::Module::new(wasm, origin, functions)?)))
    }

    /// The same for a module of [`Origin::Trusted`] in two parts, as `cpython::split` makes them, that are
    /// known to be valid: no function is checked any more. The second one is fetched when it is needed.
    ///
    /// # Safety
    ///
    /// Both must be valid: [`validate`](super::validate) has accepted them.
    #[expect(unsafe_code, reason = "passes its caller's promise on")]
    pub unsafe fn validated(near: &[u8], rest: Code, functions: &[HostFunction<T>]) -> Result<Self, Error> {
        // SAFETY: the caller says that they are valid.
        Ok(Self::of(Box::new(unsafe { wasmi::Module::validated(near, rest, functions)? })))
    }

    /// A module of our own as machine code that is part of this program.
    ///
    /// [`Error::Engine`] if the processor is not one that the code was compiled for.
    #[cfg(feature = "native")]
    pub fn ahead_of_time(
        code: &'static super::MachineCode,
        functions: &[HostFunction<T>],
    ) -> Result<Self, Error> {
        Ok(Self::of(Box::new(super::native::Module::new(code, functions)?)))
    }

    fn of(compiled: Box<dyn Compiled<T>>) -> Self {
        Self(Arc::new(Shared { compiled, idle: Mutex::default() }))
    }

    /// Makes an instance and runs the module's start function, if it has one.
    ///
    /// [`Error::MemoryLimit`] if its memory does not fit to begin with, [`Error::Start`] if the
    /// start function does not return: it gets a million instructions at most.
    pub fn instantiate(&self, wasi: WasiCtx, state: T, limits: Limits) -> Result<Instance<T>, Error> {
        let compiled = &self.0.compiled;
        within(compiled.initial_memory(), limits.memory)?;
        let slot = compiled.slot(Some((wasi, state)), limits.memory, None, limits.fuel.min(START_FUEL))?;
        Ok(self.instance(slot, limits, None))
    }

    /// Makes an instance that goes on where the one stood of which the snapshot was taken. The module
    /// must be the same, or one that differs from it in its data segments alone; the engine need not be.
    ///
    /// [`Error::MemoryLimit`] if its memory does not fit.
    pub fn restore(
        &self,
        snapshot: &Snapshot,
        wasi: WasiCtx,
        state: T,
        limits: Limits,
    ) -> Result<Instance<T>, Error> {
        within(snapshot.memory_size() as u64, limits.memory)?;
        let mut slot = self.empty_slot(snapshot, limits.memory)?;
        slot.restore(snapshot)?;
        slot.host_mut().enter((wasi, state), limits.memory);
        Ok(self.instance(slot, limits, Some(snapshot.clone())))
    }

    fn instance(
        &self,
        mut slot: Box<dyn Slot<T>>,
        limits: Limits,
        snapshot: Option<Snapshot>,
    ) -> Instance<T> {
        slot.host_mut().fuel.set_limit(limits.fuel, 0);
        Instance { slot: Lease { module: self.clone(), slot: Some(slot) }, snapshot }
    }

    /// A slot without a guest that can be made what the snapshot says.
    fn empty_slot(&self, snapshot: &Snapshot, memory_limit: u64) -> Result<Box<dyn Slot<T>>, Error> {
        if let Some(slot) = self.idle_slot(snapshot, memory_limit) {
            return Ok(slot);
        }
        self.0.compiled.slot(None, memory_limit, Some(snapshot.memory_size()), START_FUEL)
    }

    /// One that waits already.
    fn idle_slot(&self, snapshot: &Snapshot, memory_limit: u64) -> Option<Box<dyn Slot<T>>> {
        let mut idle = self.idle();
        // The one whose memory is like it already costs least.
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

    /// Whether the module exports a function of that name.
    pub fn has_function(&self, name: &str) -> bool {
        self.0.compiled.has_function(name)
    }
}

impl<T: Send + 'static> Deref for Lease<T> {
    type Target = dyn Slot<T>;

    fn deref(&self) -> &(dyn Slot<T> + 'static) {
        &**self.slot.as_ref().expect("it is there until the lease is dropped")
    }
}

impl<T: Send + 'static> DerefMut for Lease<T> {
    fn deref_mut(&mut self) -> &mut (dyn Slot<T> + 'static) {
        &mut **self.slot.as_mut().expect("it is there until the lease is dropped")
    }
}

impl<T: Send + 'static> Drop for Lease<T> {
    /// Empties the slot and keeps it, if its memory is one that others can start in.
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        let _its_world_ends = slot.host_mut().leave();
        let len = slot.memory().len();
        let Some(region) = &mut slot.host_mut().memory.region else { return };
        let Some(image) = region.image().cloned() else { return };
        // What it wrote goes now: it is nobody's, and a slot that waits should cost nothing.
        if len > image.memory_size() || region.map(&image).is_err() {
            return;
        }
        let mut idle = self.module.idle();
        if idle.len() < MAX_IDLE {
            idle.push(slot);
        }
    }
}

impl<T: Send + 'static> Instance<T> {
    /// The state between two calls, from which others can start, in whatever thread.
    ///
    /// It is the difference to an image; when much was written, the pages that were become an image
    /// over that one, which takes as long as copying them.
    ///
    /// [`Error::Snapshot`] if the module does not import its memory and export its stack pointer,
    /// or if the host has no memory for an image.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        self.take(DIFFERENCE)
    }

    /// The same, quicker to make and slower to go back to, when it differs much.
    pub fn checkpoint(&mut self) -> Result<Snapshot, Error> {
        self.take(CHECKPOINT)
    }

    /// A difference if up to so many bytes of pages were written, else an image.
    fn take(&mut self, difference: usize) -> Result<Snapshot, Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Snapshot(error.to_string());
        let stack_pointer =
            self.stack_pointer().ok_or_else(|| cannot(&"the module exports no stack pointer"))?;
        let region = self.slot.host().memory.region.as_ref();
        let region = region.ok_or_else(|| cannot(&"the module has a memory of its own"))?;
        let memory = self.memory();
        let Some(image) = region.image().cloned() else { return self.settle() };
        let written = region.written(memory.len());
        if written.iter().map(ExactSizeIterator::len).sum::<usize>() <= difference {
            let before = self.snapshot.as_ref();
            let snapshot = Snapshot::of(memory, &written, &image, before, stack_pointer);
            self.snapshot = Some(snapshot.clone());
            return Ok(snapshot);
        }
        let (image, parts) = image.under(memory, &written, stack_pointer).map_err(|error| cannot(&error))?;
        if let Some(region) = &mut self.slot.host_mut().memory.region {
            let laid = match parts {
                Some(parts) => region.lay(&image, &parts),
                None => region.map(&image),
            };
            laid.map_err(|error| cannot(&error))?;
        }
        let snapshot = image.snapshot();
        self.snapshot = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// The same as an image of its own, whatever its size: for a state from which many will start. It
    /// takes as long as copying the memory, and what starts from it is all the quicker and smaller.
    pub fn settle(&mut self) -> Result<Snapshot, Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Snapshot(error.to_string());
        let stack_pointer =
            self.stack_pointer().ok_or_else(|| cannot(&"the module exports no stack pointer"))?;
        let image = Image::of(self.memory(), stack_pointer).map_err(|error| cannot(&error))?;
        let region = self.slot.host_mut().memory.region.as_mut();
        let region = region.ok_or_else(|| cannot(&"the module has a memory of its own"))?;
        region.map(&image).map_err(|error| cannot(&error))?;
        let snapshot = image.snapshot();
        self.snapshot = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// Goes back, or over, to where another instance of this module stood, with the world it has now.
    /// The fuel used so far stays used.
    ///
    /// [`Error::MemoryLimit`] if that memory does not fit. After any error it is as it was.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        let limit = self.slot.host().memory.limit();
        within(snapshot.memory_size() as u64, limit)?;
        if self.slot.fits(snapshot, limit) {
            self.slot.restore(snapshot)?;
        } else {
            // Memory never shrinks: this takes another slot.
            let module = self.slot.module.clone();
            let mut slot = module.empty_slot(snapshot, limit)?;
            slot.restore(snapshot)?;
            slot.host_mut().take_over(self.slot.host_mut());
            self.slot = Lease { module, slot: Some(slot) };
        }
        self.snapshot = Some(snapshot.clone());
        Ok(())
    }

    /// The memory between two calls in the form that [`Image::embedded`] reads.
    ///
    /// [`Error::Snapshot`] if the module exports no stack pointer.
    pub fn image(&mut self) -> Result<Vec<u8>, Error> {
        let stack_pointer = self
            .stack_pointer()
            .ok_or_else(|| Error::Snapshot("the module exports no stack pointer".into()))?;
        Ok(image::encode(self.memory(), stack_pointer))
    }

    /// Calls an exported function and stays with it until it ends in one way or the other.
    ///
    /// An error means that nothing ran. After any outcome but [`Outcome::Returned`] the guest was
    /// left in the middle of what it did: its memory can be read, but whether it can be called
    /// again is for the one to say who knows the program.
    pub fn call(&mut self, name: &str, args: &[Value]) -> Result<Outcome, Error> {
        self.slot.call(name, args)
    }

    /// The WASI context.
    pub fn wasi(&self) -> &WasiCtx {
        self.slot.host().wasi()
    }

    /// The WASI context, to be changed between calls.
    pub fn wasi_mut(&mut self) -> &mut WasiCtx {
        self.slot.host_mut().wasi_mut()
    }

    /// What the embedder gave to [`Module::instantiate`].
    pub fn state(&self) -> &T {
        &self.slot.host().guest().1
    }

    /// The same, to be changed between calls.
    pub fn state_mut(&mut self) -> &mut T {
        &mut self.slot.host_mut().guest_mut().1
    }

    /// The guest's memory, all of it; empty if it exports none under the name `memory`.
    pub fn memory(&self) -> &[u8] {
        self.slot.memory()
    }

    /// The same, to be changed between calls.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        self.slot.memory_mut()
    }

    /// The `len` bytes at `address`.
    pub fn read(&self, address: u32, len: usize) -> Result<&[u8], Error> {
        let start = address as usize;
        let end = start.checked_add(len);
        end.and_then(|end| self.memory().get(start..end)).ok_or(Error::OutOfBounds { address, len })
    }

    /// Copies `bytes` to `address`.
    pub fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), Error> {
        let (start, len) = (address as usize, bytes.len());
        let end = start.checked_add(len);
        let place = end.and_then(|end| self.memory_mut().get_mut(start..end));
        place.ok_or(Error::OutOfBounds { address, len })?.copy_from_slice(bytes);
        Ok(())
    }

    /// The exported global `__stack_pointer`, if there is one: where the guest's own stack stands.
    pub fn stack_pointer(&mut self) -> Option<i32> {
        self.slot.stack_pointer()
    }

    /// Puts the guest's stack back where [`Instance::stack_pointer`] said that it stood. `false`
    /// if the module exports no such global.
    pub fn set_stack_pointer(&mut self, address: i32) -> bool {
        self.slot.set_stack_pointer(address)
    }

    /// Bytes of linear memory in use. It never shrinks, so this is its peak too.
    pub fn memory_size(&self) -> u64 {
        self.memory().len() as u64
    }

    /// Whether a `memory.grow` was refused because of [`Limits::memory`].
    pub fn memory_refused(&self) -> bool {
        self.slot.host().memory.refused()
    }

    /// Fuel used so far. The same program uses the same in every run, on every machine, by the same engine.
    ///
    /// Interpreted, with [`Origin::Trusted`], it is the number of functions, loop rounds and arms of
    /// an `if` that were entered, with [`Origin::Unknown`] that of all instructions in them, and in
    /// both cases one for 64 bytes that an instruction copies, fills or grows. Compiled ahead of
    /// time it is the number of loop rounds and of those functions through which calls can recur.
    pub fn fuel(&self) -> u64 {
        self.slot.host().fuel.spent()
    }

    /// Sets how much fuel may be used in all, what was used before included. When it is used up
    /// the guest is interrupted, and gets `grace` more to end by itself before it is stopped;
    /// with none it is stopped at once.
    pub fn set_fuel_limit(&mut self, limit: u64, grace: u64) {
        self.slot.host_mut().fuel.set_limit(limit, grace);
    }

    /// Whether the fuel was used up since its limit was set.
    pub fn fuel_ended(&self) -> bool {
        self.slot.host().fuel.ended()
    }

    /// Sets how much fuel the guest may use between two looks at its deadline and interrupts.
    pub fn set_slice(&mut self, fuel: u64) {
        self.slot.host_mut().fuel.slice = fuel;
    }
}

fn within(needed: u64, limit: u64) -> Result<(), Error> {
    if needed > limit { Err(Error::MemoryLimit { needed, limit }) } else { Ok(()) }
}
