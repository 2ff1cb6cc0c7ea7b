//! Every example runs, and what it asserts holds.

use std::process::Command;

#[test]
fn every_example_runs() {
    let examples = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap();
    let names = examples.map(|entry| entry.unwrap().path().file_stem().unwrap().to_owned());
    // Cargo has built the examples for this test, beside the folder of the tests.
    let folder = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples");
    let mut count = 0;
    for name in names {
        let output = Command::new(folder.join(&name)).output();
        let output = output
            .unwrap_or_else(|error| panic!("{name:?}: {error}; plain `cargo test` builds the examples"));
        assert!(output.status.success(), "{name:?}: {}", String::from_utf8_lossy(&output.stderr));
        count += 1;
    }
    assert!(count >= 3);
}
