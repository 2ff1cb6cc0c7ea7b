//! What code returns: the value of its last statement, and calls with keywords.

use python_wasm::{Error, Object, Python, Value};

fn value_of(py: &mut Python, source: &str) -> Value {
    py.exec_value(source).unwrap().1
}

#[test]
fn the_value_is_that_of_the_last_statement() {
    let mut py = Python::builder().build().unwrap();
    let (output, value) =
        py.exec_value("import sys\nprint('out')\nprint('err', file=sys.stderr)\n2 ** 70").unwrap();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(value, Value::integer(1_u128 << 70));
    for (source, expected) in [
        ("", Value::None),
        ("x = 1", Value::None),
        ("x", Value::Int(1)),
        ("'a lone string'", "a lone string".into()),
        ("def f():\n    return x\nf() + 1", Value::Int(2)),
        ("for i in range(3):\n    i", Value::None),
        ("(1, [2]); {3: {4}}", Value::Dict(vec![(Value::Int(3), Value::Set(vec![Value::Int(4)]))])),
    ] {
        assert_eq!(value_of(&mut py, source), expected, "{source}");
    }
}

#[test]
fn a_value_without_a_form_outside_is_described_and_no_error() {
    let mut py = Python::builder().build().unwrap();
    let described = |type_name: &str, repr: &str| {
        Value::Object(Object { type_name: type_name.into(), repr: repr.into() })
    };
    assert_eq!(value_of(&mut py, "range(3)"), described("range", "range(0, 3)"));
    assert_eq!(value_of(&mut py, "[range(3)]"), Value::List(vec![described("range", "range(0, 3)")]));
    assert_eq!(
        value_of(&mut py, "x = []\nx.append(x)\nx"),
        described("list", "<list: the value contains itself>")
    );
    assert_eq!(value_of(&mut py, "x = ...\nx"), described("ellipsis", "Ellipsis"));
    let many = described("list", "<list: the value has more than 16777216 elements>");
    assert_eq!(value_of(&mut py, "[0] * (1 << 25)"), many);
}

#[test]
fn what_a_prompt_would_show_is_the_repr_of_the_value() {
    let mut py = Python::builder().build().unwrap();
    let source =
        "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\nprint('hi')\nPoint(1, [2])";
    let (output, shown) = py.exec_repr(source).unwrap();
    assert_eq!((output.stdout.as_str(), shown.as_deref()), ("hi\n", Some("Point(x=1, y=[2])")));
    let mut shown = |source| py.exec_repr(source).unwrap().1;
    assert_eq!(shown("x = 1"), None);
    assert_eq!(shown("None"), None);
    assert_eq!(shown("''").as_deref(), Some("''"));
    assert_eq!(shown("'x' * 10_000").unwrap().len(), 4096 + "...".len());
    let unprintable = "class C:\n    def __repr__(self): 1 / 0\nC()";
    assert_eq!(shown(unprintable).as_deref(), Some("<unprintable C object>"));
    assert!(py.exec_repr("x = 1\nx / 0").unwrap_err().is_exception("ZeroDivisionError"));
    assert_eq!(py.repr("x").unwrap(), "1");
}

#[test]
fn an_error_in_the_last_expression_shows_its_line() {
    let mut py = Python::builder().build().unwrap();
    let error = py.exec_value("print('before')\nx = 1\nx / 0").unwrap_err();
    let Error::Exception { type_name, frames, .. } = &error else { panic!("{error:?}") };
    assert_eq!(type_name, "ZeroDivisionError");
    assert_eq!((frames[0].line, frames[0].source.as_str()), (3, "x / 0"));
    assert_eq!(frames.len(), 1);
    assert_eq!(py.take_output().stdout, "before\n");
    assert!(py.exec_value("1 +").unwrap_err().is_exception("SyntaxError"));
    assert!(matches!(py.exec_value("import sys; sys.exit(4)"), Err(Error::Exit(4))));
}

#[test]
fn keywords_reach_the_function() {
    let mut py = Python::builder().build().unwrap();
    py.exec("def f(*args, **keywords): return args, keywords").unwrap();
    let value = py.call_with_keywords("f", vec![1.into(), Value::None], vec![("k".into(), "v".into())]);
    let keywords = Value::Dict(vec![("k".into(), "v".into())]);
    assert_eq!(value.unwrap(), Value::Tuple(vec![Value::Tuple(vec![1.into(), Value::None]), keywords]));
    let value = py.call_with_keywords("dict", Vec::new(), vec![("a".into(), 1.into())]);
    assert_eq!(value.unwrap(), Value::Dict(vec![("a".into(), 1.into())]));
    assert!(
        py.call_with_keywords("f.missing", Vec::new(), Vec::new())
            .unwrap_err()
            .is_exception("AttributeError")
    );
}

#[test]
fn a_snapshot_is_the_same_in_a_file_and_as_bytes() {
    let mut py = Python::builder().build().unwrap();
    py.exec("x = [1, 2]").unwrap();
    let snapshot = py.snapshot().unwrap();
    let bytes = snapshot.to_bytes().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot");
    snapshot.save(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let mut other = python_wasm::Snapshot::from_bytes(&bytes).unwrap().spawn().unwrap();
    assert_eq!(other.eval::<Vec<i64>>("x").unwrap(), [1, 2]);
    let mut resumed = Python::builder().resume_bytes(&bytes).unwrap();
    assert_eq!(resumed.eval::<Vec<i64>>("x").unwrap(), [1, 2]);
    let error = python_wasm::Snapshot::from_bytes(&bytes[..bytes.len() - 1]).unwrap_err();
    assert!(matches!(error, Error::Snapshot { .. }), "{error:?}");
}
