//! WASI preview1, written by hand.
