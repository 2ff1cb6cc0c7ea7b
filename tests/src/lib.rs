//! Tests of python-wasm as a whole.
