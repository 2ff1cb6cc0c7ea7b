//! What a call returns beside its value.

use std::time::Duration;

use pyo3::prelude::*;
use python_wasm::{Output, Stats};

/// What was printed and what it cost, for the package's class `Output`.
pub(crate) struct Printed {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) stats: Stats,
}

impl From<Output> for Printed {
    fn from(output: Output) -> Self {
        Self { stdout: output.stdout, stderr: output.stderr, stats: output.stats }
    }
}

impl Printed {
    /// Makes `(stdout, stderr, stats)`, with the statistics in the order of the package's class `Stats`.
    pub(crate) fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Stats { wall, host, fuel, peak_memory, syscalls, bytes_in, bytes_out, .. } = self.stats;
        let [wall, host] = [wall, host].map(|time: Duration| time.as_secs_f64());
        let stats = (wall, host, fuel, peak_memory, syscalls, bytes_in, bytes_out);
        Ok((self.stdout, self.stderr, stats).into_pyobject(py)?.into_any())
    }
}
