//! How a run of Python ended, including the limits that Python met as exceptions.

use python_wasm_engine::{Instance, Outcome};
use python_wasm_sandbox::Limits;
use python_wasm_sandbox::command_line::ending;

use crate::python::host::{HostState, LimitMet};

/// Returns the exit status, and the line for standard error if the program was stopped.
pub(super) fn of(outcome: &Outcome, instance: &Instance<HostState>, limits: &Limits) -> (u8, Option<String>) {
    match (outcome, instance.state().limit_met) {
        (Outcome::Exited(1), Some(LimitMet::Memory)) | (Outcome::Trapped(_), _)
            if instance.memory_refused() =>
        {
            let line = format!("{} MiB of memory were not enough (--max-memory)", limits.memory >> 20);
            (ending::MEMORY, Some(line))
        }
        (Outcome::Exited(1), Some(LimitMet::Disk)) => {
            let (mib, files) = (limits.disk >> 20, limits.files);
            let line =
                format!("{mib} MiB or {files} files of disk were not enough (--max-disk, --max-files)");
            (ending::DISK, Some(line))
        }
        _ => ending::of(outcome, limits),
    }
}
