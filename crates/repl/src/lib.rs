//! The terminal of python-wasm.
