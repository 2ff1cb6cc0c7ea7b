//! The 46 functions of WASI preview1, in the order of the witx: one row each.
//!
//! A row lists what a function takes and returns. The wasm signature, the decoding of arguments, the trace
//! and the writing of results follow from it; the function of the same name in the submodule contains only
//! the meaning.
//!
//! [`FUNCTIONS`] is all that an engine needs: for each, it links an import of that name and type, which calls
//! [`Function::call`] with the guest's context, its memory and the raw arguments.

#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "all rows are called in the same way: arguments by value, an outcome back"
)]

mod args;
mod clock;
mod door;
mod fd;
mod path;
mod poll;
mod proc;
mod random;
mod readdir;
mod record;
mod sock;
mod table;

pub use door::{Function, ValType};
pub use table::{FUNCTIONS, function};
