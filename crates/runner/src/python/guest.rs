//! An interpreter in its sandbox, which answers requests one at a time.

use std::time::{Duration, Instant};

use python_wasm_contract::export::{BUFFER, FINALIZE, GRANT, INITIALIZE, REQUEST, RUN_MAIN};
use python_wasm_engine::{Instance, Outcome, Value as Number};
use python_wasm_sandbox::Limits;
use wasi_core::fs::Dir;
use wasi_core::{Errno, Streams};

use super::host::HostState;
use super::snapshot::{self, GuestState};
use super::start::{Start, start};
use crate::answer::{self, garbled};
use crate::error::Error;
use crate::value::{Value, marshal};

/// The most bytes that one answer may have. No value that a program can use is larger.
const MAX_ANSWER: usize = 256 << 20;

/// One instance of Python, started or not.
pub(crate) struct Guest {
    instance: Instance<HostState>,
    limits: Limits,
    state: State,
    /// Restored from a snapshot that others may share: Python must reseed at its next request.
    renew: bool,
}

enum State {
    /// No code has run yet.
    Fresh,
    /// Python is initialised and no call is under way.
    Ready,
    /// A call ended in the middle of what it did, and left Python's memory inconsistent.
    Lost(Outcome),
    /// Python has ended in good order.
    Finished,
}

/// The time that a program has to end by itself when it is interrupted at the end of its time.
const GRACE: Duration = Duration::from_millis(500);

/// The time and the fuel that starting Python may take beside those of one call: far more than it takes, and
/// an end to a `sitecustomize` that has none.
const START: (Duration, u64) = (Duration::from_secs(10), 1_000_000_000);

/// The fuel that a program has to end by itself: a good deal more than an exception takes on its way out.
const GRACE_FUEL: u64 = 100_000_000;

impl Guest {
    pub(crate) fn new(instance: Instance<HostState>, limits: Limits) -> Self {
        Self { instance, limits, state: State::Fresh, renew: false }
    }

    /// Makes a guest that goes on from a snapshot.
    pub(crate) fn resumed(instance: Instance<HostState>, limits: Limits) -> Self {
        Self { instance, limits, state: State::Ready, renew: true }
    }

    /// Takes the state between two calls, world included.
    pub(crate) fn snapshot(&mut self) -> Result<GuestState, Error> {
        self.start()?;
        let memory = self.instance.snapshot().map_err(Error::of_snapshot)?;
        self.keep(memory)
    }

    /// Takes a state to which one hardly ever goes back.
    pub(crate) fn checkpoint(&mut self) -> Result<GuestState, Error> {
        self.start()?;
        let memory = self.instance.checkpoint().map_err(Error::of_snapshot)?;
        self.keep(memory)
    }

    fn keep(&mut self, memory: python_wasm_engine::Snapshot) -> Result<GuestState, Error> {
        let world = self.instance.wasi().fork(Streams::new()).map_err(snapshot::lost)?;
        Ok(GuestState::new(memory, world, self.instance.state().fork(), self.limits.clone()))
    }

    /// Takes a state whose memory is an image of its own, for many to start from.
    pub(crate) fn settle(&mut self) -> Result<GuestState, Error> {
        self.instance.full_snapshot().map_err(Error::of_snapshot)?;
        self.snapshot()
    }

    /// Goes back, or over, to another state, with these streams. The guest can then be used again,
    /// whatever became of it. The output and fuel it has used stay used. An error changes nothing.
    pub(crate) fn restore(&mut self, state: &GuestState, streams: Streams) -> Result<(), Error> {
        let (wasi, host) = state.world(streams)?;
        self.instance.restore(state.memory()).map_err(Error::of_snapshot)?;
        self.instance.wasi_mut().go_back(wasi);
        // A pending interrupt was meant for the state before.
        self.instance.wasi().interrupt().clear();
        self.instance.state_mut().mounts = host.mounts;
        self.state = State::Ready;
        self.renew = true;
        Ok(())
    }

    /// Starts Python unless it has started.
    pub(crate) fn start(&mut self) -> Result<(), Error> {
        match &self.state {
            State::Fresh => {}
            State::Ready => return Ok(()),
            State::Finished => return Err(Error::Unusable("it has ended".into())),
            State::Lost(outcome) => return Err(Error::Unusable(outcome.to_string())),
        }
        self.limit_start();
        match start(&mut self.instance).map_err(Error::of_engine)? {
            Start::Adopted => {}
            Start::Anew => drop(self.call(INITIALIZE, &[])?),
            Start::Ended(outcome) => return Err(self.lose(outcome)),
        }
        self.state = State::Ready;
        Ok(())
    }

    /// Whether calls can still be made.
    pub(crate) fn is_usable(&self) -> bool {
        matches!(self.state, State::Fresh | State::Ready)
    }

    /// Returns how the call ended that never returned, if there was one.
    pub(crate) fn lost(&self) -> Option<&Outcome> {
        match &self.state {
            State::Lost(outcome) => Some(outcome),
            _ => None,
        }
    }

    pub(crate) fn instance(&self) -> &Instance<HostState> {
        &self.instance
    }

    pub(crate) fn into_instance(self) -> Instance<HostState> {
        self.instance
    }

    pub(crate) fn instance_mut(&mut self) -> &mut Instance<HostState> {
        &mut self.instance
    }

    /// Lets Python find the functions of the host in the module `host`, if there are any.
    pub(crate) fn define_functions(&mut self) -> Result<(), Error> {
        self.start()?;
        let functions = &self.instance.state().functions;
        if !functions.is_empty() {
            let names = functions.names().to_vec();
            self.request("functions", names)?;
        }
        Ok(())
    }

    /// Grants another folder while Python runs. [`Error::Argument`] if that fails.
    pub(crate) fn grant(&mut self, name: &str, dir: Box<dyn Dir>) -> Result<(), Error> {
        self.start()?;
        let refused = |errno: Errno| Error::Argument(format!("{name} cannot be granted: {errno}"));
        self.renew_limits();
        let fd = self.instance.wasi_mut().add_preopen(name, dir).map_err(refused)?;
        // libc looks for granted folders when it starts, and must be told of later ones.
        match self.call(GRANT, &[Number::I32(fd.0 as i32)])? {
            Some(0) => {
                self.instance.state_mut().mounts.push(name.to_owned());
                Ok(())
            }
            errno => Err(Error::Argument(format!("{name} cannot be granted: python says {errno:?}"))),
        }
    }

    /// Asks the agent (`cpython/guest/_python_wasm.py`), with the time and the fuel of one call.
    pub(crate) fn request(&mut self, operation: &str, arguments: Vec<Value>) -> Result<Value, Error> {
        self.start()?;
        self.renew_limits();
        self.ask(operation, arguments)
    }

    /// Asks for something that should take no longer than `time`, when Python is interrupted. After
    /// `grace` more it is stopped. With `grace: None` it is never stopped, because stopping loses the
    /// interpreter.
    pub(crate) fn request_within(
        &mut self,
        time: Duration,
        grace: Option<Duration>,
        operation: &str,
        arguments: Vec<Value>,
    ) -> Result<Value, Error> {
        self.start()?;
        self.renew_limits();
        let wasi = self.instance.wasi_mut();
        wasi.set_deadline(None);
        wasi.warn_at(Instant::now() + time, grace);
        self.ask(operation, arguments)
    }

    fn ask(&mut self, operation: &str, arguments: Vec<Value>) -> Result<Value, Error> {
        let answer = self.ask_once(operation, arguments);
        // Abandons host functions that still run when the request ends.
        self.instance.state_mut().calls.clear();
        answer
    }

    fn ask_once(&mut self, operation: &str, arguments: Vec<Value>) -> Result<Value, Error> {
        let mut request = if std::mem::take(&mut self.renew) { vec!["renewed".into()] } else { Vec::new() };
        request.push(operation.into());
        request.extend(arguments);
        let mut bytes = Vec::new();
        marshal::write(&Value::Tuple(request), &mut bytes)?;
        let answer = self.exchange(&bytes)?;
        answer::read(answer).map_err(|error| match error {
            Error::Interrupted => self.limit_met().unwrap_or(Error::Interrupted),
            error => error,
        })
    }

    /// Returns the limit that the last call was interrupted for, if it was.
    pub(crate) fn limit_met(&self) -> Option<Error> {
        if self.instance.wasi().was_warned() {
            Some(Error::Timeout)
        } else if self.instance.fuel_ended() {
            Some(Error::OutOfFuel)
        } else {
            None
        }
    }

    /// Runs what the command line says, as `python3` does, and returns the exit status. A prompt may
    /// follow.
    pub(crate) fn run_main(&mut self) -> Result<i32, Error> {
        self.start()?;
        self.renew_limits();
        self.call(RUN_MAIN, &[]).map(Option::unwrap_or_default)
    }

    /// Ends Python as `python3` does at its end. Returns the exit status, which is `status` unless
    /// something fails.
    pub(crate) fn finalize(&mut self, status: i32) -> Result<i32, Error> {
        self.start()?;
        self.renew_limits();
        let status = self.call(FINALIZE, &[Number::I32(status)])?;
        self.state = State::Finished;
        Ok(status.unwrap_or_default())
    }

    /// Gives the next call time and fuel of its own, and discards interrupts requested between calls.
    fn renew_limits(&mut self) {
        let fuel = self.instance.fuel().saturating_add(self.limits.fuel);
        self.instance.set_fuel_limit(fuel, GRACE_FUEL);
        let end = self.limits.deadline();
        let wasi = self.instance.wasi_mut();
        wasi.interrupt().take_interrupt();
        wasi.set_deadline(None);
        if let Some(end) = end {
            wasi.warn_at(end, Some(GRACE));
        }
    }

    /// Gives the start its time and fuel. At their end it is stopped: a Python that is interrupted while it
    /// starts ends anyway.
    fn limit_start(&mut self) {
        let (time, fuel) = START;
        let fuel = self.limits.fuel.saturating_add(fuel);
        self.instance.set_fuel_limit(self.instance.fuel().saturating_add(fuel), 0);
        let end = self.limits.deadline();
        let wasi = self.instance.wasi_mut();
        wasi.interrupt().take_interrupt();
        wasi.set_deadline(end.and_then(|end| end.checked_add(time)));
    }

    fn exchange(&mut self, request: &[u8]) -> Result<Value, Error> {
        let size = i32::try_from(request.len()).map_err(|_| {
            Error::Argument(format!("a request of {} bytes does not fit into python's memory", request.len()))
        })?;
        let buffer = self.call(BUFFER, &[Number::I32(size)])?.unwrap_or_default();
        if buffer == 0 {
            return Err(Error::OutOfMemory);
        }
        self.instance.write(buffer as u32, request).map_err(Error::of_engine)?;
        let answer = self.call(REQUEST, &[Number::I32(size)])?.unwrap_or_default();
        if answer == 0 {
            return Err(Error::OutOfMemory);
        }
        let place = self.instance.read(answer as u32, 8).map_err(Error::of_engine)?;
        let word =
            |at: usize| place.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_le_bytes);
        let (address, size) = word(0).zip(word(4)).unwrap_or_default();
        if size as usize > MAX_ANSWER {
            return Err(Error::Conversion(marshal::too_large(size as usize)));
        }
        let answer = self.instance.read(address, size as usize).map_err(Error::of_engine)?;
        Ok(marshal::read(answer).map_err(crate::ConversionError::from)?)
    }

    /// Calls an export. If it does not return, Python is lost: no call can go on from there.
    fn call(&mut self, name: &str, arguments: &[Number]) -> Result<Option<i32>, Error> {
        match self.instance.call(name, arguments).map_err(Error::of_engine)? {
            Outcome::Returned(Some(Number::I32(number))) => Ok(Some(number)),
            Outcome::Returned(_) => Ok(None),
            outcome => Err(self.lose(outcome)),
        }
    }

    /// Notes how a call ended that did not return, and returns the error for it.
    fn lose(&mut self, outcome: Outcome) -> Error {
        let error = match &outcome {
            Outcome::Returned(_) => garbled(),
            Outcome::Exited(status) => Error::Exit(*status as i32),
            Outcome::Interrupted => self.limit_met().unwrap_or(Error::Interrupted),
            Outcome::Terminated => Error::Interrupted,
            Outcome::Timeout => Error::Timeout,
            Outcome::OutOfFuel => Error::OutOfFuel,
            Outcome::OutputLimit => Error::OutputLimit,
            Outcome::Trapped(trap) => Error::Trap(trap.to_string()),
        };
        self.state = State::Lost(outcome);
        error
    }
}
