//! The module's machine code, as the linker put it into this program's text.
//!
//! It is executable as all of the program is, from the start: no page is made so later.

#![expect(
    unsafe_code,
    reason = "only the linker knows that the image is there, and only we that it is our own"
)]

use std::arch::global_asm;
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

use ::wasmtime::{self as engine, CustomCodeMemory};

#[cfg(target_os = "linux")]
global_asm!(
    ".pushsection .text.python_wasm_native, \"ax\", @progbits",
    // The largest page of the processors that it is compiled for.
    ".balign 65536",
    ".globl python_wasm_native",
    ".hidden python_wasm_native",
    "python_wasm_native:",
    concat!(".incbin \"", env!("PYTHON_WASM_NATIVE"), "\""),
    ".popsection",
    options(raw)
);

#[cfg(target_os = "macos")]
global_asm!(
    ".pushsection __TEXT,__python_wasm,regular,pure_instructions",
    ".p2align 14",
    ".globl _python_wasm_native",
    ".private_extern _python_wasm_native",
    "_python_wasm_native:",
    concat!(".incbin \"", env!("PYTHON_WASM_NATIVE"), "\""),
    ".popsection",
    options(raw)
);

unsafe extern "C" {
    static python_wasm_native: u8;
}

/// What wasmtime would do to pages that are not executable yet.
struct Linked;

impl CustomCodeMemory for Linked {
    fn required_alignment(&self) -> usize {
        // That of the sections in the image; the image itself stands on a boundary of its own.
        4096
    }

    fn publish_executable(&self, _: *const u8, _: usize) -> engine::Result<()> {
        Ok(())
    }

    fn unpublish_executable(&self, _: *const u8, _: usize) -> engine::Result<()> {
        Ok(())
    }
}

/// The module, ready to be instantiated. An error says that this processor is not the one that it
/// was compiled for.
pub(super) fn module() -> Result<&'static engine::Module, String> {
    // Once in a process: wasmtime knows code by its address.
    static MODULE: OnceLock<Result<engine::Module, String>> = OnceLock::new();
    let module = MODULE.get_or_init(|| load().map_err(|error| format!("{error:#}")));
    module.as_ref().map_err(Clone::clone)
}

fn load() -> engine::Result<engine::Module> {
    let mut config = super::config();
    config.with_custom_code_memory(Some(Arc::new(Linked)));
    let engine = engine::Engine::new(&config)?;
    // SAFETY: only the address is taken, and the assembler has put the image there.
    let start = NonNull::from(unsafe { &python_wasm_native });
    let code = NonNull::slice_from_raw_parts(start, SIZE);
    // SAFETY: the build made the image by wasmtime's compiler, of the version and with the settings of
    // this runtime, which compares both; nothing can change it, for it is part of the program's text.
    unsafe { engine::Module::deserialize_raw(&engine, code) }
}

/// Bytes of the image.
const SIZE: usize = size(env!("PYTHON_WASM_NATIVE_SIZE"));

const fn size(digits: &str) -> usize {
    match usize::from_str_radix(digits, 10) {
        Ok(size) => size,
        Err(_) => panic!("the build script gives a number"),
    }
}
