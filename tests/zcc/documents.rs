//! What docs/zcc.md shows is what happens.

use std::fs;
use std::path::Path;

use python_wasm_tests::transcript;

use crate::{Project, path};

#[test]
fn the_transcript_of_the_document_is_true() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join("zcc.md");
    let text = fs::read_to_string(document).unwrap();
    let project = Project::new(&[]);
    transcript::run(&text, &project.path(), |shell| {
        shell.env("PATH", path());
    });
}
