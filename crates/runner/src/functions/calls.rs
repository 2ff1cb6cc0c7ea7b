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
//! | `("poll", (id, ...), nanoseconds or None)` | `("ended", id, one of the below)`, `("running", 0)` or `("late", None)` |
//! | `("abandon", id)` | `("value", None)` |
//!
//! The answers are `("value", value)`, `("error", type or None, message)`, where an empty type stands for
//! the exception of the last callback, `("running", id)`, after which Python looks for interrupts and
//! waits again, and `("call", id, number or name, arguments)`. `"poll"` waits for the first of several
//! functions, and no longer than it says: then the answer is `"late"`.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use wasi_core::WasiCtx;

#[cfg(feature = "tokio")]
use super::Pending;
use super::caller::{Caller, Message, Target};
#[cfg(feature = "tokio")]
use super::futures::{End, Task};
use super::threads::{MAX_OWN, Threads};
use super::typed::Argument;
use super::workers::{Worker, Workers};
use super::{Body, Functions, Outcome, Raise};
use crate::answer;
use crate::error::Error;
use crate::panic::caught;
use crate::trace;
use crate::value::{Value, marshal};

/// How long the thread that runs Python waits between looks at interrupts and the deadline.
const LOOK: Duration = Duration::from_millis(5);

/// The calls of one interpreter. Dropping it abandons functions that have not ended; they learn of it the
/// next time they call back.
pub(crate) struct Calls {
    running: HashMap<i64, Running>,
    next: i64,
    /// Where the threads of functions leave their messages, each with the number of its function.
    inbox: Receiver<(i64, Message)>,
    tell: Sender<(i64, Message)>,
    /// All threads that have not ended, those of abandoned functions too.
    threads: Threads,
    /// All functions that are futures and have not been dropped.
    #[cfg(feature = "tokio")]
    futures: Threads,
    workers: Workers,
    /// The time that Python spent waiting for functions.
    pub(crate) time: Duration,
    room: Room,
}

/// What functions may still do within one call into Python.
struct Room {
    calls: u64,
    most_calls: u64,
    time: Duration,
    most_time: Duration,
}

impl Room {
    fn new(most_calls: u64, most_time: Duration) -> Self {
        Self { calls: most_calls, most_calls, time: most_time, most_time }
    }

    /// Counts one more call.
    fn call(&mut self) -> Result<(), Raise> {
        if self.time.is_zero() {
            return Err(self.late());
        }
        let left = self.calls.checked_sub(1);
        self.calls = left.ok_or_else(|| {
            let most = self.most_calls;
            refused(format!("functions of the host may be called {most} times in one call into python"))
        })?;
        Ok(())
    }

    fn late(&self) -> Raise {
        let most = self.most_time.as_secs_f64();
        refused(format!("functions of the host may take {most} s in one call into python"))
    }
}

/// The exception for a function that may not be called, or not be waited for.
fn refused(message: String) -> Raise {
    Raise { type_name: None, message }
}

/// A function on a thread of its own, or one that a runtime polls.
struct Running {
    /// Messages that came while Python waited for another function.
    messages: VecDeque<Message>,
    answer: Sender<Result<Value, Error>>,
    /// The function's name, for errors about it.
    name: String,
    /// The future, if it is one, which is dropped with this.
    #[cfg(feature = "tokio")]
    task: Option<Task>,
    /// Ends with this.
    _span: trace::HostCall,
}

impl Running {
    fn new(name: &str, answer: Sender<Result<Value, Error>>, span: trace::HostCall) -> Self {
        Self {
            messages: VecDeque::new(),
            answer,
            name: name.to_owned(),
            #[cfg(feature = "tokio")]
            task: None,
            _span: span,
        }
    }
}

impl Default for Calls {
    fn default() -> Self {
        let (tell, inbox) = channel();
        Self {
            running: HashMap::new(),
            next: 0,
            inbox,
            tell,
            threads: Threads::default(),
            #[cfg(feature = "tokio")]
            futures: Threads::default(),
            workers: Workers::default(),
            time: Duration::ZERO,
            room: Room::new(u64::MAX, Duration::MAX),
        }
    }
}

impl Calls {
    /// Begins a request, within which functions may be called so often and may take so much time.
    pub(crate) fn allow(&mut self, calls: u64, time: Duration) {
        self.room = Room::new(calls, time);
    }

    /// Abandons the calls of a request that has ended.
    pub(crate) fn clear(&mut self) {
        self.running.clear();
        self.inbox.try_iter().for_each(drop);
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
        let time = begun.elapsed();
        self.time += time;
        self.room.time = self.room.time.saturating_sub(time);
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
                let Some(body) = functions.bodies.get(&name).cloned() else {
                    let message = format!("the host has no function {name}");
                    return Some(raised(&name, Raise::new("NameError", message)));
                };
                if let Err(raise) = self.room.call() {
                    return Some(raised(&name, raise));
                }
                let span = trace::HostCall::begin(&name);
                if let Body::Plain(function) = body {
                    let context = span.context();
                    return Some(ended(&name, guarded(|| context.within(|| function(arguments)))));
                }
                Some(match self.begin(&name, body, arguments, span, functions, wasi) {
                    Ok(id) if kind == "call" => self.wait(id, wasi),
                    Ok(id) => running(id),
                    Err(raise) => raised(&name, raise),
                })
            }
            ("resume", Value::Int(id)) => {
                let answer = answer::read(next()?);
                // If the function has ended meanwhile, `wait` finds that out.
                let _sent = self.running.get(&id)?.answer.send(answer);
                Some(self.wait(id, wasi))
            }
            ("wait", Value::Int(id)) if self.running.contains_key(&id) => Some(self.wait(id, wasi)),
            ("poll", Value::Tuple(ids)) => {
                let ids = ids.iter().map(|id| if let Value::Int(id) = id { Some(*id) } else { None });
                let time = match next()? {
                    Value::None => None,
                    Value::Int(time) => Some(Duration::from_nanos(u64::try_from(time).ok()?)),
                    _ => return None,
                };
                Some(self.poll(&ids.collect::<Option<Vec<_>>>()?, time, wasi))
            }
            ("abandon", Value::Int(id)) => {
                self.running.remove(&id);
                Some(("value", Value::None).into_answer())
            }
            _ => None,
        }
    }

    /// Starts a function where it belongs, and returns its number.
    fn begin(
        &mut self,
        name: &str,
        body: Body,
        arguments: Vec<Argument>,
        span: trace::HostCall,
        functions: &Functions,
        wasi: &WasiCtx,
    ) -> Result<i64, Raise> {
        #[cfg(feature = "tokio")]
        if let Body::Future(function) = &body {
            let future = guarded(|| function(arguments))?;
            return self.begin_future(name, future, span, functions);
        }
        if self.running.len() == MAX_OWN {
            let message = format!("more than {MAX_OWN} functions of the host are under way");
            return Err(Raise::new("RecursionError", message));
        }
        let place = Threads::begin(&self.threads, &functions.threads)
            .map_err(|message| Raise::new("RuntimeError", message))?;
        self.next += 1;
        let id = self.next;
        let (answer, answers) = channel();
        let (interrupt, tell) = (wasi.interrupt().clone(), self.tell.clone());
        let (limit, tag) = (wasi.time_limit().clone(), functions.tag.clone());
        let caller = Caller { id, tell, answers, limit, interrupt, tag };
        let context = span.context();
        let run = move |worker: &Worker| {
            let body = || match body {
                Body::Plain(function) | Body::Awaited(function) => function(arguments),
                Body::Calling(function) => function(&caller, arguments),
                #[cfg(feature = "tokio")]
                Body::Future(_) => unreachable!("it is not on a thread"),
            };
            let outcome = guarded(|| context.within(body));
            // Before anybody learns that it has ended.
            drop(place);
            worker.is_done();
            // Python may no longer wait for it.
            let _sent = caller.tell.send((id, Message::End(outcome)));
        };
        self.workers.run(run).map_err(|error| Raise::new("OSError", error.to_string()))?;
        self.running.insert(id, Running::new(name, answer, span));
        Ok(id)
    }

    /// Starts a function on the runtime.
    #[cfg(feature = "tokio")]
    fn begin_future(
        &mut self,
        name: &str,
        future: Pending,
        span: trace::HostCall,
        functions: &Functions,
    ) -> Result<i64, Raise> {
        let unavailable = |message: String| Raise::new("RuntimeError", message);
        let runtime = functions.runtime.as_ref();
        let runtime = runtime.ok_or_else(|| unavailable(format!("the host has no runtime for {name}")))?;
        let place = Threads::begin_future(&self.futures).map_err(unavailable)?;
        self.next += 1;
        let id = self.next;
        let end = End { id, tell: self.tell.clone(), place: Some(place), is_told: false };
        let task = Task::spawn(runtime, &mut self.workers, future, end, span.context())
            .map_err(|error| Raise::new("OSError", error.to_string()))?;
        // It is no function that calls back.
        let (answer, _) = channel();
        self.running.insert(id, Running { task: Some(task), ..Running::new(name, answer, span) });
        Ok(id)
    }

    /// Abandons a function that its runtime never begins, because its threads wait for Python.
    #[cfg(feature = "tokio")]
    fn stalled(&mut self, id: i64) -> Option<Value> {
        let function = self.running.get(&id)?;
        function.task.as_ref().filter(|task| task.is_stalled())?;
        let message = "the tokio runtime does not begin it, because its threads wait for python: await the \
                       call into python (exec_async), or make it on a thread that is none of the runtime's";
        let answer = raised("", Raise::new("RuntimeError", format!("{}(): {message}", function.name)));
        self.running.remove(&id);
        Some(answer)
    }

    #[cfg(not(feature = "tokio"))]
    #[expect(clippy::unused_self, reason = "there are no futures")]
    fn stalled(&mut self, _id: i64) -> Option<Value> {
        None
    }

    /// Waits for a message of the function, but not past an interrupt or the deadline.
    fn wait(&mut self, id: i64, wasi: &WasiCtx) -> Value {
        let room = Instant::now().checked_add(self.room.time);
        loop {
            if let Some(answer) = self.next_of(id) {
                return answer;
            }
            if is_past(room) {
                return self.too_late(id);
            }
            if let Some(answer) = self.stalled(id) {
                return answer;
            }
            if !self.receive(LOOK) && is_stopping(wasi) {
                return running(id);
            }
        }
    }

    /// Waits for a message of any of the functions, but not for longer than `time`, nor past an interrupt or
    /// the deadline.
    fn poll(&mut self, ids: &[i64], time: Option<Duration>, wasi: &WasiCtx) -> Value {
        let end = time.and_then(|time| Instant::now().checked_add(time));
        let room = Instant::now().checked_add(self.room.time);
        loop {
            while self.receive(Duration::ZERO) {}
            for &id in ids {
                let answer = if self.running.contains_key(&id) {
                    self.next_of(id)
                } else {
                    let message = "the call into python in which it began has ended";
                    Some(raised("", Raise::new("RuntimeError", message)))
                };
                if let Some(answer) = answer {
                    return Value::Tuple(vec!["ended".into(), Value::Int(id), answer]);
                }
            }
            if let Some(&id) = ids.first().filter(|_| is_past(room)) {
                return Value::Tuple(vec!["ended".into(), Value::Int(id), self.too_late(id)]);
            }
            let stalled = ids.iter().find_map(|&id| Some((id, self.stalled(id)?)));
            if let Some((id, answer)) = stalled {
                return Value::Tuple(vec!["ended".into(), Value::Int(id), answer]);
            }
            if is_stopping(wasi) {
                return running(0);
            }
            let left = end.map_or(LOOK, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return ("late", Value::None).into_answer();
            }
            self.receive(left.min(LOOK));
        }
    }

    /// Abandons a function that took too long.
    fn too_late(&mut self, id: i64) -> Value {
        let name = self.running.remove(&id).map(|function| function.name).unwrap_or_default();
        raised(&name, self.room.late())
    }

    /// Takes one message of any function from the inbox. Returns whether there was one within this time.
    fn receive(&mut self, time: Duration) -> bool {
        let Ok((id, message)) = self.inbox.recv_timeout(time) else { return false };
        // An abandoned function is not heard.
        if let Some(function) = self.running.get_mut(&id) {
            function.messages.push_back(message);
        }
        true
    }

    /// Takes the next message of a function, as an answer. `None` if it has sent none.
    fn next_of(&mut self, id: i64) -> Option<Value> {
        let function = self.running.get_mut(&id)?;
        Some(match function.messages.pop_front()? {
            Message::Call(target, arguments) => {
                let target = match target {
                    Target::Argument(number) => Value::Int(number.into()),
                    Target::Name(name) => Value::Str(name),
                };
                Value::Tuple(vec!["call".into(), Value::Int(id), target, Value::Tuple(arguments)])
            }
            Message::End(outcome) => {
                let answer = ended(&function.name, outcome);
                self.running.remove(&id);
                answer
            }
        })
    }
}

fn is_past(end: Option<Instant>) -> bool {
    end.is_some_and(|end| Instant::now() >= end)
}

/// Whether Python is to be told of an interrupt or of its end, rather than to wait.
fn is_stopping(wasi: &WasiCtx) -> bool {
    wasi.check_stop().is_err() || wasi.interrupt().pending().is_some()
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
fn guarded<T>(function: impl FnOnce() -> Result<T, Raise>) -> Result<T, Raise> {
    caught(function).unwrap_or_else(|text| Err(Raise::new("RuntimeError", format!("the host's code {text}"))))
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
