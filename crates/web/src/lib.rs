//! The sandbox of one Python, for a JavaScript engine: wasi-core as a WebAssembly module, with an interface of a few
//! functions that the TypeScript beside it (`ts/core.ts`) knows.
//!
//! An instance has one context. It is described (`arg`, `env`, `mount_*`), then made (`build`) or resumed.
//! Python's WASI imports are this module's exports of the same names (`calls`); guest memory, clocks, entropy, waiting
//! and streams are this module's imports (`imports`). Addresses of this module's own memory come from `allocate`.
//!
//! No call of JavaScript from here may call an export: the context is borrowed meanwhile.
#![cfg(target_arch = "wasm32")]

mod buffer;
mod calls;
mod context;
mod files;
mod folder;
mod imports;
mod library;
mod memory;
mod requests;
mod session;
mod state;
mod stream;
mod system;
