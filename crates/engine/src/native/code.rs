//! A module's machine code, as the linker put it into this program's text.
//!
//! It is executable as all of the program is, from the start: no page is made so later.

#![expect(unsafe_code, reason = "only the one who links the code in knows that it is there and whose it is")]

use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

use wasmtime::CustomCodeMemory;

/// Machine code that was compiled ahead of time and is part of this program: an ELF image in wasmtime's
/// format.
pub struct MachineCode {
    start: NonNull<u8>,
    len: usize,
    /// Made once in a process: wasmtime knows code by its address.
    module: OnceLock<Result<wasmtime::Module, String>>,
}

// SAFETY: the code is never written, and nothing in it belongs to a thread.
unsafe impl Send for MachineCode {}
// SAFETY: as above.
unsafe impl Sync for MachineCode {}

impl MachineCode {
    /// Takes the `len` bytes at `start`.
    ///
    /// # Safety
    ///
    /// There must be such an image, made by wasmtime's compiler from a valid module. It must be
    /// readable and executable for as long as the process lives, and nothing may write to it. It must
    /// be in one `MachineCode` only.
    pub const unsafe fn new(start: NonNull<u8>, len: usize) -> Self {
        Self { start, len, module: OnceLock::new() }
    }

    /// Returns the module, ready to be instantiated. An error says that this processor is not the one
    /// that it was compiled for, or that another version of wasmtime compiled it.
    pub(super) fn module(&self) -> Result<&wasmtime::Module, String> {
        let module = self.module.get_or_init(|| self.load().map_err(|error| format!("{error:#}")));
        module.as_ref().map_err(Clone::clone)
    }

    fn load(&self) -> wasmtime::Result<wasmtime::Module> {
        let mut config = super::config();
        config.with_custom_code_memory(Some(Arc::new(Linked)));
        let engine = wasmtime::Engine::new(&config)?;
        let code = NonNull::slice_from_raw_parts(self.start, self.len);
        // SAFETY: `new` demands an image of wasmtime's compiler that nothing changes. wasmtime compares
        // its version and the settings with those of this runtime.
        unsafe { wasmtime::Module::deserialize_raw(&engine, code) }
    }
}

/// What wasmtime would do to pages that are not executable yet.
struct Linked;

impl CustomCodeMemory for Linked {
    fn required_alignment(&self) -> usize {
        // That of the sections in the image; the image itself stands on a boundary of its own.
        4096
    }

    fn publish_executable(&self, _: *const u8, _: usize) -> wasmtime::Result<()> {
        Ok(())
    }

    fn unpublish_executable(&self, _: *const u8, _: usize) -> wasmtime::Result<()> {
        Ok(())
    }
}
