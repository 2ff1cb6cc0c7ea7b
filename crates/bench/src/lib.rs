//! The benchmark harness of python-wasm: Pythons side by side, interleaved.
//!
//! Every measurement is one process of one Python, and the Pythons take turns
//! at each benchmark, so that a machine which slows down slows all of them. A
//! Python that fails loses that one figure; what was measured stands.

#![allow(clippy::cast_precision_loss, reason = "counts and sizes here are far below 2^52")]

pub mod cli;
mod collection;
mod failure;
mod fork;
mod interleave;
mod interrupt;
mod io;
mod process;
mod python;
mod report;
mod results;
mod startup;
mod statistics;
