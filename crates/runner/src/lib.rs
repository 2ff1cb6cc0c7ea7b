//! CPython in a WebAssembly sandbox.

#[doc(hidden)]
pub mod cli;
pub mod engine;
mod error;
mod python;
mod sandbox;
mod session;
mod value;

pub use error::{Error, Frame};
pub use python::{InterruptHandle, Output, Python, PythonBuilder, Stats};
pub use sandbox::{Limits, Mount, MountError, Sandbox};
pub use value::{ConversionError, Object, Value};
