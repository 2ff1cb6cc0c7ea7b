//! No page of the process ever becomes executable, and the binary contains no compiler.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use python_wasm_tests::{Program, binary};

fn jailed() -> Program {
    Program::at(Path::new(env!("CARGO_BIN_EXE_jailed")))
}

const CODE: &str = "import json, sys; print(json.dumps(sum(range(100_000)))); sys.exit(7)";

#[test]
fn python_runs_where_the_kernel_refuses_new_code() {
    let program = jailed().variable("JAILED_PROGRAM", binary::path("python-wasm"));
    assert_eq!(program.args(["-c", CODE]).run().with_status(7).stdout(), "4999950000\n");
}

#[test]
fn python_runs_where_the_kernel_kills_for_asking_for_new_code() {
    assert_eq!(jailed().args(["-c", CODE]).run().with_status(7).stdout(), "4999950000\n");
}

#[test]
fn a_deadline_and_a_deep_recursion_need_no_new_code_either() {
    jailed().args(["--timeout", "0.5", "-c", "while True: pass"]).run().refused(102, &["--timeout"]);
    let deep = "import sys\nsys.setrecursionlimit(10**6)\nx = []\nfor _ in range(10**5): x = [x]\n\
        try: repr(x)\nexcept RecursionError: print('refused')";
    jailed().args(["-c", deep]).run().well().printing("refused\n");
}

#[test]
fn the_binary_has_no_compiler() {
    let bytes = fs::read(binary::path("python-wasm")).unwrap();
    for symbol in ["cranelift_codegen", "wasmtime_internal_cranelift", "winch_codegen", "regalloc2"] {
        let found = bytes.windows(symbol.len()).any(|window| window == symbol.as_bytes());
        assert!(!found, "{symbol} is in the binary");
    }
    // The search can find names: the interpreter's is there.
    assert!(bytes.windows(5).any(|window| window == b"wasmi"));
}
