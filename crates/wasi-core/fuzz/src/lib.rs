//! Shared by the fuzzers: the calls of a guest, and the checks of every call.

mod plans;

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use wasi_core::{Stop, WasiCtx};

pub use plans::{Call, Calls, memory, populate};

static CALLS: AtomicU64 = AtomicU64::new(0);

/// Makes a call, counts it, and checks what must be true of every call.
pub fn make(call: &Call, ctx: &mut WasiCtx, memory: &mut [u8]) -> Result<i32, Stop> {
    let count = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    if count.is_multiple_of(1_000_000) {
        // libFuzzer counts only runs, of many calls each.
        let _not_said = writeln!(std::io::stderr(), "{count} calls");
    }
    let outcome = call.function.call(ctx, memory, &call.arguments);
    match outcome {
        Ok(errno) => assert!((0..=76).contains(&errno), "{} gave {errno}", call.function.name),
        Err(Stop::Exit(_)) => assert_eq!(call.function.name, "proc_exit"),
        Err(Stop::Deadline | Stop::OutputLimit) => {}
        Err(Stop::Terminated) => panic!("nobody terminated it"),
        Err(Stop::Diverged | Stop::RecordingLimit) => panic!("nothing is recorded or replayed"),
    }
    outcome
}
