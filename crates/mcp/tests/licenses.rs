//! The licences of the crates that the server has and the library has not: `licenses.txt`, which `--licenses` prints.
//!
//! `UPDATE_LICENSES=1 cargo test -p python-wasm-mcp --test licenses` writes it anew.

#[path = "../../runner/tests/told/mod.rs"]
mod told;

use std::path::Path;

use self::told::{compare, linked, text};

#[test]
fn the_licence_of_every_crate_beside_the_library_is_told() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let more = &linked(own, "") - &linked(&own.join("../runner"), "");
    assert!(more.iter().any(|package| package.starts_with("rmcp ")), "{more:?}");
    compare(
        "licenses.txt",
        &text("Licences of the Rust crates in the server for the Model Context Protocol.", &more),
    );
}
