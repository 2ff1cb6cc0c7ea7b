//! wasmi behind the seam: any module, on any machine, without a JIT.

mod fuel;
mod host;
mod interrupt;
mod slot;
#[cfg(test)]
mod tests;
mod wasi;

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use ::wasmi::{self as engine, ResumableCall, Val};
use wasi_core::WasiCtx;

use self::host::{Host, Import, Stopped};
use self::slot::Slot;
use super::image::{self, Image};
use super::snapshot::Snapshot;
use super::{Error, HostFunction, Limits, Origin, Outcome, Trap, Value};

/// How deep wasm calls may nest. CPython's own limits (its recursion limit, and 8 MiB of stack in
/// its memory) come first; wasmi's default of 1,000 would not let it import its library. Where
/// CPython checks nothing (the hash of nested tuples), this goes deeper than 8 MiB of native stack.
const MAX_DEPTH: usize = 400_000;

/// Bytes of locals and operands that all nested calls may hold together, for the same reason.
const MAX_STACK: usize = 64 << 20;

/// Fuel for a module's start function, which cannot be cut into slices: what two slices are.
const START_FUEL: u64 = 2 * fuel::SLICE;

/// Bytes in one page of linear memory.
const PAGE: u64 = 65_536;

/// Bytes that a 32-bit address reaches.
const ADDRESSABLE: u64 = 1 << 32;

/// Elements that a table may hold: room for the functions of any real program.
const MAX_TABLE: usize = 1_000_000;

/// The name under which a module imports its memory, if it does.
const MEMORY: (&str, &str) = ("env", "memory");

/// Slots that wait for their next guest; more are not kept.
const MAX_IDLE: usize = 32;

/// A compiled module with its imports resolved. Cloning shares it, threads may share it too.
pub struct Module<T>(Arc<Compiled<T>>);

struct Compiled<T> {
    module: engine::Module,
    imports: Vec<Import<T>>,
    /// Whoever needs one takes it, and whoever has finished puts it back, on whatever thread.
    idle: Mutex<Vec<Slot<T>>>,
}

/// One running copy of a module, with a memory, a WASI context and the embedder's `T` of its own.
pub struct Instance<T: Send + 'static> {
    slot: Lease<T>,
    fuel: Fuel,
    /// What was taken last: the next one shares with it what did not change.
    snapshot: Option<Snapshot>,
}

/// A slot, which goes back to its module when the instance is dropped.
struct Lease<T: Send + 'static> {
    module: Module<T>,
    slot: Option<Slot<T>>,
}

/// The fuel account of one instance. The store holds what is left of the present slice.
#[derive(Debug)]
struct Fuel {
    limit: u64,
    /// What is added to the limit once it is reached.
    grace: Option<u64>,
    /// Whether it was.
    in_grace: bool,
    /// How much one slice gets.
    slice: u64,
    /// What finished slices used.
    spent: u64,
    /// What the present slice started with.
    granted: u64,
}

impl<T> Clone for Module<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + 'static> Module<T> {
    /// Compiles a module and resolves its imports: WASI preview1 and `functions`, nothing else.
    ///
    /// [`Error::Malformed`] for bytes that are no module, or a truncated one;
    /// [`Error::UnknownImport`] and [`Error::ImportType`] for what is not provided so.
    pub fn new(wasm: &[u8], origin: Origin, functions: &[HostFunction<T>]) -> Result<Self, Error> {
        if !wasm.starts_with(b"\0asm") {
            return Err(Error::Malformed("it does not start with the four bytes \\0asm".into()));
        }
        let engine = engine::Engine::new(&config(origin));
        let module = engine::Module::new(&engine, wasm).map_err(|error| malformed(&error))?;
        Self::complete(module, functions)
    }

    /// The same for a module of [`Origin::Trusted`] that is known to be valid: no function is checked any more.
    ///
    /// # Safety
    ///
    /// The module must be valid: [`Module::new`] with [`Origin::Unknown`] has accepted it, or one that
    /// differs from it in its data segments alone.
    #[expect(unsafe_code, reason = "passes its caller's promise on")]
    pub unsafe fn validated(wasm: &[u8], functions: &[HostFunction<T>]) -> Result<Self, Error> {
        let engine = engine::Engine::new(&config(Origin::Trusted));
        // SAFETY: the caller says that it is valid.
        let module = unsafe { engine::Module::new_unchecked(&engine, wasm) };
        Self::complete(module.map_err(|error| malformed(&error))?, functions)
    }

    fn complete(module: engine::Module, functions: &[HostFunction<T>]) -> Result<Self, Error> {
        let imports = resolve(&module, functions)?;
        Ok(Self(Arc::new(Compiled { module, imports, idle: Mutex::default() })))
    }

    /// Makes an instance and runs the module's start function, if it has one.
    ///
    /// [`Error::MemoryLimit`] if its memory does not fit to begin with, [`Error::Start`] if the
    /// start function does not return: it gets a million instructions at most.
    pub fn instantiate(&self, wasi: WasiCtx, state: T, limits: Limits) -> Result<Instance<T>, Error> {
        let Compiled { module, imports, .. } = &*self.0;
        within(initial_memory(module), limits.memory)?;
        let granted = limits.fuel.min(START_FUEL);
        let guest = Some((wasi, state));
        let slot = Slot::new(module, imports, guest, limits.memory, None, granted)?;
        let mut fuel = Fuel::new(limits, granted);
        fuel.settle(&slot.store);
        Ok(self.instance(slot, fuel, None))
    }

    /// Makes an instance that goes on where the one stood of which the snapshot was taken. The module
    /// must be the same, or one that differs from it in its data segments alone.
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
        slot.store.data_mut().enter((wasi, state), limits.memory);
        Ok(self.instance(slot, Fuel::new(limits, 0), Some(snapshot.clone())))
    }

    fn instance(&self, slot: Slot<T>, fuel: Fuel, snapshot: Option<Snapshot>) -> Instance<T> {
        Instance { slot: Lease { module: self.clone(), slot: Some(slot) }, fuel, snapshot }
    }

    /// A slot without a guest that can be made what the snapshot says.
    fn empty_slot(&self, snapshot: &Snapshot, memory_limit: u64) -> Result<Slot<T>, Error> {
        if let Some(slot) = self.idle_slot(snapshot, memory_limit) {
            return Ok(slot);
        }
        let Compiled { module, imports, .. } = &*self.0;
        Slot::new(module, imports, None, memory_limit, Some(snapshot.memory_size()), START_FUEL)
    }

    /// One that waits already.
    fn idle_slot(&self, snapshot: &Snapshot, memory_limit: u64) -> Option<Slot<T>> {
        let mut idle = self.idle();
        // The one whose memory is like it already costs least.
        let alike = |slot: &Slot<T>| {
            slot.region()
                .and_then(|region| region.image())
                .is_some_and(|image| image.is_same(snapshot.image()))
        };
        let fits = |slot: &Slot<T>| slot.fits(snapshot, memory_limit);
        let place = idle
            .iter()
            .rposition(|slot| alike(slot) && fits(slot))
            .or_else(|| idle.iter().rposition(fits))?;
        Some(idle.swap_remove(place))
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Slot<T>>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the module exports a function of that name.
    pub fn has_function(&self, name: &str) -> bool {
        matches!(self.0.module.get_export(name), Some(engine::ExternType::Func(_)))
    }
}

impl<T: Send + 'static> Deref for Lease<T> {
    type Target = Slot<T>;

    fn deref(&self) -> &Slot<T> {
        self.slot.as_ref().expect("it is there until the lease is dropped")
    }
}

impl<T: Send + 'static> DerefMut for Lease<T> {
    fn deref_mut(&mut self) -> &mut Slot<T> {
        self.slot.as_mut().expect("it is there until the lease is dropped")
    }
}

impl<T: Send + 'static> Drop for Lease<T> {
    /// Empties the slot and keeps it, if its memory is one that others can start in.
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        let _its_world_ends = slot.store.data_mut().leave();
        let Some(image) = slot.region().and_then(|region| region.image().cloned()) else { return };
        let grown = slot.memory().is_none_or(|memory| memory.data_size(&slot.store) > image.memory_size());
        let region = slot.store.data_mut().limiter.region.as_mut();
        // What it wrote goes now: it is nobody's, and a slot that waits should cost nothing.
        if grown || region.is_none_or(|region| region.map(&image).is_err()) {
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
    /// It is the difference to an image; when that has become large the memory becomes an image of
    /// its own, once, which takes as long as copying it.
    ///
    /// [`Error::Snapshot`] if the module does not import its memory and export its stack pointer,
    /// or if the host has no memory for an image.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Snapshot(error.to_string());
        let stack_pointer =
            self.stack_pointer().ok_or_else(|| cannot(&"the module exports no stack pointer"))?;
        let region = self.slot.region().ok_or_else(|| cannot(&"the module has a memory of its own"))?;
        let memory = self.memory();
        if let Some(image) = region.image() {
            let written = region.written(memory.len());
            let before = self.snapshot.as_ref();
            let snapshot = Snapshot::of(memory, &written, image, before, stack_pointer);
            if !snapshot.is_large() {
                self.snapshot = Some(snapshot.clone());
                return Ok(snapshot);
            }
        }
        self.settle()
    }

    /// The same as an image of its own, whatever its size: for a state from which many will start. It
    /// takes as long as copying the memory, and what starts from it is all the quicker and smaller.
    pub fn settle(&mut self) -> Result<Snapshot, Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Snapshot(error.to_string());
        let stack_pointer =
            self.stack_pointer().ok_or_else(|| cannot(&"the module exports no stack pointer"))?;
        let image = Image::of(self.memory(), stack_pointer).map_err(|error| cannot(&error))?;
        let region = self.slot.store.data_mut().limiter.region.as_mut();
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
        let limit = self.slot.store.data().limiter.limit();
        within(snapshot.memory_size() as u64, limit)?;
        if self.slot.fits(snapshot, limit) {
            self.slot.restore(snapshot)?;
        } else {
            // Memory never shrinks: this takes another slot.
            let module = self.slot.module.clone();
            let mut slot = module.empty_slot(snapshot, limit)?;
            slot.restore(snapshot)?;
            if let Some(guest) = self.slot.store.data_mut().leave() {
                slot.store.data_mut().enter(guest, limit);
            }
            self.slot = Lease { module, slot: Some(slot) };
        }
        self.fuel.granted = 0;
        self.snapshot = Some(snapshot.clone());
        Ok(())
    }

    /// The memory between two calls in the form that [`Image::embedded`] reads.
    ///
    /// [`Error::Snapshot`] if the module exports no stack pointer.
    pub fn image(&self) -> Result<Vec<u8>, Error> {
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
        let function = self
            .slot
            .exports
            .get_func(&self.slot.store, name)
            .ok_or_else(|| Error::NoSuchExport(name.into()))?;
        let ty = function.ty(&self.slot.store);
        let inputs: Vec<Val> = args.iter().copied().map(Val::from).collect();
        let fits = inputs.iter().map(Val::ty).eq(ty.params().iter().copied())
            && ty.results().len() <= 1
            && ty.results().iter().all(|ty| matches!(ty, engine::ValType::I32 | engine::ValType::I64));
        if !fits {
            let (actual, given) = (signature(&ty), format!("{args:?}"));
            return Err(Error::ExportType { name: name.into(), actual, given });
        }
        let mut outputs: Vec<Val> = ty.results().iter().copied().map(Val::default_for_ty).collect();
        let ended = self.run(function, &inputs, &mut outputs);
        self.fuel.settle(&self.slot.store);
        Ok(ended.err().unwrap_or_else(|| Outcome::Returned(outputs.first().and_then(value))))
    }

    /// Runs slice after slice. What comes out as an error is how the call ended without returning.
    fn run(&mut self, function: engine::Func, inputs: &[Val], outputs: &mut [Val]) -> Result<(), Outcome> {
        self.between_slices(1)?;
        let mut call = function.call_resumable(&mut self.slot.store, inputs, outputs);
        loop {
            match call.map_err(|error| outcome(&error))? {
                ResumableCall::Finished => return Ok(()),
                ResumableCall::HostTrap(trap) => return Err(outcome(trap.host_error())),
                ResumableCall::OutOfFuel(suspended) => {
                    self.between_slices(suspended.required_fuel())?;
                    call = suspended.resume(&mut self.slot.store, outputs);
                }
            }
        }
    }

    /// Looks at everything that can stop a guest, delivers a pending interrupt, and grants the
    /// fuel of the next slice, which must be `required` at least.
    fn between_slices(&mut self, required: u64) -> Result<(), Outcome> {
        self.fuel.settle(&self.slot.store);
        interrupt::look(&mut self.slot.store)?;
        let slice = if let Some(slice) = self.fuel.grant(required) {
            slice
        } else {
            self.fuel.enter_grace()?;
            self.wasi().interrupt().interrupt();
            interrupt::look(&mut self.slot.store)?;
            self.fuel.grant(required).ok_or(Outcome::OutOfFuel)?
        };
        set_fuel(&mut self.slot.store, slice);
        Ok(())
    }

    /// The WASI context.
    pub fn wasi(&self) -> &WasiCtx {
        self.slot.store.data().wasi()
    }

    /// The WASI context, to be changed between calls.
    pub fn wasi_mut(&mut self) -> &mut WasiCtx {
        self.slot.store.data_mut().wasi_mut()
    }

    /// What the embedder gave to [`Module::instantiate`].
    pub fn state(&self) -> &T {
        &self.slot.store.data().guest().1
    }

    /// The same, to be changed between calls.
    pub fn state_mut(&mut self) -> &mut T {
        &mut self.slot.store.data_mut().guest_mut().1
    }

    /// The guest's memory, all of it; empty if it exports none under the name `memory`.
    pub fn memory(&self) -> &[u8] {
        self.slot.store.data().memory.map_or(&[], |memory| memory.data(&self.slot.store))
    }

    /// The same, to be changed between calls.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        match self.slot.store.data().memory {
            Some(memory) => memory.data_mut(&mut self.slot.store),
            None => &mut [],
        }
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
    pub fn stack_pointer(&self) -> Option<i32> {
        self.slot.store.data().stack_pointer.and_then(|global| global.get(&self.slot.store).i32())
    }

    /// Puts the guest's stack back where [`Instance::stack_pointer`] said that it stood. `false`
    /// if the module exports no such global.
    pub fn set_stack_pointer(&mut self, address: i32) -> bool {
        let global = self.slot.store.data().stack_pointer;
        global.is_some_and(|global| global.set(&mut self.slot.store, Val::I32(address)).is_ok())
    }

    /// Bytes of linear memory in use. It never shrinks, so this is its peak too.
    pub fn memory_size(&self) -> u64 {
        self.memory().len() as u64
    }

    /// Whether a `memory.grow` was refused because of [`Limits::memory`].
    pub fn memory_refused(&self) -> bool {
        self.slot.store.data().limiter.refused
    }

    /// Fuel used so far. The same program uses the same in every run, on every machine.
    ///
    /// With [`Origin::Trusted`] it is the number of functions, loop rounds and arms of an `if` that
    /// were entered, with [`Origin::Unknown`] that of all instructions in them, and in both cases
    /// one for 64 bytes that an instruction copies, fills or grows.
    pub fn fuel(&self) -> u64 {
        self.fuel.spent
    }

    /// Sets how much fuel may be used in all, what was used before included. When it is used up
    /// the guest is interrupted, and gets `grace` more to end by itself before it is stopped;
    /// with none it is stopped at once.
    pub fn set_fuel_limit(&mut self, limit: u64, grace: u64) {
        self.fuel.limit = limit;
        self.fuel.grace = Some(grace).filter(|&grace| grace > 0);
        self.fuel.in_grace = false;
    }

    /// Whether the fuel was used up since its limit was set.
    pub fn fuel_ended(&self) -> bool {
        self.fuel.in_grace
    }
}

impl Fuel {
    fn new(limits: Limits, granted: u64) -> Self {
        Self { limit: limits.fuel, grace: None, in_grace: false, slice: fuel::SLICE, spent: 0, granted }
    }

    /// Books what the present slice used. Doing it twice changes nothing.
    fn settle<T>(&mut self, store: &engine::Store<Host<T>>) {
        let left = store.get_fuel().unwrap_or_default().min(self.granted);
        self.spent = self.spent.saturating_add(self.granted - left);
        self.granted = left;
    }

    /// Adds the grace to the limit, the first time.
    fn enter_grace(&mut self) -> Result<(), Outcome> {
        let grace = self.grace.take().ok_or(Outcome::OutOfFuel)?;
        self.limit = self.spent.saturating_add(grace);
        self.in_grace = true;
        Ok(())
    }

    /// The size of the next slice, `required` at least; none if the limit does not allow that.
    fn grant(&mut self, required: u64) -> Option<u64> {
        let left = self.limit.saturating_sub(self.spent);
        if left < required.max(1) {
            return None;
        }
        self.granted = left.min(required.max(self.slice));
        Some(self.granted)
    }
}

fn config(origin: Origin) -> engine::Config {
    let mut config = engine::Config::default();
    fuel::price(&mut config, origin);
    config
        .compilation_mode(match origin {
            Origin::Unknown => engine::CompilationMode::LazyTranslation,
            Origin::Trusted => engine::CompilationMode::Lazy,
        })
        .ignore_custom_sections(true)
        // One memory, so that its limit is the instance's limit.
        .wasm_multi_memory(false)
        .set_max_stack_height(MAX_STACK)
        .set_max_recursion_depth(MAX_DEPTH);
    config
}

/// Checks every import and finds what stands behind it, in their order.
fn resolve<T: Send + 'static>(
    module: &engine::Module,
    functions: &[HostFunction<T>],
) -> Result<Vec<Import<T>>, Error> {
    let mut imports = Vec::new();
    for import in module.imports() {
        let unknown =
            |what| Error::UnknownImport { what, module: import.module().into(), name: import.name().into() };
        let wanted = match import.ty() {
            engine::ExternType::Func(ty) => ty,
            engine::ExternType::Memory(ty) if (import.module(), import.name()) == MEMORY => {
                imports.push(Import::Memory(*ty));
                continue;
            }
            engine::ExternType::Memory(_) => return Err(unknown("memory")),
            engine::ExternType::Table(_) => return Err(unknown("table")),
            engine::ExternType::Global(_) => return Err(unknown("global")),
        };
        let provided = host::provide(import.module(), import.name(), functions);
        let (provided, function) = provided.ok_or_else(|| unknown("function"))?;
        if *wanted != provided {
            return Err(Error::ImportType {
                module: import.module().into(),
                name: import.name().into(),
                wanted: signature(wanted),
                provided: signature(&provided),
            });
        }
        imports.push(function);
    }
    Ok(imports)
}

fn within(needed: u64, limit: u64) -> Result<(), Error> {
    if needed > limit { Err(Error::MemoryLimit { needed, limit }) } else { Ok(()) }
}

/// Bytes that the module's memory starts with.
fn initial_memory(module: &engine::Module) -> u64 {
    let exported = module.exports().map(|export| export.ty().clone());
    let imported = module.imports().map(|import| import.ty().clone());
    let pages = exported.chain(imported).filter_map(|ty| match ty {
        engine::ExternType::Memory(ty) => Some(ty.minimum().saturating_mul(PAGE)),
        _ => None,
    });
    pages.max().unwrap_or(0)
}

/// Fuel metering is always on, so there is no way for this to fail.
fn set_fuel<T>(store: &mut engine::Store<Host<T>>, fuel: u64) {
    let metered = store.set_fuel(fuel);
    debug_assert!(metered.is_ok(), "fuel metering is on in every engine made here");
}

fn malformed(error: &engine::Error) -> Error {
    // One line, whatever the parser says.
    Error::Malformed(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn start_error(error: &engine::Error) -> Error {
    match error.kind() {
        engine::errors::ErrorKind::Host(_) | engine::errors::ErrorKind::TrapCode(_) => {
            Error::Start(outcome(error))
        }
        _ => Error::Instantiate(error.to_string()),
    }
}

/// How a call ended, from what wasmi says of it.
fn outcome(error: &engine::Error) -> Outcome {
    if let Some(Stopped(outcome)) = error.downcast_ref::<Stopped>() {
        return outcome.clone();
    }
    match error.as_trap_code() {
        Some(engine::TrapCode::OutOfFuel) => Outcome::OutOfFuel,
        Some(code) => Outcome::Trapped(Trap(code.to_string())),
        None => Outcome::Trapped(Trap(error.to_string())),
    }
}

/// `(i32, i64) -> i32`.
fn signature(ty: &engine::FuncType) -> String {
    let list = |types: &[engine::ValType]| {
        types.iter().map(|ty| format!("{ty:?}").to_lowercase()).collect::<Vec<_>>().join(", ")
    };
    match ty.results() {
        [] => format!("({})", list(ty.params())),
        [result] => format!("({}) -> {}", list(ty.params()), list(&[*result])),
        results => format!("({}) -> ({})", list(ty.params()), list(results)),
    }
}

impl From<Value> for Val {
    fn from(value: Value) -> Self {
        match value {
            Value::I32(number) => Val::I32(number),
            Value::I64(number) => Val::I64(number),
        }
    }
}

fn value(val: &Val) -> Option<Value> {
    match val {
        Val::I32(number) => Some(Value::I32(*number)),
        Val::I64(number) => Some(Value::I64(*number)),
        _ => None,
    }
}
