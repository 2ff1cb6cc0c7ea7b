//! Values between Rust and the real Python, both ways.

use std::cell::RefCell;
use std::collections::HashMap;

use num_bigint::BigInt;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use python_wasm::{Error, Python, Value};

fn python() -> Python {
    Python::builder().build().unwrap()
}

/// A value that Python can hold under a name: its sets and keys are hashable and distinct.
fn values() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        any::<i64>().prop_map(Value::Int),
        any::<String>().prop_map(Value::Str),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
    ];
    let big = (any::<bool>(), prop::collection::vec(any::<u8>(), 0..60)).prop_map(|(negative, bytes)| {
        let number = BigInt::from_bytes_le(num_bigint::Sign::Plus, &bytes);
        Value::integer(if negative { -number } else { number })
    });
    let leaf = prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        big,
        any::<f64>().prop_filter("NaN", |number| !number.is_nan()).prop_map(Value::Float),
        key.clone(),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let keys = prop::collection::hash_map("[a-z]{0,4}", inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            prop::collection::vec(inner, 0..6).prop_map(Value::Tuple),
            keys.prop_map(|map| Value::Dict(
                map.into_iter().map(|(key, value)| (key.into(), value)).collect()
            )),
            // Of one: the order of a larger one is Python's own.
            key.clone().prop_map(|item| Value::Set(vec![item])),
        ]
    })
}

#[test]
fn a_value_comes_back_from_python_as_it_went() {
    // The runner takes no mutable closure.
    let py = RefCell::new(python());
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(100) });
    let result = runner.run(&values(), |value| {
        let mut py = py.borrow_mut();
        py.set("value", &value).unwrap();
        prop_assert_eq!(py.get::<Value>("value").unwrap(), value);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn every_python_type_has_its_value() {
    let mut py = python();
    let table = [
        ("None", Value::None),
        ("2 ** 31", Value::Int(1 << 31)),
        ("-2 ** 63", Value::Int(i64::MIN)),
        ("2 ** 100", Value::BigInt(BigInt::from(1_u8) << 100_u8)),
        ("float('-inf')", Value::Float(f64::NEG_INFINITY)),
        ("'\\u00e9\\U0001f40d'", "é🐍".into()),
        ("bytearray(b'\\x00\\xff')", Value::Bytes(vec![0, 255])),
        ("memoryview(b'ab')", Value::Bytes(b"ab".to_vec())),
        (
            "range(3)",
            Value::Object(python_wasm::Object { type_name: "range".into(), repr: "range(0, 3)".into() }),
        ),
        (
            "[(), [1], {2}, frozenset({3})]",
            Value::List(vec![
                Value::Tuple(vec![]),
                Value::List(vec![Value::Int(1)]),
                Value::Set(vec![Value::Int(2)]),
                Value::Set(vec![Value::Int(3)]),
            ]),
        ),
        (
            "{'b': 1, (1, 'a'): 2}",
            Value::Dict(vec![
                ("b".into(), Value::Int(1)),
                (Value::Tuple(vec![Value::Int(1), "a".into()]), Value::Int(2)),
            ]),
        ),
        ("__import__('http').HTTPStatus.OK", Value::Int(200)),
        (
            "__import__('collections').namedtuple('P', 'x y')(1, 2)",
            Value::Tuple(vec![Value::Int(1), Value::Int(2)]),
        ),
    ];
    for (expression, expected) in table {
        assert_eq!(py.eval::<Value>(expression).unwrap(), expected, "{expression}");
    }
    assert!(py.eval::<f64>("float('nan')").unwrap().is_nan());
}

#[test]
fn rust_types_go_in_and_come_out() {
    let mut py = python();
    py.set("prices", &HashMap::from([("apple", 1.5)])).unwrap();
    assert_eq!(py.eval::<i64>("int(prices['apple'] * 2)").unwrap(), 3);
    py.exec("def f(a, b=0, *rest): return [a, b, *rest]").unwrap();
    assert_eq!(py.call::<Vec<i64>>("f", (1, 2)).unwrap(), [1, 2]);
    assert_eq!(py.call::<Vec<i64>>("f", 5).unwrap(), [5, 0]);
    py.exec("def args(*args): return repr(args)").unwrap();
    let mut args = |arguments: &dyn Fn(&mut Python) -> Result<String, Error>| arguments(&mut py).unwrap();
    assert_eq!(args(&|py| py.call("args", ())), "()");
    assert_eq!(args(&|py| py.call("args", None::<i64>)), "(None,)");
    assert_eq!(args(&|py| py.call("args", Some(1))), "(1,)");
    assert_eq!(args(&|py| py.call("args", Value::None)), "(None,)");
    assert_eq!(args(&|py| py.call("args", (1.0, 2.0))), "(1.0, 2.0)");
    assert_eq!(args(&|py| py.call("args", [1.0, 2.0])), "((1.0, 2.0),)");
    assert_eq!(args(&|py| py.call("args", b"ab")), "((97, 98),)");
    assert_eq!(args(&|py| py.call("args", Value::Bytes(b"ab".to_vec()))), "(b'ab',)");
    assert_eq!(args(&|py| py.call("args", Value::Tuple(vec![Value::Int(1), Value::None]))), "(1, None)");
    assert_eq!(args(&|py| py.call("args", ((1, 2),))), "((1, 2),)");
    assert_eq!(py.call::<Option<String>>("str.upper", "a").unwrap().as_deref(), Some("A"));
    assert_eq!(py.call::<Vec<i64>>("list", ()).unwrap(), Vec::<i64>::new());
}

#[test]
fn what_has_no_form_outside_is_refused_by_name() {
    let mut py = python();
    let conversion = |error: Error| match error {
        Error::Conversion(error) => error.to_string(),
        other => panic!("{other:?}"),
    };
    py.exec("loop = []\nloop.append(loop)\ndeep = None\nfor _ in range(300): deep = [deep]").unwrap();
    assert_eq!(conversion(py.get::<Value>("loop").unwrap_err()), "the value contains itself");
    assert_eq!(
        conversion(py.get::<Value>("deep").unwrap_err()),
        "the value is nested deeper than 200 levels"
    );
    assert!(conversion(py.eval::<Value>("'a\\ud800'").unwrap_err()).contains("lone surrogate at byte 1"));
    assert!(conversion(py.eval::<u8>("256").unwrap_err()).contains("expected u8"));
    assert!(
        conversion(py.eval::<Value>("[0] * 20_000_000").unwrap_err()).contains("more than 16777216 elements")
    );
    let object: Value = py.eval("object").unwrap();
    assert!(conversion(py.set("o", &object).unwrap_err()).contains("type object <class 'object'>"));
    assert_eq!(py.eval::<i64>("1").unwrap(), 1, "and the session goes on");
}

#[test]
fn a_subclass_cannot_change_what_leaves() {
    let mut py = python();
    py.exec(
        "class L(list):\n  def __iter__(self): raise SystemExit(3)\n  def __len__(self): return 9\n\
         class S(str):\n  def __str__(self): return 'other'\n\
         class R:\n  def __repr__(self): raise RuntimeError",
    )
    .unwrap();
    assert_eq!(py.eval::<Vec<String>>("L([S('a')])").unwrap(), ["a"]);
    let Value::Object(object) = py.eval("R()").unwrap() else { panic!() };
    assert_eq!((object.type_name.as_str(), object.repr.as_str()), ("R", "<unprintable R object>"));
}
