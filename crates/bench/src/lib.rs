//! The benchmark harness of python-wasm.
