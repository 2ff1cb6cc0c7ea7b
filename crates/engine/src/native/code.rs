//! A module's machine code, linked into this program's text.
//!
//! It is executable from the start, like the rest of the program, so no page is ever made executable and the
//! process may run under `PR_SET_MDWE` ([PR_SET_MDWE(2const)]).
//!
//! [PR_SET_MDWE(2const)]: https://man7.org/linux/man-pages/man2/PR_SET_MDWE.2const.html

#![expect(unsafe_code, reason = "only the program that links the code in knows its address and origin")]

use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

use wasmtime::CustomCodeMemory;

/// Machine code that was compiled ahead of time and is part of this program: an ELF image in wasmtime's
/// format.
pub struct MachineCode {
    start: NonNull<u8>,
    len: usize,
    /// The loaded module. It is loaded once in a process, because wasmtime identifies code by its address.
    module: OnceLock<Result<wasmtime::Module, String>>,
}

// SAFETY: the code is never written, and nothing in it is tied to a thread.
unsafe impl Send for MachineCode {}
// SAFETY: as above.
unsafe impl Sync for MachineCode {}

impl MachineCode {
    /// Describes the `len` bytes at `start`.
    ///
    /// # Safety
    ///
    /// The bytes must be such an image, made by wasmtime's compiler from a valid module. They must be
    /// readable and executable for as long as the process lives, and nothing may write to them. Only one
    /// `MachineCode` may describe them.
    pub const unsafe fn new(start: NonNull<u8>, len: usize) -> Self {
        Self { start, len, module: OnceLock::new() }
    }

    /// Returns the module, ready to be instantiated. The error says that the code was compiled for another
    /// processor, or by another version of wasmtime.
    pub(super) fn module(&self) -> Result<&wasmtime::Module, String> {
        let module = self.module.get_or_init(|| self.load().map_err(|error| format!("{error:#}")));
        module.as_ref().map_err(Clone::clone)
    }

    fn load(&self) -> wasmtime::Result<wasmtime::Module> {
        let mut config = super::config();
        config.with_custom_code_memory(Some(Arc::new(StaticCode)));
        let engine = wasmtime::Engine::new(&config)?;
        let code = NonNull::slice_from_raw_parts(self.start, self.len);
        // SAFETY: the caller of `new` promised an image by wasmtime's compiler that nothing changes. wasmtime
        // compares the image's version and settings with its own.
        unsafe { wasmtime::Module::deserialize_raw(&engine, code) }
    }
}

/// Code memory that is executable already, so there is nothing to publish.
struct StaticCode;

impl CustomCodeMemory for StaticCode {
    fn required_alignment(&self) -> usize {
        // The alignment of the image's sections. The linker aligns the image itself.
        4096
    }

    fn publish_executable(&self, _: *const u8, _: usize) -> wasmtime::Result<()> {
        Ok(())
    }

    fn unpublish_executable(&self, _: *const u8, _: usize) -> wasmtime::Result<()> {
        Ok(())
    }
}
