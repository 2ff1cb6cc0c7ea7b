//! The 46 calls through the door, without wasm: arguments in, bytes, errnos and trace lines out.

mod args;
mod files;
mod guest;
mod stdio;
mod wild;
