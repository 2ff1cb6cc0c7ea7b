//! `python_wasm_limits`: how much a sandbox may use.

use std::time::Duration;

use python_wasm::Limits;

use crate::error::CallError;
use crate::failure::Status;
use crate::interpreter::{Interpreter, enter};
use crate::memory::guarded;
use crate::structs::{self, Grows};

/// `python_wasm_limits`. Zero is the default, or what it was; all bits set is no limit.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct LimitOptions {
    pub size: usize,
    pub memory: u64,
    pub fuel: u64,
    pub timeout_ms: u64,
    pub output: u64,
    pub disk: u64,
    pub files: u64,
    pub open_files: u64,
    pub call_bytes: u64,
    pub host_calls: u64,
    pub host_time_ms: u64,
}

// SAFETY: `repr(C)`, the size comes first, and all other fields are integers.
unsafe impl Grows for LimitOptions {
    const NAME: &str = "python_wasm_limits";
    const FIRST: usize = size_of::<Self>();
}

impl LimitOptions {
    /// Returns these limits, and the others as they are in `limits`.
    pub(crate) fn over(&self, limits: &Limits) -> Limits {
        let count = |own: u64, other: u64| if own == 0 { other } else { own };
        let time = |own: u64, other: Duration| match own {
            0 => other,
            u64::MAX => Duration::MAX,
            own => Duration::from_millis(own),
        };
        let open_files = count(self.open_files, limits.open_files.into());
        let call_bytes = count(self.call_bytes, limits.call_bytes as u64);
        limits
            .clone()
            .memory(count(self.memory, limits.memory))
            .fuel(count(self.fuel, limits.fuel))
            .timeout(time(self.timeout_ms, limits.timeout))
            .output(count(self.output, limits.output))
            .disk(count(self.disk, limits.disk))
            .files(count(self.files, limits.files))
            .open_files(u32::try_from(open_files).unwrap_or(u32::MAX))
            .call_bytes(usize::try_from(call_bytes).unwrap_or(usize::MAX))
            .host_calls(count(self.host_calls, limits.host_calls))
            .host_time(time(self.host_time_ms, limits.host_time))
    }

    fn of(limits: &Limits) -> Self {
        let time = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            size: size_of::<Self>(),
            memory: limits.memory,
            fuel: limits.fuel,
            timeout_ms: time(limits.timeout),
            output: limits.output,
            disk: limits.disk,
            files: limits.files,
            open_files: limits.open_files.into(),
            call_bytes: limits.call_bytes as u64,
            host_calls: limits.host_calls,
            host_time_ms: time(limits.host_time),
        }
    }
}

/// Sets limits for the calls that follow.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_set_limits(
    python: *const Interpreter,
    limits: *const LimitOptions,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let limits = structs::read(limits, "limits")?.unwrap_or_default();
            enter(python, |session| {
                let limits = limits.over(session.python.limits());
                Ok(session.python.set_limits(limits)?)
            })
        })
    }
}

/// Returns the limits of the next call.
///
/// # Safety
/// As [`python_wasm_set_limits`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_get_limits(
    python: *const Interpreter,
    limits: *mut LimitOptions,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let own = enter(python, |session| Ok(LimitOptions::of(session.python.limits())))?;
            structs::fill(limits, &own, "limits")
        })
    }
}
