//! CPython in a WebAssembly sandbox.
