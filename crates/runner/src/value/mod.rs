//! Values that cross between Rust and Python.

mod arguments;
mod de;
pub(crate) mod marshal;
mod ser;

use std::fmt;

use num_bigint::BigInt;

pub(crate) use self::arguments::to_arguments;
pub(crate) use self::de::from_value;
pub(crate) use self::ser::to_value;

/// A Python value outside of Python.
///
/// Subclasses arrive as their base: an `IntEnum` member as its number, an `OrderedDict` as a dict. An
/// object of any other type arrives as an [`Object`], which describes it. Any type with serde can
/// stand where a `Value` can; a `Value` also keeps what serde's data model lacks: the difference
/// between list, tuple and set, keys of any type, integers of any size.
///
/// At most [`Value::MAX_DEPTH`] levels and [`Value::MAX_ELEMENTS`] elements cross at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `bool`.
    Bool(bool),
    /// An `int` that fits.
    Int(i64),
    /// An `int` that does not fit into [`Value::Int`].
    BigInt(BigInt),
    /// `float`, with infinities and NaN.
    Float(f64),
    /// `str`. One with lone surrogates does not convert.
    Str(String),
    /// `bytes`, `bytearray` or `memoryview`.
    Bytes(Vec<u8>),
    /// `list`.
    List(Vec<Value>),
    /// `tuple`.
    Tuple(Vec<Value>),
    /// `dict`, in its order.
    Dict(Vec<(Value, Value)>),
    /// `set` or `frozenset`, in the order in which Python iterates over it. It becomes a `set`, or a
    /// `frozenset` where Python needs one: inside a set, or in a key.
    Set(Vec<Value>),
    /// An object of any other type. It cannot be passed back.
    Object(Object),
}

/// A description of a Python object that has no form outside of Python.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its type, with the module's name unless that is `builtins` or `__main__`.
    pub type_name: String,
    /// Its `repr()`, cut after 4,096 characters.
    pub repr: String,
}

/// Why a value could not be converted between Rust and Python.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConversionError(pub(crate) String);

impl Value {
    /// How deeply containers may be nested.
    pub const MAX_DEPTH: usize = 200;
    /// How many elements a value may have in all of its containers together.
    pub const MAX_ELEMENTS: usize = 1 << 24;

    /// Returns Python's name for the type of this value.
    pub fn type_name(&self) -> &str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::BigInt(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Dict(_) => "dict",
            Self::Set(_) => "set",
            Self::Object(object) => &object.type_name,
        }
    }

    /// Makes the [`Value::Int`] or [`Value::BigInt`] of an integer. Each number has one form.
    pub fn integer(number: impl Into<BigInt>) -> Self {
        let number = number.into();
        i64::try_from(&number).map_or(Self::BigInt(number), Self::Int)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr)
    }
}

macro_rules! from {
    ($($rust:ty => |$value:ident| $body:expr;)*) => {
        $(impl From<$rust> for Value {
            fn from($value: $rust) -> Self {
                $body
            }
        })*
    };
}

from! {
    () => |_unit| Self::None;
    bool => |value| Self::Bool(value);
    i32 => |value| Self::Int(value.into());
    u32 => |value| Self::Int(value.into());
    i64 => |value| Self::Int(value);
    u64 => |value| Self::integer(value);
    BigInt => |value| Self::integer(value);
    f64 => |value| Self::Float(value);
    &str => |value| Self::Str(value.to_owned());
    String => |value| Self::Str(value);
    Vec<u8> => |value| Self::Bytes(value);
    Vec<Value> => |value| Self::List(value);
}

#[cfg(test)]
mod tests;
