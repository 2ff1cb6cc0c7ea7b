//! How much a guest may use, with its defaults.

use std::time::{Duration, Instant};

use python_wasm_engine as engine;

/// How much of everything a guest may use. The defaults are safe for programs that nobody trusts.
///
/// Time and fuel are for each call into Python, the rest is for as long as the sandbox lives. A program that needs
/// more says so; `.timeout(Duration::MAX)` and `.fuel(u64::MAX)` are no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub memory: u64,
    pub fuel: u64,
    pub timeout: Duration,
    pub output: u64,
    pub open_files: u32,
    pub disk: u64,
    pub files: u64,
    pub call_bytes: usize,
}

impl Default for Limits {
    /// A minute and 10,000,000,000 units of fuel for each call, 1 GiB of memory, 50 MB of output, 256 open files,
    /// 1 GiB and 100,000 files of disk, 64 MiB in one read or write.
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
        }
    }
}

impl Limits {
    /// The defaults where a person is there who can press Ctrl-C: no limit on time and fuel.
    pub fn attended() -> Self {
        Self::default().timeout(Duration::MAX).fuel(u64::MAX)
    }

    /// Bytes of memory; Python raises `MemoryError` at the limit. 4 GiB is the most there is.
    #[must_use]
    pub fn memory(self, bytes: u64) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Fuel: one unit for each function, loop round and branch that is entered, the same in every
    /// run; Python does some 30 million units in a second by wasmi. [`u64::MAX`] is no limit.
    #[must_use]
    pub fn fuel(self, fuel: u64) -> Self {
        Self { fuel, ..self }
    }

    /// Time that one call may take, sleep and waiting included. [`Duration::MAX`] is no limit.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Bytes written to standard output and error together.
    #[must_use]
    pub fn output(self, bytes: u64) -> Self {
        Self { output: bytes, ..self }
    }

    /// Files, folders and streams open at once, the sandbox's own dozen included.
    #[must_use]
    pub fn open_files(self, count: u32) -> Self {
        Self { open_files: count, ..self }
    }

    /// Bytes that all writable folders may grow by, those in memory too.
    #[must_use]
    pub fn disk(self, bytes: u64) -> Self {
        Self { disk: bytes, ..self }
    }

    /// Files, folders and links that may be made.
    #[must_use]
    pub fn files(self, count: u64) -> Self {
        Self { files: count, ..self }
    }

    /// Bytes that one call may copy; a longer read or write is cut short.
    #[must_use]
    pub fn call_bytes(self, bytes: usize) -> Self {
        Self { call_bytes: bytes, ..self }
    }

    /// When a call that begins now is out of time, if ever.
    pub fn deadline(&self) -> Option<Instant> {
        Instant::now().checked_add(self.timeout)
    }

    /// The part that the engine looks after.
    pub fn engine(&self) -> engine::Limits {
        engine::Limits { memory: self.memory, fuel: self.fuel }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_fuel_are_limited_unless_a_person_is_there() {
        let (unattended, attended) = (Limits::default(), Limits::attended());
        assert!(unattended.deadline().is_some() && unattended.fuel < u64::MAX);
        assert!(attended.deadline().is_none() && attended.fuel == u64::MAX);
    }
}
