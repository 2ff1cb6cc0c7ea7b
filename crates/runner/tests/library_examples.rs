//! Every example runs, and what it asserts holds.

use std::process::{Command, Output};

/// Cargo builds the examples for its tests, beside the folder of the tests.
fn run(example: &str, arguments: &[&str]) -> Output {
    let folder = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples");
    let output = Command::new(folder.join(example)).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{example}: {error}; plain `cargo test` builds the examples"))
}

#[test]
fn every_example_runs() {
    let examples = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap();
    let names = examples.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut count = 0;
    for name in names {
        let Some(name) = name.strip_suffix(".rs") else { continue };
        let output = run(name, &[]);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        count += 1;
    }
    assert!(count >= 4);
}

#[test]
fn a_terminal_of_the_library_runs_a_command_line_and_has_its_status() {
    let source = "import os, sys; print(os.environ['FROM'], sys.argv); sys.exit(7)";
    let output = run("terminal", &["-c", source, "argument"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a library ['-c', 'argument']\n");
    assert_eq!(output.status.code(), Some(7));
}
