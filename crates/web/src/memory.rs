//! The memory of Python's own instance.

use wasi_core::RemoteMemory;

use crate::imports;

/// Python's memory, which JavaScript copies from and to.
pub(crate) struct Guest;

impl RemoteMemory for Guest {
    fn size(&self) -> u64 {
        imports::memory_size()
    }

    fn read(&self, address: u32, buffer: &mut [u8]) {
        imports::memory_read(address, buffer);
    }

    fn write(&mut self, address: u32, bytes: &[u8]) {
        imports::memory_write(address, bytes);
    }
}
