//! What a function of the host sees of its call, and how it calls back.

use std::fmt;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use wasi_core::Interrupt;

use super::Outcome;
use crate::error::Error;
use crate::value::{Value, from_value, to_value};

/// The name by which an argument that can be called is asked for.
pub(super) const CALLABLE: &str = "$python_wasm::Callable";

/// Something that Python gave as an argument to be called: a function, a method, a class.
///
/// It is good for [`Caller::call`] in the same call of the function that it was given to. Only an
/// argument itself can be one, not what lies inside a list or a dict.
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

/// What a function on a thread of its own tells the thread that runs Python.
pub(super) enum Message {
    /// It has ended.
    Ended(Outcome),
    /// It wants this to be called.
    Call(Target, Vec<Value>),
}

/// What shall be called.
pub(super) enum Target {
    Given(u32),
    Named(String),
}

/// The call that a function of the host is in the middle of.
pub struct Caller {
    pub(super) tell: Sender<Message>,
    pub(super) answers: Receiver<Result<Value, Error>>,
    pub(super) deadline: Option<Instant>,
    pub(super) interrupt: Interrupt,
}

impl Caller {
    /// Calls what Python gave as an argument. A tuple is all the arguments, `()` is none, and anything
    /// else the only one.
    ///
    /// Python runs meanwhile, and may call functions of the host in turn. An exception there is
    /// [`Error::Exception`]: a function that fails with it lets it pass, and it is the cause of any
    /// other error that the function fails with instead. After
    /// [`Error::Interrupted`] and the errors of limits Python goes on with these, whatever the
    /// function returns. [`Error::Unusable`] when nobody waits for the function any more.
    pub fn call<T: DeserializeOwned>(
        &self,
        function: &Callable,
        arguments: impl Serialize,
    ) -> Result<T, Error> {
        self.ask(Target::Given(function.0), arguments)
    }

    /// Calls a function of the program by its name, which may be dotted, as
    /// [`Python::call`](crate::Python::call) does.
    pub fn call_name<T: DeserializeOwned>(&self, name: &str, arguments: impl Serialize) -> Result<T, Error> {
        self.ask(Target::Named(name.to_owned()), arguments)
    }

    fn ask<T: DeserializeOwned>(&self, target: Target, arguments: impl Serialize) -> Result<T, Error> {
        let gone = || Error::Unusable("nobody waits for this function of the host any more".into());
        let arguments = match to_value(&arguments)? {
            Value::Tuple(arguments) => arguments,
            Value::None => Vec::new(),
            argument => vec![argument],
        };
        self.tell.send(Message::Call(target, arguments)).map_err(|_| gone())?;
        Ok(from_value(self.answers.recv().map_err(|_| gone())??)?)
    }

    /// When the call to Python that this is a part of runs out of its time, if it has a limit.
    ///
    /// Time in the function counts. Nothing can stop the function itself: one that takes long looks
    /// at this or at [`is_stopping`](Self::is_stopping). Python is stopped on time, and does not
    /// wait for it.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether nobody wants the result any more: Python is interrupted, or out of time.
    pub fn is_stopping(&self) -> bool {
        self.interrupt.pending().is_some() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
