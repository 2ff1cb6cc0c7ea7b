//! Makes what is installed of python-wasm: an archive with one static program, and wheels, for this machine's
//! processor and for others.
//!
//! Rust's standard library for a target comes from rustup, or is built from the distribution's sources where rustup has
//! none ([`Rust`]). zig, which the recipe pins, compiles C and links.

mod archive;
mod cargo;
mod checks;
mod linker;
mod rust;
mod target;
mod wheel;

pub use archive::archive;
pub use cargo::Workspace;
pub use checks::write_sums;
pub use rust::Rust;
pub use target::{TARGETS, Target};
pub use wheel::wheel;

/// Why something cannot be made: a sentence for a person.
pub type Error = Box<dyn std::error::Error>;
