//! All that came of a call, as a value that serializes.

use python_wasm::{Error, Limits, Python};
use serde_json::{Value, json};

#[test]
fn a_report_has_the_output_and_the_value_of_code_that_succeeds() {
    let mut py = Python::builder().build().unwrap();
    let report = py.exec_report("import sys\nprint('out')\nprint('err', file=sys.stderr)\n[1, 2]");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        [&json["stdout"], &json["stderr"], &json["value"], &json["error"]],
        [&json!("out\n"), &json!("err\n"), &json!("[1, 2]"), &Value::Null]
    );
    assert!(json["stats"]["fuel"].as_u64().unwrap() > 100, "{json}");
    assert_eq!(json["stats"]["wall"]["secs"], report.output.stats.wall.as_secs());
    assert_eq!(py.exec_report("x = 1").value, None);
}

#[test]
fn a_report_has_what_was_printed_before_the_end_whatever_that_was() {
    let mut py = Python::builder().limits(Limits::default().fuel(20_000_000)).build().unwrap();
    for (source, kind) in [
        ("1 / 0", "Exception"),
        ("raise SystemExit(3)", "Exit"),
        ("while True: pass", "OutOfFuel"),
        ("raise MemoryError", "OutOfMemory"),
        ("import os; os._exit(4)", "Exit"),
        ("1", "Unusable"),
    ] {
        let report = py.exec_report(&format!("print('before', flush=True)\n{source}"));
        let error = report.error.unwrap_or_else(|| panic!("{source}"));
        assert_eq!(error.kind(), kind, "{source}");
        let printed = if kind == "Unusable" { "" } else { "before\n" };
        assert_eq!(report.output.stdout, printed, "{source}");
        assert_eq!(py.take_output().stdout, "", "{source}");
    }
}

#[test]
fn an_exception_serializes_with_all_that_is_known_of_it() {
    let mut py = Python::builder().build().unwrap();
    let source = "
try:
    {}['key']
except KeyError as error:
    error = ValueError('no')
    error.add_note('a note')
    raise error";
    let error = py.exec(source).unwrap_err();
    let json = serde_json::to_value(&error).unwrap();
    let Error::Exception { traceback, .. } = &error else { panic!("{error:?}") };
    assert_eq!(
        json,
        json!({
            "kind": "Exception",
            "message": "no",
            "type_name": "ValueError",
            "frames": [{"file": "<string>", "line": 7, "function": "<module>", "source": "raise error"}],
            "notes": ["a note"],
            "cause": {
                "kind": "Exception",
                "message": "'key'",
                "type_name": "KeyError",
                "frames": [{"file": "<string>", "line": 3, "function": "<module>", "source": "{}['key']"}],
                "notes": [],
                "cause": null,
            },
            "traceback": &**traceback,
        })
    );
}

#[test]
fn other_errors_serialize_with_their_kind_and_what_they_display() {
    let mut py = Python::builder().build().unwrap();
    let exit = py.exec("raise SystemExit(3)").unwrap_err();
    assert_eq!(
        serde_json::to_value(exit).unwrap(),
        json!({"kind": "Exit", "message": "python exited with status 3", "status": 3})
    );
    let refused = py.set("not a name", &1).unwrap_err();
    assert_eq!(
        serde_json::to_value(refused).unwrap(),
        json!({"kind": "Argument", "message": "'not a name' is not an identifier"})
    );
}
