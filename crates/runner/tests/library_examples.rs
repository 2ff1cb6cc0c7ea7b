//! Every example runs, and what it asserts holds.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output};

use ptyprocess::{PtyProcess, WaitStatus};

/// The examples that cargo builds with the feature `tokio` alone.
const NEED_TOKIO: [&str; 1] = ["web_service"];

/// Cargo builds the examples for its tests, beside the folder of the tests.
fn path(example: &str) -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples").join(example)
}

fn run(example: &str, arguments: &[&str]) -> Output {
    let output = Command::new(path(example)).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{example}: {error}; plain `cargo test` builds the examples"))
}

#[test]
fn every_example_runs() {
    let examples = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap();
    let names = examples.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut count = 0;
    for name in names {
        let Some(name) = name.strip_suffix(".rs") else { continue };
        if NEED_TOKIO.contains(&name) && !cfg!(feature = "tokio") {
            continue;
        }
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

#[test]
fn a_command_line_of_the_library_finds_the_functions_of_the_host() {
    let source =
        "from host import double\ntry: double(2 ** 62)\nexcept RuntimeError as e: print(double(21), e)";
    // With -O Python begins anew instead of from the image.
    for options in [&["-c", source][..], &["-O", "-c", source]] {
        let output = run("terminal", options);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "42 that is too large\n", "{output:?}");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn a_prompt_of_the_library_finds_the_functions_of_the_host() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(path("terminal"));
    command.args(["-i", "-c", "from host import double"]);
    command.env("TERM", "dumb").env("PYTHON_WASM_HISTORY", home.path().join("history"));
    let process = PtyProcess::spawn(command).unwrap();
    let (mut screen, mut keys) = (process.get_raw_handle().unwrap(), process.get_raw_handle().unwrap());
    let (mut shown, mut buffer) = (String::new(), [0; 4096]);
    let mut wait_for = |text: &str| {
        while !shown.contains(text) {
            let count = screen.read(&mut buffer).unwrap_or_default();
            assert!(count > 0, "{text:?} does not come: {shown}");
            shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    };
    wait_for(">>> ");
    keys.write_all(b"double(2000) + 1\n").unwrap();
    wait_for("4001");
    keys.write_all(b"exit(double(4))\n").unwrap();
    assert!(matches!(process.wait().unwrap(), WaitStatus::Exited(_, 8)));
}
