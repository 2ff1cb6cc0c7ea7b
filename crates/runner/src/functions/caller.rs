//! The call of a host function, as the function sees it, and the way to call back.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use wasi_core::{Interrupt, TimeLimit};

use super::Outcome;
use crate::error::Error;
use crate::value::{Value, from_value, to_arguments};

/// The name of a newtype struct by which a [`Callable`] asks the deserializer for itself.
pub(super) const CALLABLE: &str = "$python_wasm::Callable";

/// An argument that Python passed to be called: a function, a method, a class.
///
/// It serves [`Caller::call`] during the call that it was passed to. Only an argument itself can be a
/// `Callable`, not an element of a list or a dict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Callable(u32);

impl<'de> Deserialize<'de> for Callable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Callable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("something to call, as an argument of a host function")
            }

            fn visit_u32<E>(self, number: u32) -> Result<Callable, E> {
                Ok(Callable(number))
            }
        }

        deserializer.deserialize_newtype_struct(CALLABLE, Number)
    }
}

/// A message from a function on a thread of its own to the thread that runs Python.
pub(super) enum Message {
    /// The function has ended.
    End(Outcome),
    /// The function calls back.
    Call(Target, Vec<Value>),
}

/// The target of a callback.
pub(super) enum Target {
    /// An argument, by the number that Python knows it by.
    Argument(u32),
    /// A function of the program, by its name.
    Name(String),
}

/// The call that a function of the host is answering.
pub struct Caller {
    /// The number of the call.
    pub(super) id: i64,
    pub(super) tell: Sender<(i64, Message)>,
    pub(super) answers: Receiver<Result<Value, Error>>,
    pub(super) limit: TimeLimit,
    pub(super) interrupt: Interrupt,
    pub(super) tag: Option<Arc<str>>,
}

impl Caller {
    /// Calls an argument that Python passed, with arguments as for [`Python::call`](crate::Python::call).
    ///
    /// Python runs meanwhile, and may call functions of the host in turn. An exception there is an
    /// [`Error::Exception`]. A function that fails with it lets it pass; if the function fails with
    /// another error, the exception becomes its cause. After [`Error::Interrupted`] or a limit's error,
    /// Python raises that error whatever the function returns. [`Error::Unusable`] if Python no longer
    /// waits for the function.
    pub fn call<T: DeserializeOwned>(
        &self,
        function: &Callable,
        arguments: impl Serialize,
    ) -> Result<T, Error> {
        self.ask(Target::Argument(function.0), arguments)
    }

    /// Calls a function of the program by its name, which may be dotted, as
    /// [`Python::call`](crate::Python::call) does.
    pub fn call_name<T: DeserializeOwned>(&self, name: &str, arguments: impl Serialize) -> Result<T, Error> {
        self.ask(Target::Name(name.to_owned()), arguments)
    }

    fn ask<T: DeserializeOwned>(&self, target: Target, arguments: impl Serialize) -> Result<T, Error> {
        let gone = || Error::Unusable("python no longer waits for this function of the host".into());
        let arguments = to_arguments(&arguments)?;
        self.tell.send((self.id, Message::Call(target, arguments))).map_err(|_| gone())?;
        Ok(from_value(self.answers.recv().map_err(|_| gone())??)?)
    }

    /// Returns the tag of the sandbox that calls, if [`PythonBuilder::tag`](crate::PythonBuilder::tag) gave it
    /// one.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the moment at which the surrounding call into Python runs out of time, if time is limited.
    ///
    /// Time in the function counts. Python is stopped on time and does not wait for the function, but
    /// the function itself cannot be stopped: a long one looks at this, or at
    /// [`is_stopping`](Self::is_stopping).
    pub fn deadline(&self) -> Option<Instant> {
        self.limit.end()
    }

    /// Whether the result is no longer wanted, because Python is interrupted or out of time.
    pub fn is_stopping(&self) -> bool {
        self.interrupt.pending().is_some() || self.limit.is_over()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("tag", &self.tag)
            .field("deadline", &self.deadline())
            .finish_non_exhaustive()
    }
}
