//! What a guest may see and use, and what the command lines of `python-wasm` and `wasi-run` share.
//!
//! A [`Sandbox`] collects what is granted and turns it into a WASI context. The library and both command
//! lines build theirs here, so that one place decides what a sandbox is. [`command_line`] reads options,
//! connects a program to this process, and turns its outcome into an exit status.

#![warn(missing_debug_implementations)]

pub mod command_line;
mod grants;
mod limits;
mod mount;
pub mod place;
mod sandbox;

pub use self::grants::Grants;
pub use self::limits::Limits;
pub use self::mount::{Access, Mount, MountError, Through};
pub use self::sandbox::Sandbox;
