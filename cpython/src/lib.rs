//! The recipe that builds CPython for WASI.
