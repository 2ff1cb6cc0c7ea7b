//! Gives wasmtime a region as the memory of an instance.
#![expect(
    unsafe_code,
    reason = "wasmtime relies on what these traits say about memory; each use says why it is true"
)]

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use python_wasm_contract::native::{GUARD, RESERVED};

use crate::region::Region;

thread_local! {
    /// The memory for the instance that this thread is about to create.
    static NEXT: Cell<Option<RegionMemory>> = const { Cell::new(None) };
}

/// Reserves a region of the size that compiled code assumes.
pub(super) fn region() -> std::io::Result<Region> {
    Region::new((RESERVED + GUARD) as usize)
}

/// Returns the creator that gives each instance the region offered for it.
pub(super) fn creator() -> Arc<dyn MemoryCreator> {
    Arc::new(Creator)
}

/// A region that is offered to the next instance.
pub(super) struct Offer(RegionMemory);

impl Offer {
    /// Offers a region.
    ///
    /// # Safety
    ///
    /// The region must outlive the instance that takes it. While one of the region's methods changes what it
    /// maps, nobody may hold a reference into that instance's memory.
    pub(super) unsafe fn new(region: &Region) -> Self {
        Self(RegionMemory { base: region.base(), len: 0 })
    }

    /// Gives the region to the instance that `instantiate` creates on this thread.
    pub(super) fn accept<R>(self, instantiate: impl FnOnce() -> R) -> R {
        NEXT.set(Some(self.0));
        let made = instantiate();
        NEXT.set(None);
        made
    }
}

/// Creates memories from the regions that are offered to it.
struct Creator;

// SAFETY: only the region owns its addresses, and those beyond its usable part are inaccessible. It reserves
// as many as the contract's settings promise to the compiler, which `new_memory` compares.
unsafe impl MemoryCreator for Creator {
    fn new_memory(
        &self,
        _ty: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if reserved.is_none_or(|reserved| reserved as u64 > RESERVED) || guard as u64 > GUARD {
            return Err(format!(
                "a memory of {reserved:?} bytes and {guard} behind them is not what is reserved"
            ));
        }
        let memory = NEXT.take().ok_or("no region was offered for it")?;
        Ok(Box::new(RegionMemory { len: minimum, ..memory }))
    }
}

/// A region's addresses as a memory. The limiter commits `len` bytes of them.
struct RegionMemory {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: any thread may use the region that the addresses belong to, one at a time.
unsafe impl Send for RegionMemory {}
// SAFETY: nothing here reads or writes through the address.
unsafe impl Sync for RegionMemory {}

// SAFETY: the base never moves, and `RESERVED` bytes and the guard behind them belong to the region. The
// first `byte_size` bytes are usable: wasmtime asks the limiter before it creates or grows a memory, and the
// limiter commits them. New bytes are zero.
unsafe impl LinearMemory for RegionMemory {
    fn byte_size(&self) -> usize {
        self.len
    }

    fn byte_capacity(&self) -> usize {
        RESERVED as usize
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        self.len = new_size;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.base.as_ptr()
    }
}
