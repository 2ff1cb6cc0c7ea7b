//! python-wasm for C. The header, `include/python_wasm.h`, documents each function.
//!
//! # Safety
//!
//! Handles are numbers that are looked up, so one that was freed, or never was a handle, is refused and never followed. Every other pointer that C passes is NULL or *good*:
//!
//! - a string ends with NUL and does not change during the call;
//! - the place of a result can be written, and nobody else uses it during the call;
//! - bytes and arrays are as long as the size beside them says;
//! - a struct with a `size` has so many bytes, and what it points to is NULL or good;
//! - a callback may be called with the user data beside it as often, as long and on those threads as the header says.
//!
//! Functions check pointers for NULL and strings for UTF-8. They catch panics, so none crosses into C.
#![expect(unsafe_code, reason = "C's pointers are what this crate is about")]

mod callback;
mod calls;
mod error;
mod failure;
mod files;
mod functions;
mod handle;
mod interpreter;
mod json;
mod limits;
mod memory;
mod options;
mod pool;
mod snapshots;
mod stats;
mod streams;
mod structs;

pub use self::callback::Finalize;
pub use self::calls::{
    python_wasm_call_json, python_wasm_eval_json, python_wasm_exec, python_wasm_repr, python_wasm_run_file,
    python_wasm_run_module, python_wasm_set_json, python_wasm_stderr, python_wasm_stdout,
};
pub use self::error::{
    CallError, python_wasm_error_exit_status, python_wasm_error_free, python_wasm_error_json,
    python_wasm_error_message, python_wasm_error_number, python_wasm_error_status,
    python_wasm_error_traceback, python_wasm_error_type,
};
pub use self::failure::{Status, python_wasm_status_name};
pub use self::files::{
    python_wasm_file_entry, python_wasm_file_read, python_wasm_file_remove, python_wasm_file_write,
    python_wasm_folder_create, python_wasm_folder_list, python_wasm_overlay_commit, python_wasm_overlay_diff,
    python_wasm_overlay_discard,
};
pub use self::functions::{
    Function, FunctionCallback, Reply, python_wasm_reply_error, python_wasm_reply_json, python_wasm_tools,
};
pub use self::handle::python_wasm_live_handles;
pub use self::interpreter::{
    Interpreter, python_wasm_free, python_wasm_interrupt, python_wasm_is_usable, python_wasm_new,
    python_wasm_prepare, python_wasm_terminate, python_wasm_version,
};
pub use self::limits::{LimitOptions, python_wasm_get_limits, python_wasm_set_limits};
pub use self::memory::{python_wasm_bytes_free, python_wasm_string_free};
pub use self::options::{MountOptions, Options};
pub use self::pool::{Sandboxes, python_wasm_pool_checkout, python_wasm_pool_free, python_wasm_pool_new};
pub use self::snapshots::{
    State, python_wasm_checkpoint, python_wasm_fork, python_wasm_restore, python_wasm_resume,
    python_wasm_resume_bytes, python_wasm_snapshot_free, python_wasm_snapshot_from_bytes,
    python_wasm_snapshot_inspect, python_wasm_snapshot_inspect_bytes, python_wasm_snapshot_load,
    python_wasm_snapshot_save, python_wasm_snapshot_size, python_wasm_snapshot_spawn,
    python_wasm_snapshot_take, python_wasm_snapshot_to_bytes,
};
pub use self::stats::{CallStats, python_wasm_get_stats};
pub use self::streams::{Stream, StreamCallback};
