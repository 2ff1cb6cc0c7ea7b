//! CPython's machine code, which the assembler puts into this program's text.

#![expect(unsafe_code, reason = "only the linker knows where the image is; see its one use")]

use std::arch::global_asm;
use std::ptr::NonNull;

use python_wasm_engine::MachineCode;

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

/// CPython for this processor.
pub(super) static CODE: MachineCode = {
    // SAFETY: only the address is taken, and the assembler has put the image there. The build made it by
    // wasmtime's compiler, and it is part of the program's text.
    unsafe { MachineCode::new(NonNull::new_unchecked((&raw const python_wasm_native).cast_mut()), SIZE) }
};

/// Bytes of the image.
const SIZE: usize = size(env!("PYTHON_WASM_NATIVE_SIZE"));

const fn size(digits: &str) -> usize {
    match usize::from_str_radix(digits, 10) {
        Ok(size) => size,
        Err(_) => panic!("the build script gives a number"),
    }
}
