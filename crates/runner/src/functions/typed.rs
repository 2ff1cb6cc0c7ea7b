//! Rust closures as functions of Python values.

use std::any::Any;
use std::fmt::Display;

use serde::Serialize;
use serde::de::{DeserializeOwned, Deserializer, Visitor};

use super::caller::CALLABLE;
use super::{Caller, Outcome, Raise};
use crate::error::Error;
use crate::value::{ConversionError, Value, to_value};

/// A closure of up to eight arguments that Python can call. Arguments and result are any types with serde,
/// or [`Value`]. The closure returns a `Result`, whose error becomes an exception.
pub trait Function<Arguments>: Send + Sync + 'static {
    #[doc(hidden)]
    fn call(&self, arguments: Vec<Argument>) -> Result<Value, Raise>;
}

/// A closure like a [`Function`] whose first argument is a [`Caller`], through which it calls back.
pub trait CallingFunction<Arguments>: Send + Sync + 'static {
    #[doc(hidden)]
    fn call(&self, caller: &Caller, arguments: Vec<Argument>) -> Result<Value, Raise>;
}

/// An error that a function may return: a [`Raise`], or any error that can be displayed.
///
/// An [`Error`] from a callback is raised as what it was: Python's own exception passes through the
/// function as if the function were not there.
pub trait IntoRaise {
    /// Makes the exception for Python.
    fn into_raise(self) -> Raise;
}

impl IntoRaise for Raise {
    fn into_raise(self) -> Raise {
        self
    }
}

impl<E: Display + 'static> IntoRaise for E {
    fn into_raise(self) -> Raise {
        let any: &dyn Any = &self;
        match any.downcast_ref() {
            Some(Error::Exception { type_name, message, .. }) => {
                Raise { type_name: Some(OWN.into()), message: format!("{type_name}: {message}") }
            }
            Some(Error::OutOfMemory | Error::DiskLimit | Error::Interrupted | Error::Exit(_)) => {
                Raise { type_name: Some(OWN.into()), message: self.to_string() }
            }
            _ => Raise { type_name: None, message: self.to_string() },
        }
    }
}

/// Stands in place of a type for the exception of the last callback.
const OWN: &str = "";

/// An argument as it came: its value, and its number in Python if it can be called.
#[doc(hidden)]
#[derive(Debug)]
pub struct Argument {
    pub(super) value: Value,
    pub(super) callable: Option<u32>,
}

/// Takes the arguments one by one, each as the type that the closure wants.
pub(super) struct Arguments {
    left: std::vec::IntoIter<Argument>,
    number: usize,
}

impl Arguments {
    pub(super) fn new(arguments: Vec<Argument>, wanted: usize) -> Result<Self, Raise> {
        if arguments.len() != wanted {
            let plural = if wanted == 1 { "" } else { "s" };
            let given = arguments.len();
            return Err(Raise::type_error(format!("takes {wanted} argument{plural}, and got {given}")));
        }
        Ok(Self { left: arguments.into_iter(), number: 0 })
    }

    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<T, Raise> {
        self.number += 1;
        let argument = self.left.next().ok_or_else(|| Raise::type_error("too few arguments"))?;
        T::deserialize(argument)
            .map_err(|error| Raise::type_error(format!("argument {}: {error}", self.number)))
    }
}

pub(super) fn outcome<T: Serialize, E: IntoRaise>(result: Result<T, E>) -> Outcome {
    let value = result.map_err(IntoRaise::into_raise)?;
    to_value(&value).map_err(|error| Raise::type_error(format!("the result: {error}")))
}

macro_rules! functions {
    ($($count:literal: $($argument:ident)*;)*) => {
        $(
            impl<F, T, E, $($argument),*> Function<($($argument,)*)> for F
            where
                F: Fn($($argument),*) -> Result<T, E> + Send + Sync + 'static,
                T: Serialize,
                E: IntoRaise,
                $($argument: DeserializeOwned,)*
            {
                fn call(&self, arguments: Vec<Argument>) -> Outcome {
                    #[allow(unused_mut, unused_variables, reason = "nothing is taken where there are no arguments")]
                    let mut arguments = Arguments::new(arguments, $count)?;
                    outcome(self($(arguments.next::<$argument>()?),*))
                }
            }

            impl<F, T, E, $($argument),*> CallingFunction<($($argument,)*)> for F
            where
                F: Fn(&Caller, $($argument),*) -> Result<T, E> + Send + Sync + 'static,
                T: Serialize,
                E: IntoRaise,
                $($argument: DeserializeOwned,)*
            {
                fn call(&self, caller: &Caller, arguments: Vec<Argument>) -> Outcome {
                    #[allow(unused_mut, unused_variables, reason = "nothing is taken where there are no arguments")]
                    let mut arguments = Arguments::new(arguments, $count)?;
                    outcome(self(caller, $(arguments.next::<$argument>()?),*))
                }
            }
        )*
    };
}

functions! {
    0: ;
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D G;
    6: A B C D G H;
    7: A B C D G H I;
    8: A B C D G H I J;
}

/// Deserializes like the value itself, except for a [`Callable`](super::Callable).
impl<'de> Deserializer<'de> for Argument {
    type Error = ConversionError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConversionError> {
        self.value.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConversionError> {
        match self.value {
            Value::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConversionError> {
        self.value.deserialize_seq(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, ConversionError> {
        self.value.deserialize_tuple(len, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        match self.callable {
            _ if name != CALLABLE => self.value.deserialize_newtype_struct(name, visitor),
            Some(number) => visitor.visit_u32(number),
            None => Err(ConversionError(format!("a {} cannot be called back", self.value.type_name()))),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConversionError> {
        self.value.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple_struct map struct identifier ignored_any
    }
}
