//! The format against bytes that CPython wrote, against itself, and against noise.

use proptest::prelude::*;

use super::*;

/// Values of every kind. Not NaN, which is not equal to itself.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let big = (any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(negative, bytes)| {
        Value::integer(BigInt::from_bytes_le(if negative { Sign::Minus } else { Sign::Plus }, &bytes))
    });
    let leaf = prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        big,
        any::<f64>().prop_filter("NaN", |number| !number.is_nan()).prop_map(Value::Float),
        any::<String>().prop_map(Value::Str),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
        (any::<String>(), any::<String>())
            .prop_map(|(type_name, repr)| Value::Object(Object { type_name, repr })),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Tuple),
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Set),
            prop::collection::vec((inner.clone(), inner), 0..8).prop_map(Value::Dict),
        ]
    })
}

proptest! {
    #[test]
    fn a_value_is_read_as_it_was_written(value in values()) {
        let mut bytes = Vec::new();
        write_whole(&value, &mut bytes).unwrap();
        prop_assert_eq!(read(&bytes), Ok(value));
    }

    #[test]
    fn a_value_cut_anywhere_is_an_error(value in values(), cut in any::<prop::sample::Index>()) {
        let mut bytes = Vec::new();
        write_whole(&value, &mut bytes).unwrap();
        bytes.truncate(cut.index(bytes.len()));
        prop_assert_eq!(read(&bytes), Err(DecodeError::Truncated));
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _either = read(&bytes);
    }

    /// Noise that looks more like values than plain noise does.
    #[test]
    fn a_flipped_byte_is_a_value_or_an_error(
        value in values(),
        at in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let mut bytes = Vec::new();
        write_whole(&value, &mut bytes).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let _either = read(&bytes);
    }
}

fn written(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, &mut bytes).unwrap();
    bytes
}

#[test]
fn integers_look_as_cpython_writes_them() {
    let table: [(BigInt, &[u8]); 6] = [
        (1.into(), b"i\x01\0\0\0"),
        ((-1).into(), b"i\xff\xff\xff\xff"),
        ((1_i64 << 31).into(), b"l\x03\0\0\0\0\0\0\0\x02\0"),
        ((1_i64 << 40).into(), b"l\x03\0\0\0\0\0\0\0\0\x04"),
        (-(BigInt::from(1_u8) << 70_u8), b"l\xfb\xff\xff\xff\0\0\0\0\0\0\0\0\0\x04"),
        (i64::MIN.into(), b"l\xfb\xff\xff\xff\0\0\0\0\0\0\0\0\x08\0"),
    ];
    for (number, bytes) in table {
        let value = Value::integer(number);
        assert_eq!(written(&value), bytes, "{value:?}");
        assert_eq!(read(bytes), Ok(value));
    }
}

#[test]
fn a_set_is_frozen_where_python_needs_to_hash_it() {
    let set = || Value::Set(vec![Value::None]);
    assert_eq!(written(&set()), b"<\x01\0\0\0N");
    assert_eq!(written(&Value::Set(vec![set()])), b"<\x01\0\0\0>\x01\0\0\0N");
    let key = Value::Tuple(vec![set()]);
    assert_eq!(written(&Value::Dict(vec![(key, set())])), b"{(\x01\0\0\0>\x01\0\0\0N<\x01\0\0\0N0");
}

#[test]
fn an_object_is_not_written_for_python() {
    let object = Value::Object(Object { type_name: "C".into(), repr: "<C>".into() });
    let error = write(&object, &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "the C object <C> cannot be passed to Python");
}

#[test]
fn depth_is_bounded_in_both_directions() {
    let nested = |levels: usize| (0..levels).fold(Value::None, |value, _| Value::List(vec![value]));
    let deepest = nested(Value::MAX_DEPTH);
    assert_eq!(read(&written(&deepest)), Ok(deepest));
    assert!(write(&nested(Value::MAX_DEPTH + 1), &mut Vec::new()).is_err());
    let bomb = b"[\x01\0\0\0".repeat(100_000);
    assert_eq!(read(&bomb), Err(DecodeError::Depth));
}

#[test]
fn a_length_that_lies_reserves_nothing() {
    assert_eq!(read(b"[\xff\xff\xff\0"), Err(DecodeError::Truncated));
    assert_eq!(read(b"[\xff\xff\xff\x7f"), Err(DecodeError::Elements));
    assert_eq!(read(b"[\xff\xff\xff\xff"), Err(DecodeError::Length));
    assert_eq!(read(b"u\xff\xff\xff\x7f"), Err(DecodeError::Truncated));
    assert_eq!(read(b"l\0\0\0\x80"), Err(DecodeError::Truncated));
}

#[test]
fn what_is_no_value_is_named() {
    assert_eq!(read(b"R\0\0\0\0"), Err(DecodeError::TypeCode(b'R')));
    assert_eq!(read(b"NN"), Err(DecodeError::Trailing(1)));
    assert_eq!(read(b"l\x01\0\0\0\0\x80"), Err(DecodeError::Digit));
    assert_eq!(read(b"u\x04\0\0\0a\xed\xa0\x80"), Err(DecodeError::Surrogate(1)));
    assert_eq!(read(b"(\x03\0\0\0.NN"), Err(DecodeError::Object));
}
