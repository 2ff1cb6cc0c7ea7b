//! The calls that are under way: the messages of Python's side (`cpython/guest/_python_wasm_functions.py`)
//! and their answers, both tuples in marshal's format.
//!
//! A function that calls back runs on a thread of its own. Python asks the host, is told what to call,
//! calls it like any code of its own, and asks again with the result. So no call into the interpreter
//! is ever made inside of another, and everything that stops Python stops a callback, too.
//!
//! | Python sends | and is answered |
//! |---|---|
//! | `("call", name, arguments, callables)` | any of the below |
//! | `("start", name, arguments, callables)` | `("running", id)` or `("error", ...)` |
//! | `("resume", id, answer)`, `("wait", id)` | any of the below |
//! | `("abandon", id)` | `("value", None)` |
//!
//! The answers are `("value", value)`, `("error", type or None, message)`, where an empty type stands for
//! the exception of the last callback, `("running", id)`, after which Python looks for interrupts and
//! waits again, and `("call", id, number or name, arguments)`.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use wasi_core::WasiCtx;

use super::caller::{Caller, Message, Target};
use super::typed::Argument;
use super::{Body, Functions, Outcome, Raise};
use crate::answer;
use crate::error::Error;
use crate::value::{Value, marshal};

/// How many functions may be under way at once: nested ones that wait for each other, and awaited ones.
const MAX_RUNNING: usize = 64;

/// How long the thread that runs Python waits between looks at interrupts and the deadline.
const LOOK: Duration = Duration::from_millis(5);

/// The calls of one interpreter. Dropping it abandons functions that have not ended; they learn of it the
/// next time they call back.
#[derive(Default)]
pub(crate) struct Calls {
    running: HashMap<i64, Running>,
    next: i64,
    /// The time that Python spent waiting for functions.
    pub(crate) time: Duration,
}

/// A function on a thread of its own.
struct Running {
    messages: Receiver<Message>,
    answer: Sender<Result<Value, Error>>,
    /// The function's name, for errors about it.
    name: String,
}

impl Calls {
    /// Abandons the calls of a request that has ended.
    pub(crate) fn clear(&mut self) {
        self.running.clear();
    }

    /// Answers one message; `None` if it makes no sense.
    pub(crate) fn answer(
        &mut self,
        functions: &Functions,
        wasi: &WasiCtx,
        message: &[u8],
    ) -> Option<Vec<u8>> {
        let begun = Instant::now();
        let answer = self.dispatch(functions, wasi, message)?;
        self.time += begun.elapsed();
        let mut bytes = Vec::new();
        if let Err(error) = marshal::write(&answer, &mut bytes) {
            bytes.clear();
            marshal::write(&raised("the result", Raise::type_error(error.to_string())), &mut bytes).ok()?;
        }
        Some(bytes)
    }

    fn dispatch(&mut self, functions: &Functions, wasi: &WasiCtx, message: &[u8]) -> Option<Value> {
        let Ok(Value::Tuple(mut parts)) = marshal::read(message) else { return None };
        parts.reverse();
        let mut next = || parts.pop();
        let (Value::Str(kind), subject) = (next()?, next()?) else { return None };
        match (kind.as_str(), subject) {
            (kind @ ("call" | "start"), Value::Str(name)) => {
                let (Value::Tuple(values), Value::Dict(callables)) = (next()?, next()?) else { return None };
                let arguments = arguments(values, &callables);
                let Some(body) = functions.0.get(&name).cloned() else {
                    let message = format!("the host has no function {name}");
                    return Some(raised(&name, Raise::new("NameError", message)));
                };
                Some(self.call(body, &name, arguments, kind == "call", wasi))
            }
            ("resume", Value::Int(id)) => {
                let answer = answer::read(next()?);
                // If the function has ended meanwhile, `wait` finds that out.
                let _sent = self.running.get(&id)?.answer.send(answer);
                Some(self.wait(id, wasi))
            }
            ("wait", Value::Int(id)) if self.running.contains_key(&id) => Some(self.wait(id, wasi)),
            ("abandon", Value::Int(id)) => {
                self.running.remove(&id);
                Some(("value", Value::None).into_answer())
            }
            _ => None,
        }
    }

    /// Calls a function. One on a thread of its own is only started, unless `to_end`.
    fn call(
        &mut self,
        body: Body,
        name: &str,
        arguments: Vec<Argument>,
        to_end: bool,
        wasi: &WasiCtx,
    ) -> Value {
        let id = match body {
            Body::Plain(function) => return ended(name, guarded(|| function(arguments))),
            Body::Awaited(function) => self.begin(name, wasi, move |_| function(arguments)),
            Body::Calling(function) => self.begin(name, wasi, move |caller| function(caller, arguments)),
        };
        match id {
            Ok(id) if to_end => self.wait(id, wasi),
            Ok(id) => running(id),
            Err(raise) => raised(name, raise),
        }
    }

    /// Starts a function on a thread of its own.
    fn begin(
        &mut self,
        name: &str,
        wasi: &WasiCtx,
        function: impl FnOnce(&Caller) -> Outcome + Send + 'static,
    ) -> Result<i64, Raise> {
        if self.running.len() == MAX_RUNNING {
            let message = format!("more than {MAX_RUNNING} functions of the host are under way");
            return Err(Raise::new("RecursionError", message));
        }
        let (tell, messages) = channel();
        let (answer, answers) = channel();
        let interrupt = wasi.interrupt().clone();
        let caller = Caller { tell, answers, limit: wasi.time_limit().clone(), interrupt };
        let run = move || {
            let outcome = guarded(|| function(&caller));
            // Python may no longer wait for it.
            let _sent = caller.tell.send(Message::End(outcome));
        };
        let thread = std::thread::Builder::new().name(format!("host function {name}"));
        thread.spawn(run).map_err(|error| Raise::new("OSError", error.to_string()))?;
        self.next += 1;
        self.running.insert(self.next, Running { messages, answer, name: name.to_owned() });
        Ok(self.next)
    }

    /// Waits for a message of the function, but not past an interrupt or the deadline.
    fn wait(&mut self, id: i64, wasi: &WasiCtx) -> Value {
        let Some(function) = self.running.get(&id) else { return running(id) };
        loop {
            match function.messages.recv_timeout(LOOK) {
                Ok(Message::Call(target, arguments)) => {
                    let target = match target {
                        Target::Argument(number) => Value::Int(number.into()),
                        Target::Name(name) => Value::Str(name),
                    };
                    let parts = vec!["call".into(), Value::Int(id), target, Value::Tuple(arguments)];
                    return Value::Tuple(parts);
                }
                Ok(Message::End(outcome)) => {
                    let answer = ended(&function.name, outcome);
                    self.running.remove(&id);
                    return answer;
                }
                Err(RecvTimeoutError::Timeout) => {
                    if wasi.check_stop().is_err() || wasi.interrupt().pending().is_some() {
                        return running(id);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let answer = raised(&function.name, Raise::new("RuntimeError", "its thread is gone"));
                    self.running.remove(&id);
                    return answer;
                }
            }
        }
    }
}

/// Pairs the arguments with the numbers of those that can be called.
fn arguments(values: Vec<Value>, callables: &[(Value, Value)]) -> Vec<Argument> {
    let number_of = |index: usize| {
        let found = callables.iter().find(|(place, _)| *place == Value::Int(index as i64));
        match found {
            Some((_, Value::Int(number))) => u32::try_from(*number).ok(),
            _ => None,
        }
    };
    let numbered = values.into_iter().enumerate();
    numbered.map(|(index, value)| Argument { value, callable: number_of(index) }).collect()
}

/// Runs a function so that a panic in it becomes an exception in Python.
fn guarded(function: impl FnOnce() -> Outcome) -> Outcome {
    catch_unwind(AssertUnwindSafe(function)).unwrap_or_else(|panic| {
        Err(Raise::new("RuntimeError", format!("the host's code panicked: {}", text_of(&*panic))))
    })
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

fn running(id: i64) -> Value {
    ("running", Value::Int(id)).into_answer()
}

fn ended(name: &str, outcome: Outcome) -> Value {
    match outcome {
        Ok(value) => ("value", value).into_answer(),
        Err(raise) => raised(name, raise),
    }
}

/// The answer for an exception. A `TypeError`, which is mostly the library's own, names the function.
fn raised(name: &str, Raise { type_name, message }: Raise) -> Value {
    let message = match type_name.as_deref() {
        Some("TypeError") => format!("{name}(): {message}"),
        _ => message,
    };
    let type_name = type_name.map_or(Value::None, Value::Str);
    Value::Tuple(vec!["error".into(), type_name, message.into()])
}

trait IntoAnswer {
    fn into_answer(self) -> Value;
}

impl IntoAnswer for (&str, Value) {
    fn into_answer(self) -> Value {
        Value::Tuple(vec![self.0.into(), self.1])
    }
}
