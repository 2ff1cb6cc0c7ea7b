//! cargo for wasm32-unknown-unknown: with rustup's target, or with the distribution's packages where there is none.

use std::path::Path;
use std::process::Command;

use python_wasm_dist::Rust;

/// Why there is no such cargo: a sentence for a person.
type Error = Box<dyn std::error::Error>;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Returns a cargo that does this for the target, in its own folder below `target`.
pub(crate) fn cargo(subcommand: &str, target: &Path) -> Result<Command, Error> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([subcommand, "--quiet", "--locked", "--target", TARGET, "--target-dir"]).arg(target);
    // What cargo tells the program that it runs is not meant for the cargo that this one runs.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let rust = Rust::find(TARGET)?;
    let more = rust.prepare(&mut cargo, "std,panic_abort");
    if let Rust::Unpacked(_) = rust {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", Rust::lld()?);
    }
    cargo.args(more);
    Ok(cargo)
}
