//! What an engine provides: compiled modules, and slots in which one guest after the other runs.

use wasi_core::WasiCtx;
use wasi_core::preview1::ValType;

use super::host::Host;
use super::snapshot::Snapshot;
use super::{Error, Outcome, Value};

/// A module that an engine can run, shared by all threads.
pub(super) trait Compiled<T>: Send + Sync {
    /// Makes an instance and runs the module's start function, which may use `fuel` at most. Its
    /// memory has `len` bytes if that is the host's to say.
    fn slot(
        &self,
        guest: Option<(WasiCtx, T)>,
        memory_limit: u64,
        len: Option<usize>,
        fuel: u64,
    ) -> Result<Box<dyn Slot<T>>, Error>;

    /// Bytes that the memory starts with.
    fn initial_memory(&self) -> u64;

    /// Whether the module exports a function of that name.
    fn has_function(&self, name: &str) -> bool;
}

/// An instance: made once, used by one guest after the other.
///
/// Making one costs an engine up to some milliseconds; emptying one costs microseconds.
pub(super) trait Slot<T>: Send {
    fn host(&self) -> &Host<T>;

    fn host_mut(&mut self) -> &mut Host<T>;

    /// The guest's memory, all of it; empty if it exports none under the name `memory`.
    fn memory(&self) -> &[u8];

    fn memory_mut(&mut self) -> &mut [u8];

    /// Makes the memory `len` bytes long, if it is shorter.
    fn grow(&mut self, len: usize) -> Result<(), Error>;

    /// The exported global `__stack_pointer`, if there is one.
    fn stack_pointer(&mut self) -> Option<i32>;

    /// `false` if there is no such global.
    fn set_stack_pointer(&mut self, address: i32) -> bool;

    /// Calls an exported function and stays with it until it ends in one way or the other.
    fn call(&mut self, name: &str, args: &[Value]) -> Result<Outcome, Error>;
}

/// Whether a function with these parameters and results can be called with `args`. `None` stands for a type
/// that no [`Value`] has.
pub(super) fn takes(
    params: impl Iterator<Item = Option<ValType>>,
    results: impl Iterator<Item = Option<ValType>>,
    args: &[Value],
) -> bool {
    let given = args.iter().map(|arg| match arg {
        Value::I32(_) => ValType::I32,
        Value::I64(_) => ValType::I64,
    });
    let mut results = results;
    params.eq(given.map(Some)) && results.next().is_none_or(|ty| ty.is_some()) && results.next().is_none()
}

impl<T> dyn Slot<T> {
    /// Whether a guest with such a memory can run here.
    pub(super) fn fits(&self, snapshot: &Snapshot, memory_limit: u64) -> bool {
        let addressable = memory_limit.min(python_wasm_contract::ADDRESSABLE);
        self.memory().len() <= snapshot.memory_size()
            && self
                .host()
                .memory
                .region
                .as_ref()
                .is_some_and(|region| region.capacity() as u64 >= addressable)
    }

    /// Makes memory and stack what they were when the snapshot was taken.
    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Snapshot(error.to_string());
        self.grow(snapshot.memory_size())?;
        let region = self.host_mut().memory.region.as_mut();
        let region = region.ok_or_else(|| cannot(&"the module has a memory of its own"))?;
        region.map(snapshot.image()).map_err(|error| cannot(&error))?;
        snapshot.apply(self.memory_mut());
        if self.set_stack_pointer(snapshot.stack_pointer()) {
            Ok(())
        } else {
            Err(cannot(&"the module exports no stack pointer"))
        }
    }
}
