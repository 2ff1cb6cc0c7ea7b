//! Instances on any engine: calls, snapshots, and access to memory, context and state.

use wasi_core::WasiCtx;

use super::image::{self, Image};
use super::module::{Lease, check_size};
use super::snapshot::Snapshot;
use super::{Error, Number, Outcome};

/// Bytes of written pages up to which a snapshot is a difference, which restoring copies. Where the host does
/// not report written pages, all of them count, so the bound allows a small memory as a whole.
const DIFFERENCE: usize = if cfg!(target_os = "linux") { 16 << 20 } else { 32 << 20 };

/// The same bound for a checkpoint, which is taken often and rarely restored. Comparing this much takes some
/// milliseconds; writing it into an image takes several times as long.
const CHECKPOINT: usize = 128 << 20;

/// A running copy of a module, with its own memory, WASI context and `T`, the embedding program's state.
pub struct Instance<T: Send + 'static> {
    slot: Lease<T>,
    /// The snapshot that was taken or restored last. The next one shares with it what did not change.
    snapshot: Option<Snapshot>,
}

impl<T: Send + 'static> Instance<T> {
    /// Creates the instance that runs in a slot which has its guest.
    pub(super) fn new(slot: Lease<T>, snapshot: Option<Snapshot>) -> Self {
        Self { slot, snapshot }
    }

    /// Takes a snapshot of the state between two calls, from which others can start, in any thread.
    ///
    /// It is the difference from an image. If more than 16 MiB of pages were written (32 MiB where the host
    /// does not report which), those become an image layered over that one, which takes as long as copying
    /// them.
    ///
    /// Fails with [`Error::Snapshot`] unless the module imports its memory, and exports it as `memory` and
    /// its stack pointer as `__stack_pointer`; also if the host has no memory for an image.
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        self.take(DIFFERENCE)
    }

    /// Takes a snapshot like [`snapshot`](Self::snapshot) that stays a difference up to 128 MiB of written
    /// pages: quicker to take and slower to restore, for one that is rarely restored.
    pub fn checkpoint(&mut self) -> Result<Snapshot, Error> {
        self.take(CHECKPOINT)
    }

    /// Takes a snapshot: a difference if at most `difference` bytes of pages were written, else an image.
    fn take(&mut self, difference: usize) -> Result<Snapshot, Error> {
        let cannot = |error: &dyn std::fmt::Display| Error::Snapshot(error.to_string());
        let stack_pointer =
            self.stack_pointer().ok_or_else(|| cannot(&"the module exports no stack pointer"))?;
        let region = self.slot.host().memory.region.as_ref();
        let region = region.ok_or_else(|| cannot(&"the module has a memory of its own"))?;
        let memory = self.memory();
        let Some(image) = region.image().cloned() else { return self.full_snapshot() };
        let written = region.written(memory.len());
        if written.iter().map(ExactSizeIterator::len).sum::<usize>() <= difference {
            let before = self.snapshot.as_ref();
            let snapshot = Snapshot::of(memory, &written, &image, before, stack_pointer);
            self.snapshot = Some(snapshot.clone());
            return Ok(snapshot);
        }
        let (image, parts) =
            image.layered(memory, &written, stack_pointer).map_err(|error| cannot(&error))?;
        if let Some(region) = &mut self.slot.host_mut().memory.region {
            let mapped = match parts {
                Some(parts) => region.map_parts(&image, &parts),
                None => region.map(&image),
            };
            mapped.map_err(|error| cannot(&error))?;
        }
        let snapshot = image.snapshot();
        self.snapshot = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// Takes a snapshot that is an image of its own, layered over no other: for a state from which many
    /// instances will start. It takes as long as copying the memory; instances then start faster and take
    /// less memory.
    ///
    /// Fails with [`Error::Snapshot`] like [`snapshot`](Self::snapshot).
    pub fn full_snapshot(&mut self) -> Result<Snapshot, Error> {
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

    /// Replaces memory and stack pointer by those of a snapshot, of this instance or of another one of this
    /// module. The WASI context and the state stay; fuel that was used stays used.
    ///
    /// Fails with [`Error::MemoryLimit`] if the memory exceeds the limit, and with [`Error::Snapshot`] if the
    /// host has no memory left. After `MemoryLimit` the instance is unchanged.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        let limit = self.slot.host().memory.limit();
        check_size(snapshot.memory_size() as u64, limit)?;
        if self.slot.fits(snapshot, limit) {
            self.slot.restore(snapshot)?;
        } else {
            // Memory never shrinks, so a smaller one needs another slot.
            self.slot.exchange(snapshot, limit)?;
        }
        self.snapshot = Some(snapshot.clone());
        Ok(())
    }

    /// Returns the memory between two calls in the encoded form that [`Image::embedded`] and [`Image::read`]
    /// open.
    ///
    /// Fails with [`Error::Snapshot`] if the module exports no stack pointer.
    pub fn image(&mut self) -> Result<Vec<u8>, Error> {
        let stack_pointer = self
            .stack_pointer()
            .ok_or_else(|| Error::Snapshot("the module exports no stack pointer".into()))?;
        Ok(image::encode(self.memory(), stack_pointer))
    }

    /// Calls an exported function, and returns how the call ended.
    ///
    /// Fails with [`Error::NoSuchExport`] or [`Error::ExportType`] if the call cannot be made; then nothing
    /// ran. After any outcome but [`Outcome::Returned`] the guest was stopped in the middle of its work. Its
    /// memory can still be read; whether it can be called again depends on the program.
    pub fn call(&mut self, name: &str, args: &[Number]) -> Result<Outcome, Error> {
        self.slot.call(name, args)
    }

    /// Returns the WASI context.
    pub fn wasi(&self) -> &WasiCtx {
        self.slot.host().wasi()
    }

    /// Returns the WASI context mutably, for changes between calls.
    pub fn wasi_mut(&mut self) -> &mut WasiCtx {
        self.slot.host_mut().wasi_mut()
    }

    /// Returns the state that was passed to [`Module::instantiate`](super::Module::instantiate) or
    /// [`Module::restore`](super::Module::restore).
    pub fn state(&self) -> &T {
        &self.slot.host().guest().1
    }

    /// Returns that state mutably.
    pub fn state_mut(&mut self) -> &mut T {
        &mut self.slot.host_mut().guest_mut().1
    }

    /// Returns the guest's whole memory. It is empty if the module exports none under the name `memory`.
    pub fn memory(&self) -> &[u8] {
        self.slot.memory()
    }

    /// Returns the guest's whole memory mutably, for changes between calls.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        self.slot.memory_mut()
    }

    /// Returns the `len` bytes at `address`.
    ///
    /// Fails with [`Error::OutOfBounds`] if they are not all in the memory.
    pub fn read(&self, address: u32, len: usize) -> Result<&[u8], Error> {
        let start = address as usize;
        let end = start.checked_add(len);
        end.and_then(|end| self.memory().get(start..end)).ok_or(Error::OutOfBounds { address, len })
    }

    /// Copies `bytes` to `address`.
    ///
    /// Fails with [`Error::OutOfBounds`], without writing any, if they do not all fit into the memory.
    pub fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), Error> {
        let (start, len) = (address as usize, bytes.len());
        let end = start.checked_add(len);
        let place = end.and_then(|end| self.memory_mut().get_mut(start..end));
        place.ok_or(Error::OutOfBounds { address, len })?.copy_from_slice(bytes);
        Ok(())
    }

    /// Returns the exported global `__stack_pointer`, the top of the guest's own stack. `None` if the module
    /// does not export it.
    pub fn stack_pointer(&mut self) -> Option<i32> {
        self.slot.stack_pointer()
    }

    /// Sets the guest's stack pointer, usually to what [`stack_pointer`](Self::stack_pointer) returned before
    /// a call that was stopped. Returns `false` if the module does not export it.
    pub fn set_stack_pointer(&mut self, address: i32) -> bool {
        self.slot.set_stack_pointer(address)
    }

    /// Returns the size of linear memory in bytes. It never shrinks during calls, so this is also their peak.
    pub fn memory_size(&self) -> u64 {
        self.memory().len() as u64
    }

    /// Sets how many bytes the memory may have from now on. More than the instance was made for is not there:
    /// the host keeps no addresses for it. A memory that is larger already stays and cannot grow.
    pub fn set_memory_limit(&mut self, bytes: u64) {
        self.slot.host_mut().memory.set_limit(bytes);
    }

    /// Returns whether a `memory.grow` was refused, by [`InstanceLimits::memory`](super::InstanceLimits::memory) or because
    /// the host has no more.
    pub fn memory_refused(&self) -> bool {
        self.slot.host().memory.refused()
    }

    /// Returns the fuel used so far. On one engine, a program uses the same amount in every run, on every
    /// machine.
    ///
    /// wasmi counts, for a module of [`Origin::Trusted`](super::Origin::Trusted), one unit for each function,
    /// loop round and arm of an `if` that is entered; for one of [`Origin::Unknown`](super::Origin::Unknown),
    /// one for each instruction in them, executed or not. For both it adds one unit for each 64 bytes that an
    /// instruction copies, fills or grows, and 250 for each `memory.grow` and `table.grow`. Code that was
    /// compiled ahead of time counts loop rounds, and calls of those functions through which calls can recur.
    pub fn fuel(&self) -> u64 {
        self.slot.host().fuel.spent()
    }

    /// Sets how much fuel may be used in all, including what was used already. When it is used up, the guest
    /// is interrupted and gets `grace` more units in which to end by itself; halfway it is interrupted once
    /// more, and then it is stopped. With a grace of 0 it is stopped at once.
    pub fn set_fuel_limit(&mut self, limit: u64, grace: u64) {
        self.slot.host_mut().fuel.set_limit(limit, grace);
    }

    /// Returns whether the fuel was used up since its limit was set, and the grace began.
    pub fn ran_out_of_fuel(&self) -> bool {
        self.slot.host().fuel.ended()
    }

    /// Sets the fuel of one slice: the guest's deadline and interrupts are checked after each. Tests use it.
    pub fn set_slice(&mut self, fuel: u64) {
        self.slot.host_mut().fuel.slice = fuel;
    }
}
