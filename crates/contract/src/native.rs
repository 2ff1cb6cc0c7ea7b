//! The counter of work in a metered module, and wasmtime's settings for code that is compiled ahead of time: what such
//! code assumes of the process that runs it.
//!
//! The build compiles with these settings and the host runs with them. Wasmtime compares the two when it
//! loads the code.

#[cfg(feature = "native")]
use wasmtime::Config;

/// The exported counter of work left in the current slice: a mutable `i64`.
pub const COUNTER: &str = "python_wasm_counter";

/// Module and name of the import that the code calls when [`COUNTER`] reaches 0. It has no parameters and no
/// results.
pub const COUNTER_SPENT: (&str, &str) = ("python_wasm", "counter_spent");

/// Bytes of address space reserved for one guest's memory: everything that 32 bits reach, so that no access
/// needs a bounds check.
pub const RESERVED: u64 = 4 << 30;

/// Bytes of inaccessible address space behind [`RESERVED`], which catch accesses with a constant offset.
pub const GUARD: u64 = 32 << 20;

#[cfg(feature = "native")]
/// Returns the configuration with which such code is compiled and run.
pub fn config() -> Config {
    let mut config = Config::new();
    config
        // With signals, an access past the end is a fault that wasmtime's handler turns into a trap. Without
        // them, the code checks every address and every divisor before it uses it.
        .signals_based_traps(!cfg!(feature = "native-without-signals"))
        .memory_reservation(RESERVED)
        .memory_guard_size(GUARD)
        .memory_may_move(false)
        .guard_before_linear_memory(false)
        // The module has no data segments: its memory comes from an image.
        .memory_init_cow(false)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .debug_symbols(false)
        .native_unwind_info(false)
        .wasm_branch_hinting(true)
        .wasm_tail_call(false)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false);
    config
}
