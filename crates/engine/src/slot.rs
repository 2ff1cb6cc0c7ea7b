//! The two traits that an engine implements: a compiled module, and a slot in which one guest after the other
//! runs.

use wasi_core::WasiCtx;
use wasi_core::preview1::ValType;

use super::host::Host;
use super::snapshot::Snapshot;
use super::{Error, Number, Outcome};

/// A module that an engine can run. Threads share it.
pub(super) trait Compiled<T>: Send + Sync {
    /// Creates an instance and runs the module's start function with at most `fuel` units. An imported memory
    /// has `len` bytes, or the module's minimum if that is larger or `len` is `None`.
    fn slot(
        &self,
        guest: Option<(WasiCtx, T)>,
        memory_limit: u64,
        len: Option<usize>,
        fuel: u64,
    ) -> Result<Box<dyn Slot<T>>, Error>;

    /// Returns the initial size of the memory in bytes.
    fn initial_memory(&self) -> u64;

    /// Returns whether the module exports a function of this name.
    fn has_function(&self, name: &str) -> bool;
}

/// An engine's instance, which one guest after the other uses: creating one takes up to some milliseconds,
/// resetting one takes microseconds.
pub(super) trait Slot<T>: Send {
    fn host(&self) -> &Host<T>;

    fn host_mut(&mut self) -> &mut Host<T>;

    /// Returns the guest's whole memory. It is empty if the module exports none under the name `memory`.
    fn memory(&self) -> &[u8];

    fn memory_mut(&mut self) -> &mut [u8];

    /// Grows the memory to `len` bytes, if it is shorter.
    fn grow(&mut self, len: usize) -> Result<(), Error>;

    /// Returns the exported global `__stack_pointer`. `None` if the module does not export it.
    fn stack_pointer(&mut self) -> Option<i32>;

    /// Sets that global. Returns `false` if the module does not export it.
    fn set_stack_pointer(&mut self, address: i32) -> bool;

    /// Calls an exported function, and returns how the call ended.
    fn call(&mut self, name: &str, args: &[Number]) -> Result<Outcome, Error>;
}

/// Returns whether a function with these parameters and results can be called with `args`. `None` stands for
/// a type that is not one of [`Number`]'s.
pub(super) fn accepts(
    params: impl Iterator<Item = Option<ValType>>,
    results: impl Iterator<Item = Option<ValType>>,
    args: &[Number],
) -> bool {
    let given = args.iter().map(|arg| match arg {
        Number::I32(_) => ValType::I32,
        Number::I64(_) => ValType::I64,
    });
    let mut results = results;
    params.eq(given.map(Some)) && results.next().is_none_or(|ty| ty.is_some()) && results.next().is_none()
}

impl<T> dyn Slot<T> {
    /// Returns whether the snapshot can be restored here: the memory is not longer, since it cannot shrink,
    /// and may grow to the limit.
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

    /// Restores memory and stack pointer to those of the snapshot.
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
