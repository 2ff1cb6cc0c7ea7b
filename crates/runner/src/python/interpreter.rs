//! A guest with its streams: makes calls, and gathers what they print and cost.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::guest::Guest;
use super::output::{Counts, Output, Printed};
use super::{Snapshot, Stdio};
use crate::error::Error;
use crate::trace::{self, Cost};
use crate::value::Value;

/// What a [`Python`](super::Python) consists of.
pub(super) struct Interpreter {
    pub(super) guest: Guest,
    pub(super) stdio: Stdio,
    pub(super) args: Vec<String>,
    /// What Python must be told before it runs anything: operations of the agent.
    ahead: VecDeque<(&'static str, Vec<Value>)>,
    /// What was printed and not taken.
    printed: Printed,
    /// The numbers when the last [`Output`] was taken.
    taken: Counts,
    wall: Duration,
}

impl Interpreter {
    pub(super) fn new(guest: Guest, stdio: Stdio, args: Vec<String>) -> Self {
        Self {
            guest,
            stdio,
            args,
            ahead: VecDeque::new(),
            printed: Printed::default(),
            taken: Counts::default(),
            wall: Duration::ZERO,
        }
    }

    /// Lets Python be told something before it runs anything else.
    pub(super) fn tell_ahead(&mut self, operation: &'static str, arguments: Vec<Value>) {
        self.ahead.push_back((operation, arguments));
    }

    /// Lets Python be told whatever has to do with its functions and streams.
    pub(super) fn tell_surroundings(&mut self) {
        for (operation, arguments) in self.guest.surroundings() {
            self.tell_ahead(operation, arguments);
        }
        self.tell_streams();
    }

    pub(super) fn tell_streams(&mut self) {
        if self.stdio.is_watched() {
            self.tell_ahead("stream_lines", Vec::new());
        }
    }

    pub(super) fn tell_args(&mut self) {
        if !self.args.is_empty() {
            let argv = self.args.iter().map(|arg| arg.as_str().into()).collect();
            self.tell_ahead("start", vec![Value::List(argv)]);
        }
    }

    /// Goes back to a state, and drops what was printed and not taken.
    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        self.guest.restore(&snapshot.state, self.stdio.streams()?)?;
        self.args.clone_from(&snapshot.args);
        self.printed.gather(&self.stdio);
        self.printed.take();
        self.ahead.clear();
        self.tell_streams();
        Ok(())
    }

    /// Starts Python unless it has started, and tells it what it must know.
    pub(super) fn init(&mut self) -> Result<(), Error> {
        self.guest.start()?;
        while let Some((operation, arguments)) = self.ahead.front().cloned() {
            self.guest.request(operation, arguments)?;
            self.ahead.pop_front();
        }
        Ok(())
    }

    /// Returns what was printed since the last [`Output`], and what that cost.
    pub(super) fn take_output(&mut self) -> Output {
        self.printed.gather(&self.stdio);
        let (stdout, stderr) = self.printed.take();
        let instance = self.guest.instance();
        let host = instance.state().calls.time;
        let now = Counts { fuel: instance.fuel(), host, wasi: instance.wasi().stats() };
        let before = std::mem::replace(&mut self.taken, now);
        let stats = now.since(&before, std::mem::take(&mut self.wall), instance.memory_size());
        Output { stdout, stderr, stats }
    }

    /// Makes one call for what it prints.
    pub(super) fn run(&mut self, operation: &str, arguments: Vec<Value>) -> Result<Output, Error> {
        self.ask(operation, arguments, |_none| Ok(()))?;
        Ok(self.take_output())
    }

    /// Makes one call, and reads the value that it returns.
    pub(super) fn ask<T>(
        &mut self,
        operation: &str,
        arguments: Vec<Value>,
        read: impl FnOnce(Value) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.printed.begin();
        // What was not taken counts, so that no number of calls fills the host's memory.
        let output = self.guest.limits().output.saturating_sub(self.printed.len());
        self.guest.allow_output(output);
        let (span, fuel) = (trace::Exec::begin(operation), self.guest.instance().fuel());
        let (answer, time) = span.within(|| {
            let ready = self.init();
            let start = Instant::now();
            (ready.and_then(|()| self.guest.request(operation, arguments)).and_then(read), start.elapsed())
        });
        self.wall += time;
        self.printed.gather(&self.stdio);
        // A writer that failed is not passed over in silence, even if Python was not told any more.
        let answer = match (answer, self.stdio.take_failure()) {
            (Ok(_), Some(failure)) => Err(Error::Io(failure)),
            (answer, _) => answer,
        };
        self.printed.ended(answer.is_err());
        span.end(|| {
            let (instance, error) = (self.guest.instance(), answer.as_ref().err().map(Error::kind));
            Cost { fuel: instance.fuel() - fuel, time, memory: instance.memory_size(), error }
        });
        answer
    }

    /// Notes what it took to make this interpreter.
    pub(super) fn was_spawned(&self, span: trace::Spawn) {
        span.end(|| self.guest.instance().memory_size());
    }
}
