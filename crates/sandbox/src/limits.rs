//! How much a guest may use, with its defaults.

use std::time::{Duration, Instant};

/// How much of everything a guest may use. The defaults are safe for programs that nobody trusts.
///
/// Time and fuel are per call into Python, and so is output for the library; everything else is for the life
/// of the sandbox. A program that needs more is given more, and `.timeout(Duration::MAX)` and
/// `.fuel(u64::MAX)` mean no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of memory. Python raises `MemoryError` at the limit; 4 GiB is the most there is.
    pub memory: u64,
    /// Units of fuel for each call.
    ///
    /// The interpreter takes one unit for each function, loop round and branch that is entered, the
    /// machine code of [`Engine::Native`](python_wasm_engine::Engine::Native) one for each loop round and
    /// each function that can recur. One engine takes the same for the same work in every run and on
    /// every machine. Python uses some 30 million units a second in the interpreter. [`u64::MAX`] is no
    /// limit.
    pub fuel: u64,
    /// The time that one call may take, sleeping and waiting included. [`Duration::MAX`] is no limit.
    pub timeout: Duration,
    /// Bytes written to standard output and standard error together. [`u64::MAX`] is no limit.
    pub output: u64,
    /// Files, folders and streams open at once, including about a dozen of the sandbox's own.
    pub open_files: u32,
    /// Bytes by which all writable folders together may grow, including those in memory.
    pub disk: u64,
    /// Files, folders and links that may be created.
    pub files: u64,
    /// Bytes that one call may copy; a longer read or write is cut short.
    pub call_bytes: usize,
    /// Calls of functions of the host within one call into Python; the next one raises. [`u64::MAX`] is no limit.
    pub host_calls: u64,
    /// The time that functions of the host may take within one call into Python, all together; the next one
    /// raises, and so does one that Python waits for. [`Duration::MAX`] is no limit.
    pub host_time: Duration,
}

impl Default for Limits {
    /// A minute and 10,000,000,000 units of fuel for each call, 1 GiB of memory, 50 MB of output, 256 open
    /// files, 1 GiB and 100,000 files of disk, 64 MiB in one read or write. Functions of the host have no limit
    /// beside the minute.
    fn default() -> Self {
        Self {
            memory: 1 << 30,
            fuel: 10_000_000_000,
            timeout: Duration::from_mins(1),
            output: 50_000_000,
            open_files: 256,
            disk: 1 << 30,
            files: 100_000,
            call_bytes: 64 << 20,
            host_calls: u64::MAX,
            host_time: Duration::MAX,
        }
    }
}

impl Limits {
    /// Returns the defaults for a program that a person watches and can end by Ctrl-C: time, fuel and output
    /// are not limited.
    pub fn attended() -> Self {
        Self::default().timeout(Duration::MAX).fuel(u64::MAX).output(u64::MAX)
    }

    /// Sets [`memory`](Self#structfield.memory), in bytes.
    #[must_use]
    pub fn memory(self, bytes: u64) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Sets [`fuel`](Self#structfield.fuel), in units.
    #[must_use]
    pub fn fuel(self, fuel: u64) -> Self {
        Self { fuel, ..self }
    }

    /// Sets [`timeout`](Self#structfield.timeout).
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets [`output`](Self#structfield.output), in bytes.
    #[must_use]
    pub fn output(self, bytes: u64) -> Self {
        Self { output: bytes, ..self }
    }

    /// Sets [`open_files`](Self#structfield.open_files).
    #[must_use]
    pub fn open_files(self, count: u32) -> Self {
        Self { open_files: count, ..self }
    }

    /// Sets [`disk`](Self#structfield.disk), in bytes.
    #[must_use]
    pub fn disk(self, bytes: u64) -> Self {
        Self { disk: bytes, ..self }
    }

    /// Sets [`files`](Self#structfield.files).
    #[must_use]
    pub fn files(self, count: u64) -> Self {
        Self { files: count, ..self }
    }

    /// Sets [`call_bytes`](Self#structfield.call_bytes).
    #[must_use]
    pub fn call_bytes(self, bytes: usize) -> Self {
        Self { call_bytes: bytes, ..self }
    }

    /// Sets [`host_calls`](Self#structfield.host_calls).
    #[must_use]
    pub fn host_calls(self, count: u64) -> Self {
        Self { host_calls: count, ..self }
    }

    /// Sets [`host_time`](Self#structfield.host_time).
    #[must_use]
    pub fn host_time(self, time: Duration) -> Self {
        Self { host_time: time, ..self }
    }

    /// Returns the moment at which a call that begins now runs out of time, if time is limited.
    pub fn deadline(&self) -> Option<Instant> {
        Instant::now().checked_add(self.timeout)
    }
}

/// The part of the limits that the engine enforces.
impl From<&Limits> for python_wasm_engine::InstanceLimits {
    fn from(limits: &Limits) -> Self {
        Self { memory: limits.memory, fuel: limits.fuel }
    }
}

/// The part of the limits that the WASI context enforces. A [`Quota`](wasi_core::fs::Quota) has another part.
impl From<&Limits> for wasi_core::Limits {
    fn from(limits: &Limits) -> Self {
        let Limits { open_files, output, call_bytes, .. } = *limits;
        Self { open_files, output, call_bytes, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_fuel_and_output_are_limited_unless_a_person_is_there() {
        let (unattended, attended) = (Limits::default(), Limits::attended());
        assert!(unattended.deadline().is_some());
        assert!(unattended.fuel < u64::MAX && unattended.output < u64::MAX);
        assert!(attended.deadline().is_none());
        assert_eq!((attended.fuel, attended.output), (u64::MAX, u64::MAX));
    }
}
