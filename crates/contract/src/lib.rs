#![doc = include_str!("../README.md")]

pub mod export;
pub mod host_call;
pub mod native;
pub mod split;

/// The source text of the module `native`. Whatever is compiled by its settings includes it in its hash.
pub const NATIVE_SETTINGS: &str = include_str!("native.rs");

/// Bytes in a page of linear memory, WebAssembly's unit of memory size.
pub const WASM_PAGE: u64 = 65_536;

/// Bytes that a 32-bit address can reach: 4 GiB.
pub const ADDRESSABLE: u64 = 1 << 32;
