//! From Rust types to [`Value`], by serde.
//!
//! Structs become dicts with their fields' names, tuples tuples, sequences lists, `None` and `()`
//! become `None`, characters strings. An enum's unit variant is its name, another variant a dict
//! of one pair `{name: content}`, as in serde's JSON.

use num_bigint::BigInt;
use serde::ser::{self, Serialize, SerializeTuple as _};

use super::{ConversionError, Value};

/// Converts a Rust value to the value that Python gets.
pub(crate) fn to_value(value: &(impl Serialize + ?Sized)) -> Result<Value, ConversionError> {
    value.serialize(Serializer { depth: 0 })
}

// Names of newtype structs that no user's type has. They carry what serde's data model lacks; every other
// format writes a newtype struct as its content.
const SET: &str = "$python_wasm::Set";
const BIG_INT: &str = "$python_wasm::BigInt";

impl Serialize for Value {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::BigInt(value) => match (i128::try_from(value), u128::try_from(value)) {
                (Ok(value), _) => serializer.serialize_i128(value),
                (_, Ok(value)) => serializer.serialize_u128(value),
                _ => serializer.serialize_newtype_struct(BIG_INT, &value.to_str_radix(32)),
            },
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Str(value) => serializer.serialize_str(value),
            Self::Bytes(value) => serializer.serialize_bytes(value),
            Self::List(items) => serializer.collect_seq(items),
            Self::Tuple(items) => {
                let mut tuple = serializer.serialize_tuple(items.len())?;
                items.iter().try_for_each(|item| tuple.serialize_element(item))?;
                tuple.end()
            }
            Self::Set(items) => serializer.serialize_newtype_struct(SET, items),
            Self::Dict(pairs) => serializer.collect_map(pairs.iter().map(|(key, value)| (key, value))),
            Self::Object(object) => Err(ser::Error::custom(format_args!(
                "the {} object {} has no form outside of Python",
                object.type_name, object.repr
            ))),
        }
    }
}

/// Makes one [`Value`]; `depth` containers are around it.
#[derive(Clone, Copy)]
struct Serializer {
    depth: usize,
}

impl Serializer {
    fn inner(self) -> Result<Self, ConversionError> {
        if self.depth == Value::MAX_DEPTH {
            return Err(ConversionError(format!(
                "the value is nested deeper than {} levels",
                Value::MAX_DEPTH
            )));
        }
        Ok(Self { depth: self.depth + 1 })
    }

    fn sequence(
        self,
        finish: fn(Vec<Value>) -> Value,
        length: Option<usize>,
    ) -> Result<Sequence, ConversionError> {
        let items = Vec::with_capacity(length.unwrap_or(0).min(4096));
        Ok(Sequence { inner: self.inner()?, items, variant: None, finish })
    }

    fn map(self) -> Result<Map, ConversionError> {
        Ok(Map { inner: self.inner()?, pairs: Vec::new(), key: None, variant: None })
    }
}

/// Makes `{variant: content}`, or returns the content where there is no variant.
fn tagged(variant: Option<&'static str>, content: Value) -> Value {
    match variant {
        None => content,
        Some(name) => Value::Dict(vec![(name.into(), content)]),
    }
}

impl ser::Serializer for Serializer {
    type Ok = Value;
    type Error = ConversionError;
    type SerializeSeq = Sequence;
    type SerializeTuple = Sequence;
    type SerializeTupleStruct = Sequence;
    type SerializeTupleVariant = Sequence;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Map;

    fn serialize_bool(self, value: bool) -> Result<Value, ConversionError> {
        Ok(Value::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Value, ConversionError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<Value, ConversionError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Value, ConversionError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Value, ConversionError> {
        Ok(Value::Int(value))
    }

    fn serialize_i128(self, value: i128) -> Result<Value, ConversionError> {
        Ok(Value::integer(value))
    }

    fn serialize_u8(self, value: u8) -> Result<Value, ConversionError> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<Value, ConversionError> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Value, ConversionError> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Value, ConversionError> {
        Ok(Value::integer(value))
    }

    fn serialize_u128(self, value: u128) -> Result<Value, ConversionError> {
        Ok(Value::integer(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Value, ConversionError> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Value, ConversionError> {
        Ok(Value::Float(value))
    }

    fn serialize_char(self, value: char) -> Result<Value, ConversionError> {
        Ok(Value::Str(value.into()))
    }

    fn serialize_str(self, value: &str) -> Result<Value, ConversionError> {
        Ok(value.into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, ConversionError> {
        Ok(Value::Bytes(value.to_vec()))
    }

    fn serialize_none(self) -> Result<Value, ConversionError> {
        Ok(Value::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ConversionError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ConversionError> {
        Ok(Value::None)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, ConversionError> {
        Ok(Value::None)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, ConversionError> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        content: &T,
    ) -> Result<Value, ConversionError> {
        match (name, content.serialize(self)?) {
            (SET, Value::List(items)) => Ok(Value::Set(items)),
            (BIG_INT, Value::Str(digits)) => BigInt::parse_bytes(digits.as_bytes(), 32)
                .map(Value::integer)
                .ok_or_else(|| ConversionError(format!("{digits:?} is not an integer"))),
            (_, content) => Ok(content),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        content: &T,
    ) -> Result<Value, ConversionError> {
        Ok(tagged(Some(variant), content.serialize(self.inner()?)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Sequence, ConversionError> {
        self.sequence(Value::List, length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Sequence, ConversionError> {
        self.sequence(Value::Tuple, Some(length))
    }

    fn serialize_tuple_struct(self, _name: &'static str, length: usize) -> Result<Sequence, ConversionError> {
        self.sequence(Value::Tuple, Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Sequence, ConversionError> {
        Ok(Sequence { variant: Some(variant), ..self.inner()?.sequence(Value::Tuple, Some(length))? })
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Map, ConversionError> {
        self.map()
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Map, ConversionError> {
        self.map()
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Map, ConversionError> {
        Ok(Map { variant: Some(variant), ..self.inner()?.map()? })
    }
}

/// Gathers a list or tuple.
struct Sequence {
    inner: Serializer,
    items: Vec<Value>,
    variant: Option<&'static str>,
    finish: fn(Vec<Value>) -> Value,
}

impl Sequence {
    fn push(&mut self, item: &(impl Serialize + ?Sized)) -> Result<(), ConversionError> {
        self.items.push(item.serialize(self.inner)?);
        Ok(())
    }

    fn finish(self) -> Value {
        tagged(self.variant, (self.finish)(self.items))
    }
}

/// Implements serde's traits for the kinds of sequences, which are all gathered alike.
macro_rules! sequences {
    ($($kind:ident $element:ident;)*) => {
        $(impl ser::$kind for Sequence {
            type Ok = Value;
            type Error = ConversionError;

            fn $element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ConversionError> {
                self.push(item)
            }

            fn end(self) -> Result<Value, ConversionError> {
                Ok(self.finish())
            }
        })*
    };
}

sequences! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

/// Gathers a dict.
struct Map {
    inner: Serializer,
    pairs: Vec<(Value, Value)>,
    key: Option<Value>,
    variant: Option<&'static str>,
}

impl Map {
    fn finish(self) -> Value {
        tagged(self.variant, Value::Dict(self.pairs))
    }
}

impl ser::SerializeMap for Map {
    type Ok = Value;
    type Error = ConversionError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ConversionError> {
        self.key = Some(key.serialize(self.inner)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ConversionError> {
        let key =
            self.key.take().ok_or_else(|| ConversionError("a map's value came before its key".into()))?;
        self.pairs.push((key, value.serialize(self.inner)?));
        Ok(())
    }

    fn end(self) -> Result<Value, ConversionError> {
        Ok(self.finish())
    }
}

/// Implements serde's traits for structs, whose fields are gathered alike.
macro_rules! structs {
    ($($kind:ident)*) => {
        $(impl ser::$kind for Map {
            type Ok = Value;
            type Error = ConversionError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), ConversionError> {
                self.pairs.push((name.into(), value.serialize(self.inner)?));
                Ok(())
            }

            fn end(self) -> Result<Value, ConversionError> {
                Ok(self.finish())
            }
        })*
    };
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::Error for ConversionError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}
