//! What the documents show is what happens.

use std::fs;
use std::path::Path;

use python_wasm_tests::{binary, transcript};
use tempfile::tempdir;

#[test]
fn the_transcript_of_packages_is_true() {
    is_true("packages.md");
}

#[test]
fn the_transcript_of_images_is_true() {
    is_true("images.md");
}

fn is_true(name: &str) {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join(name);
    let (folder, cache) = (tempdir().unwrap(), tempdir().unwrap());
    let programs = binary::path("python-wasm").with_file_name("");
    let mut path = programs.into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    transcript::run(&fs::read_to_string(document).unwrap(), folder.path(), |shell| {
        shell.env("PATH", &path).env("PYTHON_WASM_CACHE", cache.path());
    });
}
