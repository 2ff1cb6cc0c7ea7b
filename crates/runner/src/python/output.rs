//! What calls print and cost, until somebody takes it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::stdio::{Sink, Stdio};
use crate::error::Error;

/// What a piece of code printed, and what it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Output {
    /// Standard output since the last `Output`, if it is captured. Bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// Standard error since the last `Output`, if it is captured.
    pub stderr: String,
    /// What it cost since then.
    pub stats: Stats,
}

/// What running cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stats {
    /// Time spent in calls to Python, sleep and waiting included.
    pub wall: Duration,
    /// The part of that time spent in functions of the host.
    pub host: Duration,
    /// Units of fuel, as [`Limits::fuel`](crate::Limits#structfield.fuel) counts them for each engine. By
    /// one engine the same code from the same state uses the same.
    pub fuel: u64,
    /// The most bytes of memory that Python has had since it was built.
    pub peak_memory: u64,
    /// Calls to WASI.
    pub syscalls: u64,
    /// Bytes that Python read from files and streams.
    pub bytes_in: u64,
    /// Bytes that Python wrote to files and streams.
    pub bytes_out: u64,
}

/// What came of running code, whether it failed or not. Serializes with the fields of its output beside its own.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What the code printed, and what it cost: up to its error, if there is one.
    #[serde(flatten)]
    pub output: Output,
    /// What a prompt shows of the last statement's value, as [`Python::exec_repr`](super::Python::exec_repr) returns it.
    pub value: Option<String>,
    /// Why it failed, if it did.
    pub error: Option<Error>,
}

/// The numbers that only grow.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) fuel: u64,
    pub(super) host: Duration,
    pub(super) wasi: wasi_core::Stats,
}

impl Counts {
    /// Returns what was used since `before`, in that time on the clock, with the memory that there is now.
    pub(super) fn since(&self, before: &Self, wall: Duration, peak_memory: u64) -> Stats {
        Stats {
            wall,
            host: self.host.saturating_sub(before.host),
            fuel: self.fuel - before.fuel,
            peak_memory,
            syscalls: self.wasi.syscalls - before.wasi.syscalls,
            bytes_in: self.wasi.bytes_read - before.wasi.bytes_read,
            bytes_out: self.wasi.bytes_written - before.wasi.bytes_written,
        }
    }
}

/// Captured output that nobody has taken.
#[derive(Debug, Default)]
pub(super) struct Printed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// The last call failed: what is here belongs to its error.
    failed: bool,
}

impl Printed {
    /// Begins a call, which has nothing to do with one that failed before.
    pub(super) fn begin(&mut self) {
        if self.failed {
            *self = Self::default();
        }
    }

    /// Adds what the streams have captured.
    pub(super) fn gather(&mut self, stdio: &Stdio) {
        append(&mut self.stdout, &stdio.stdout);
        append(&mut self.stderr, &stdio.stderr);
    }

    /// Ends a call.
    pub(super) fn ended(&mut self, failed: bool) {
        self.failed = failed;
    }

    /// Returns the bytes that are here.
    pub(super) fn len(&self) -> u64 {
        (self.stdout.len() + self.stderr.len()) as u64
    }

    /// Takes standard output and standard error. Bytes that are not UTF-8 are replaced.
    pub(super) fn take(&mut self) -> (String, String) {
        let Self { stdout, stderr, failed: _ } = std::mem::take(self);
        (text(stdout), text(stderr))
    }
}

fn append(bytes: &mut Vec<u8>, sink: &Sink) {
    let mut new = sink.take();
    if bytes.is_empty() {
        *bytes = new;
    } else {
        bytes.append(&mut new);
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
