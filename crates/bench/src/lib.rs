//! The benchmark harness of python-wasm: it measures Pythons side by side, in turns.
//!
//! Each measurement is one process of one Python. The Pythons take turns at each benchmark, so that a
//! machine that slows down slows all of them. A failure costs a Python one figure; all others stand.
//!
//! Pythons are measured as command lines, so any Python will do. Three subcommands need more: `bench call` and
//! `bench fork` measure this project's library, and `bench io` compiles its guest with the compiler of CPython's recipe.
//! `bench peers` measures this project beside others, each by its own API.

#![allow(clippy::cast_precision_loss, reason = "all counts and sizes are far below 2^52")]

mod call;
pub mod cli;
mod collection;
mod failure;
mod fork;
mod interleave;
mod interrupt;
mod io;
mod peers;
mod process;
mod python;
mod report;
mod results;
mod startup;
mod statistics;
