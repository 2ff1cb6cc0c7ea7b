//! `python_wasm_stats`: what the last call cost.

use std::time::Duration;

use python_wasm::Stats;

use crate::error::CallError;
use crate::failure::Status;
use crate::interpreter::{Interpreter, enter};
use crate::memory::guarded;
use crate::structs::{self, Grows};

/// `python_wasm_stats`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct CallStats {
    pub size: usize,
    pub wall_ns: u64,
    pub host_ns: u64,
    pub fuel: u64,
    pub peak_memory: u64,
    pub syscalls: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

// SAFETY: `repr(C)`, the size comes first, and all other fields are integers.
unsafe impl Grows for CallStats {
    const NAME: &str = "python_wasm_stats";
    const FIRST: usize = size_of::<Self>();
}

impl CallStats {
    fn of(stats: &Stats) -> Self {
        let time = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self {
            size: size_of::<Self>(),
            wall_ns: time(stats.wall),
            host_ns: time(stats.host),
            fuel: stats.fuel,
            peak_memory: stats.peak_memory,
            syscalls: stats.syscalls,
            bytes_in: stats.bytes_in,
            bytes_out: stats.bytes_out,
        }
    }
}

/// Returns what the last call cost.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_get_stats(
    python: *const Interpreter,
    stats: *mut CallStats,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let cost = enter(python, |session| Ok(CallStats::of(&session.printed.stats)))?;
            structs::fill(stats, &cost, "stats")
        })
    }
}
