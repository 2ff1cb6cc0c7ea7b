//! CPython in a WebAssembly sandbox.

pub mod engine;
