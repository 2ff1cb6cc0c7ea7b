//! The licences of the Rust crates in the binary, which `--licenses` prints: `licenses.txt`, and
//! `licenses-native.txt` for what the feature `native` adds, are made here, from what cargo knows, and
//! compared in every test run.
//!
//! `UPDATE_LICENSES=1 cargo test -p python-wasm --test licenses` writes it anew.

mod told;

use std::path::Path;

use self::told::{compare, linked, text};

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_licence_of_every_crate_in_the_binary_is_told() {
    compare("licenses.txt", &text("Licences of the Rust crates in this program.", &linked(home(), "")));
}

#[test]
fn the_licence_of_every_crate_of_the_second_engine_is_told() {
    let more = &linked(home(), "native") - &linked(home(), "");
    assert!(more.iter().any(|package| package.starts_with("wasmtime ")), "{more:?}");
    let compilers = ["cranelift-codegen", "winch-codegen", "wasmtime-internal-cranelift", "regalloc2"];
    assert!(!more.iter().any(|package| compilers.iter().any(|name| package.starts_with(name))), "{more:?}");
    compare("licenses-native.txt", &text("Licences of the Rust crates in the engine native.", &more));
}
