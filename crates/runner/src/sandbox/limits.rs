//! How much a guest may use, with its defaults.

use std::time::Duration;

use crate::engine;

/// How much of everything a guest may use. The defaults are safe for programs that nobody trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) memory: u64,
    pub(crate) fuel: u64,
    pub(crate) timeout: Option<Duration>,
    pub(crate) output: u64,
    pub(crate) open_files: u32,
    pub(crate) disk: u64,
    pub(crate) files: u64,
    pub(crate) call_bytes: usize,
}

impl Default for Limits {
    /// 1 GiB of memory, 50 MB of output, 256 open files, 1 GiB and 100,000 files of disk, 64 MiB
    /// in one call; no limit on time and fuel.
    fn default() -> Self {
        Self {
            memory: 1 << 30,
            fuel: u64::MAX,
            timeout: None,
            output: 50_000_000,
            open_files: 256,
            disk: 1 << 30,
            files: 100_000,
            call_bytes: 64 << 20,
        }
    }
}

impl Limits {
    /// Bytes of memory; Python raises `MemoryError` at the limit. 4 GiB is the most there is.
    #[must_use]
    pub fn memory(self, bytes: u64) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Fuel: one unit for each function, loop round and branch that is entered, the same in every
    /// run; Python does some 30 million units in a second, and takes two to start.
    #[must_use]
    pub fn fuel(self, fuel: u64) -> Self {
        Self { fuel, ..self }
    }

    /// Time that one run may take, sleep and waiting included.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
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

    /// The part that the engine looks after.
    pub(crate) fn engine(&self) -> engine::Limits {
        engine::Limits { memory: self.memory, fuel: self.fuel }
    }
}
