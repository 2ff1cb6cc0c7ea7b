//! Lends a region to wasmtime as the memory of an instance.
#![expect(unsafe_code, reason = "what wasmtime is told of memory must be true; each place says why it is")]

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use python_wasm_contract::native::{GUARD, RESERVED};

use crate::region::Region;

thread_local! {
    /// The memory for the instance that this thread is about to make.
    static NEXT: Cell<Option<Lent>> = const { Cell::new(None) };
}

/// A region as large as compiled code takes it to be.
pub(super) fn region() -> std::io::Result<Region> {
    Region::new((RESERVED + GUARD) as usize)
}

/// Gives every instance the region that was offered for it.
pub(super) fn creator() -> Arc<dyn MemoryCreator> {
    Arc::new(Offered)
}

/// A region for the next instance.
pub(super) struct Offer(Lent);

impl Offer {
    /// # Safety
    ///
    /// The region must outlive the instance that takes it in, and while one of its methods changes what
    /// it maps nobody may hold a reference into that instance's memory.
    pub(super) unsafe fn new(region: &Region) -> Self {
        Self(Lent { base: region.base(), len: 0 })
    }

    /// Gives it to the instance that `instantiate` makes.
    pub(super) fn take_in<R>(self, instantiate: impl FnOnce() -> R) -> R {
        NEXT.set(Some(self.0));
        let made = instantiate();
        NEXT.set(None);
        made
    }
}

struct Offered;

// SAFETY: a region's addresses are its own, and those past what is in use are out of reach. It has as
// many as `settings` promises to the compiler, which `new_memory` compares.
unsafe impl MemoryCreator for Offered {
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
                "a memory of {reserved:?} bytes and {guard} behind them is not what there is"
            ));
        }
        let lent = NEXT.take().ok_or("no memory was made for it")?;
        Ok(Box::new(Lent { len: minimum, ..lent }))
    }
}

/// A region's addresses. The limiter commits what they are used up to.
struct Lent {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: the region that they belong to may be used by any thread, one at a time.
unsafe impl Send for Lent {}
// SAFETY: nothing here reads or writes through the address.
unsafe impl Sync for Lent {}

// SAFETY: the base never moves, `RESERVED` bytes and the guard behind them are the region's, and the
// first `byte_size` of them are in use: wasmtime asks the limiter before it makes or grows a memory,
// and that commits them. New ones are zero.
unsafe impl LinearMemory for Lent {
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
