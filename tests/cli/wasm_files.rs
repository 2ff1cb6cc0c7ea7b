//! Files that `wasi-run` cannot run, and its error messages. `guests.rs` has modules that it can run.

use std::fs;

use python_wasm_tests::{Program, guest};
use tempfile::tempdir;

fn run_file(bytes: &[u8]) -> python_wasm_tests::Outcome {
    let folder = tempdir().unwrap();
    let path = folder.path().join("module.wasm");
    fs::write(&path, bytes).unwrap();
    Program::wasi_run().arg(path).run()
}

#[test]
fn a_file_that_is_not_wasm_is_refused() {
    for bytes in
        [&b""[..], b"\0", b"#!/bin/sh\necho no\n", b"(module)", b"\x7fELF\x02\x01\x01", b"\0asm\x02\0\0\0"]
    {
        run_file(bytes).refused(126, &["module.wasm", "not a valid WebAssembly module"]).printing("");
    }
}

#[test]
fn a_module_cut_off_anywhere_is_refused() {
    let bytes = fs::read(guest::module("guests", "libc_files")).unwrap();
    for tenth in 1..10 {
        run_file(&bytes[..bytes.len() * tenth / 10]).refused(126, &["module.wasm"]);
    }
}

#[test]
fn a_component_is_refused() {
    run_file(b"\0asm\x0d\0\x01\0").refused(126, &["module.wasm"]);
}

#[test]
fn machine_code_is_for_our_own_module_alone() {
    let words = ["--engine", "native", "/no/such/module.wasm"];
    let reason = if cfg!(feature = "native") { "no other" } else { "this build" };
    Program::wasi_run().args(words).run().refused(2, &["--engine native", reason, "use wasmi"]);
}

#[test]
fn a_missing_module_is_named() {
    Program::wasi_run().arg("/no/such/module.wasm").run().refused(127, &["/no/such/module.wasm"]);
    Program::wasi_run().arg("/").run().refused(126, &["/: "]);
}

#[test]
fn a_wrong_option_is_named() {
    let module = guest::module("guests", "start_returns").display().to_string();
    for (words, parts) in [
        (&[][..], &["--help"][..]),
        (&["--bogus", "x.wasm"], &["--bogus"]),
        (&["--timeout", "x", "x.wasm"], &["--timeout", "x"]),
        (&["--dir", "/no/such/folder::.", &module], &["--dir", "/no/such/folder"]),
        (&["--argv0"], &["--argv0"]),
    ] {
        Program::wasi_run().args(words).run().refused(2, parts);
    }
}

#[test]
fn help_explains_itself() {
    let ended = Program::wasi_run().arg("--help").run();
    for part in ["wasi-run", "--dir", "--argv0", "--fuel", "107", "126"] {
        assert!(ended.well().stdout().contains(part), "{part}: {ended}");
    }
}

#[test]
fn the_program_s_name_is_the_file_s_or_as_given() {
    let module = guest::module("guests", "args_and_environment");
    Program::wasi_run().arg(&module).run().with_status(1).complaining(&["argc is 1, not 4"]);
    let given = Program::wasi_run()
        .args(["--argv0", "a-name"])
        .arg(&module)
        .args(["", "two words", "grüße 你好"])
        .run();
    given.with_status(1).complaining(&["count is 0, not 3"]);
}
