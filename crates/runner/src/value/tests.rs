//! Conversions by serde, ours and from other formats.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::marshal::tests::values;
use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    name: String,
    price: Option<f64>,
    tags: Vec<String>,
    shape: Shape,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Box { width: i64, height: i64 },
    Line(i64, i64),
}

fn row(shape: Shape) -> Row {
    Row { name: "a".into(), price: None, tags: vec!["x".into()], shape }
}

#[test]
fn rust_types_come_back_as_they_went() {
    for shape in [
        Shape::Point,
        Shape::Circle(1.5),
        Shape::Box { width: 1, height: -2 },
        Shape::Line(i64::MIN, i64::MAX),
    ] {
        let value = to_value(&row(shape)).unwrap();
        let back: Row = from_value(value.clone()).unwrap();
        assert_eq!(to_value(&back).unwrap(), value);
    }
    let map = BTreeMap::from([((1_u8, 'c'), u128::MAX), ((2, 'd'), 0)]);
    assert_eq!(from_value::<BTreeMap<(u8, char), u128>>(to_value(&map).unwrap()).unwrap(), map);
    let numbers = (i128::MIN, u64::MAX, f32::INFINITY, ());
    assert_eq!(from_value::<(i128, u64, f32, ())>(to_value(&numbers).unwrap()).unwrap(), numbers);
}

#[test]
fn a_struct_is_a_dict_in_python() {
    let value = to_value(&row(Shape::Circle(2.0))).unwrap();
    let circle = Value::Dict(vec![("Circle".into(), Value::Float(2.0))]);
    let tags = Value::List(vec!["x".into()]);
    let pairs = [("name", "a".into()), ("price", Value::None), ("tags", tags), ("shape", circle)]
        .map(|(key, value)| (key.into(), value));
    assert_eq!(value, Value::Dict(pairs.into()));
}

#[test]
fn bytes_are_a_vector_of_numbers_too() {
    assert_eq!(from_value::<Vec<u8>>(Value::Bytes(vec![1, 255])).unwrap(), [1, 255]);
}

#[test]
fn what_does_not_fit_is_named() {
    let error = |value| from_value::<u8>(value).unwrap_err().to_string();
    assert_eq!(error(Value::Int(256)), "invalid value: integer `256`, expected u8");
    assert_eq!(error(Value::Str("x".into())), "invalid type: string \"x\", expected u8");
    let huge = Value::integer(BigInt::from(1_u8) << 200_u8);
    assert_eq!(error(huge), "an int of 201 bits fits into no Rust integer; Value::BigInt holds it");
    let object = Value::Object(Object { type_name: "m.C".into(), repr: "<C>".into() });
    assert_eq!(error(object), "the m.C object <C> converts to no Rust type but Value");
}

#[test]
fn values_of_other_formats_convert() {
    let json = r#"{"a": [1, 2.5, null, true, "é"]}"#;
    let value: Value = serde_json::from_str(json).unwrap();
    let items = vec![Value::Int(1), Value::Float(2.5), Value::None, Value::Bool(true), "é".into()];
    assert_eq!(value, Value::Dict(vec![("a".into(), Value::List(items))]));
    assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"a":[1,2.5,null,true,"é"]}"#);
}

#[test]
fn a_value_inside_of_a_rust_type_stays_whole() {
    let set = Value::Set(vec![Value::Tuple(vec![Value::Int(1)])]);
    let map = Value::Dict(vec![("k".into(), set.clone())]);
    assert_eq!(from_value::<HashMap<String, Value>>(map).unwrap()["k"], set);
}

#[test]
fn too_deep_a_value_is_refused_before_it_is_written() {
    let nested = (0..=Value::MAX_DEPTH).fold(Value::None, |value, _| Value::List(vec![value]));
    let error = to_value(&nested).unwrap_err();
    assert_eq!(error.to_string(), "the value is nested deeper than 200 levels");
}

proptest! {
    #[test]
    fn serde_keeps_all_of_a_value(value in values()) {
        prop_assert_eq!(from_value::<Value>(value.clone()), Ok(value.clone()));
        if let Ok(copy) = to_value(&value) {
            prop_assert_eq!(copy, value);
        }
    }
}
