//! What a guest may see and use, and what the command lines of `python-wasm` and `wasi-run` share.
//!
//! A [`Sandbox`] gathers what is granted and makes the WASI context from it: the library and both
//! command lines end there, so one place decides what a sandbox is. [`command_line`] reads options into
//! one, runs a program in it, and says how that ended.

#![expect(
    missing_docs,
    reason = "these files are as they were in the runner, where nothing of them was public"
)]

pub mod command_line;
mod grants;
mod limits;
mod mount;
mod sandbox;

pub use self::grants::{Grant, Grants};
pub use self::limits::Limits;
pub use self::mount::{Access, Mount, MountError};
pub use self::sandbox::{Sandbox, normalized};
