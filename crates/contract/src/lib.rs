//! Names, numbers and settings on which three programs agree: the module that the guest runs in, the
//! host that runs it, and the build that makes both.
//!
//! The C side of [`host_call`] and [`export`] is in `cpython/shim`; a test of the crate `cpython`
//! compares the two.

pub mod export;
pub mod host_call;
#[cfg(feature = "native")]
pub mod native;
pub mod split;

/// The text of the module [`native`], for the hash of whatever is compiled by its settings.
pub const NATIVE_SETTINGS: &str = include_str!("native.rs");

/// Bytes in a page of linear memory, in which WebAssembly counts a memory's size.
pub const WASM_PAGE: u64 = 65_536;

/// Bytes that a 32-bit address reaches.
pub const ADDRESSABLE: u64 = 1 << 32;
