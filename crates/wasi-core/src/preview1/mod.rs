//! The 46 functions of WASI preview1, in the order of the witx: one row each.
//!
//! A row says what a function takes and gives back. From it come the wasm
//! signature, the decoding of arguments, the trace and the writing of results;
//! the function of the same name in the submodule holds only the meaning.

#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "every row is called alike: arguments by value, an outcome back"
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
