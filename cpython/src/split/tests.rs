use super::*;

/// A module in which function 0 is the host's, 1 and 2 are near, and 3 to 5 the rest: 3 is called from near,
/// 4 is in the table, 5 is called only from the rest.
const MODULE: &str = r#"(module
    (import "host" "f" (func $host (param i32) (result i32)))
    (import "env" "memory" (memory 1))
    (table 2 2 funcref)
    (global $sp (export "sp") (mut i32) (i32.const 0))
    (export "memory" (memory 0))
    (func $near (export "near") (param i32) (result i32) (call $called (local.get 0) (i64.const 1)))
    (func $shared (param i32) (result i32) (global.set $sp (local.get 0)) (local.get 0))
    (func $called (param i32 i64) (result i32) (call $host (call $shared (call $deep (local.get 0)))))
    (func $addressed)
    (func $deep (param i32) (result i32) (i32.load (local.get 0)))
    (elem (i32.const 0) $shared $addressed)
    (data (i32.const 0) "data"))"#;

fn parts(wat: &str) -> Result<Split, SplitError> {
    split(&wat::parse_str(wat).unwrap(), |function| if function < 3 { Part::Near } else { Part::Rest })
}

fn texts(wat: &str) -> (String, String) {
    let Split { near, rest, apart: None } = parts(wat).unwrap() else { panic!("a third part") };
    (wasmprinter::print_bytes(near).unwrap(), wasmprinter::print_bytes(rest).unwrap())
}

#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_function_of_the_rest_is_a_stub_that_calls_it_through_the_shared_table() {
    let (near, _) = texts(MODULE);
    // 0 and 1 are imports, 2 and 3 near, 4 and 5 stubs, 6 fetches the rest.
    assert_has(
        &near,
        &[
            r#"(import "python_wasm" "fetch_rest" (func (;1;)"#,
            "local.get 0\n    i64.const 1\n    call 4\n",
            "call 6\n    local.get 0\n    local.get 1\n    i32.const 0\n    call_indirect 1 (type",
            "call 6\n    i32.const 1\n    call_indirect 1 (type",
            "(table (;1;) 4 4 funcref)",
            r#"(export "near" (func 2))"#,
            r#"(export "python_wasm_shared" (table 1))"#,
        ],
    );
    assert_eq!(
        near.matches("(func (;").count(),
        2 + 2 + 2 + 1,
        "no more functions than are referred to:\n{near}"
    );
    assert!(!near.contains("(data"), "{near}");
}

#[test]
fn addresses_of_functions_do_not_change() {
    let (near, rest) = texts(MODULE);
    assert_has(
        &near,
        &["(elem (;0;) (i32.const 0) func 3 5)", "(elem (;1;) (table 1) (i32.const 2) func 0 3)"],
    );
    // The functions that have a stub are at the indices that the stubs use.
    assert_has(&rest, &["(elem (;0;) (table 1) (i32.const 0) func 2 3)"]);
}

#[test]
fn the_rest_imports_what_it_calls_and_shares() {
    let (_, rest) = texts(MODULE);
    assert_has(
        &rest,
        &[
            r#"(import "near" "2" (func (;0;) "#,
            r#"(import "near" "3" (func (;1;) "#,
            r#"(import "near" "memory" (memory (;0;) 1))"#,
            r#"(import "near" "python_wasm_table0" (table (;0;) 2 2 funcref))"#,
            r#"(import "near" "python_wasm_shared" (table (;1;) 4 4 funcref))"#,
            r#"(import "near" "python_wasm_global0" (global (;0;) (mut i32)))"#,
            // The function without a stub is the last of three, and is called directly.
            "call 4\n    call 1\n    call 0\n",
        ],
    );
}

#[test]
fn a_module_with_unsupported_features_is_refused() {
    for (wat, reason) in [
        ("(module (memory 1))", "does not import its memory"),
        ("(module (func))", "does not import its memory"),
        (r#"(module (import "env" "memory" (memory 1)) (func $f) (start $f))"#, "start function"),
        (
            r#"(module (import "env" "memory" (memory 1)) (func $f) (elem declare func $f)
                (func (drop (ref.func $f))))"#,
            "function",
        ),
        (r#"(module (import "env" "memory" (memory 1)) (import "a" "t" (table 1 funcref)))"#, "imports more"),
        (r#"(module (import "env" "memory" (memory 1)) (data "a") (func (data.drop 0)))"#, "by number"),
    ] {
        let error = parts(wat).unwrap_err().to_string();
        assert!(error.contains(reason), "{wat}: {error}");
    }
    let module = wat::parse_str(MODULE).unwrap();
    assert!(split(&module[..module.len() - 20], |_| Part::Near).is_err(), "a truncated module");
}

#[test]
fn a_watched_function_reports_its_index_once() {
    let watched = watched(&wat::parse_str(MODULE).unwrap()).unwrap();
    let text = wasmprinter::print_bytes(watched).unwrap();
    assert_has(&text, &[r#"(import "python_wasm" "called" (func (;1;)"#, r#"(export "near" (func 2))"#]);
    for number in 1..=5 {
        let entry = format!(
            "global.get {number}\n    i32.eqz\n    if ;; label = @1\n      i32.const 1\n      global.set {number}\n      \
             i32.const {number}\n      call 1\n"
        );
        assert_has(&text, &[&entry]);
    }
}
