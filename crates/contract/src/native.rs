//! What code compiled ahead of time takes for granted of the process that runs it.
//!
//! The build compiles by this and the host runs by it; wasmtime compares both sides when the code is loaded.

use wasmtime::Config;

/// The export that holds what is left of the present slice of work: a mutable `i64`.
pub const COUNTER: &str = "python_wasm_counter";

/// The import, module and name, that is called when nothing is left of it: no parameter, no result.
pub const COUNTER_SPENT: (&str, &str) = ("python_wasm", "counter_spent");

/// Bytes of address space for one guest's memory: all that 32 bits reach, so that no address that
/// the guest can form leads out of it, and no access needs a check before it.
pub const RESERVED: u64 = 4 << 30;

/// Bytes behind it that are never accessible, for the constant offsets of accesses.
pub const GUARD: u64 = 32 << 20;

/// Returns the configuration for code that was, or is to be, compiled ahead of time.
pub fn config() -> Config {
    let mut config = Config::new();
    config
        // With signals an access past the end is a fault that wasmtime handles; without them the code
        // compares every address, and every divisor, before it uses it.
        .signals_based_traps(!cfg!(feature = "native-without-signals"))
        .memory_reservation(RESERVED)
        .memory_guard_size(GUARD)
        .memory_may_move(false)
        .guard_before_linear_memory(false)
        // The module has no data of its own: its memory comes from an image.
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
