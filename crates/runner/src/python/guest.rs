//! An interpreter in its sandbox, which answers requests one at a time.

use std::time::{Duration, Instant};

use python_wasm_contract::export::{BUFFER, FINALIZE, FLUSH, FREEZE, GRANT, INITIALIZE, REQUEST, RUN_MAIN};
use python_wasm_engine::{Instance, Number, Outcome};
use python_wasm_sandbox::Limits;
use wasi_core::fs::Dir;
use wasi_core::{Errno, Streams};

#[cfg(feature = "tokio")]
use super::cancellation::Cancellation;
use super::host::HostState;
use super::limits::{check_fixed, check_limits};
use super::site;
use super::snapshot::{self, GuestState};
use super::start::{Start, start, unfit};
use crate::answer::{self, BROKEN, garbled};
use crate::error::Error;
use crate::value::{Value, marshal};

/// The most bytes that one answer may have. No value that a program can use is larger.
const MAX_ANSWER: usize = 256 << 20;

/// One instance of Python, started or not.
pub(crate) struct Guest {
    instance: Instance<HostState>,
    limits: Limits,
    /// The memory that the instance was made for, in bytes.
    most_memory: u64,
    state: State,
    /// Restored from a snapshot that others may share: Python must reseed at its next request.
    renew: bool,
    #[cfg(feature = "tokio")]
    cancellation: Cancellation,
}

enum State {
    /// No code has run yet.
    Fresh,
    /// Python is initialised and no call is under way.
    Ready,
    /// A call ended in the middle of what it did, and left Python's memory inconsistent.
    Lost(Outcome),
    /// The program has tampered with the agent, which answers nonsense or nothing.
    Broken,
    /// A call was cancelled, and the program did not end when it was interrupted.
    #[cfg(feature = "tokio")]
    Cancelled,
    /// Code of the host panicked in the middle of a call.
    #[cfg(feature = "tokio")]
    Panicked,
    /// Python has ended in good order.
    Finished,
}

/// Why a Python cannot be used whose last call did not end in time when its future was dropped.
#[cfg(feature = "tokio")]
const CANCELLED: &str =
    "the future of its last call was dropped, and the program did not end when it was interrupted";

/// The time that a program has to end by itself after it is interrupted at the end of its time.
const GRACE: Duration = Duration::from_millis(500);

/// The time and the fuel that starting Python may take beside those of one call: far more than it takes, and
/// an end to a `sitecustomize` that has none.
const START: (Duration, u64) = (Duration::from_secs(10), 1_000_000_000);

/// The fuel that a program has to end by itself: a good deal more than an exception takes on its way out.
const GRACE_FUEL: u64 = 100_000_000;

/// The time to save what a stopped program has printed. It may have to read a part of the module first.
const FLUSH_TIME: Duration = Duration::from_secs(1);

/// The fuel for the same: it is some thousand units.
const FLUSH_FUEL: u64 = 10_000_000;

impl Guest {
    pub(crate) fn new(instance: Instance<HostState>, limits: Limits) -> Self {
        Self::with(instance, limits, State::Fresh)
    }

    /// Makes a guest that goes on from a snapshot.
    pub(crate) fn resumed(instance: Instance<HostState>, limits: Limits) -> Self {
        Self { renew: true, ..Self::with(instance, limits, State::Ready) }
    }

    fn with(instance: Instance<HostState>, limits: Limits, state: State) -> Self {
        Self {
            instance,
            most_memory: limits.memory,
            limits,
            state,
            renew: false,
            #[cfg(feature = "tokio")]
            cancellation: Cancellation::default(),
        }
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
        // Its memory may be replaced by one that has room for all that `set_limits` can allow.
        self.instance.set_memory_limit(self.most_memory);
        let restored = self.instance.restore(state.memory());
        self.instance.set_memory_limit(self.limits.memory);
        restored.map_err(Error::of_snapshot)?;
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
            State::Broken => return Err(Error::Unusable(BROKEN.into())),
            #[cfg(feature = "tokio")]
            State::Cancelled => return Err(Error::Unusable(CANCELLED.into())),
            #[cfg(feature = "tokio")]
            State::Panicked => return Err(Error::Unusable("code of the host panicked in it".into())),
        }
        self.limit_start();
        #[cfg(feature = "tokio")]
        self.cancellation.begin_start(self.instance.wasi())?;
        match start(&mut self.instance).map_err(Error::of_engine)? {
            Start::Adopted => {}
            Start::Anew => drop(self.call(INITIALIZE, &[])?),
            Start::Unfit => {
                self.state = State::Finished;
                return Err(unfit());
            }
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

    /// Lets Python find the functions of the host in the module `host` and its folders of packages, if there
    /// are any.
    pub(crate) fn define_functions(&mut self) -> Result<(), Error> {
        self.start()?;
        for (operation, arguments) in self.surroundings() {
            self.request(operation, arguments)?;
        }
        Ok(())
    }

    /// Returns the requests by which a fresh interpreter learns of what it has beside files and variables.
    pub(super) fn surroundings(&self) -> Vec<(&'static str, Vec<Value>)> {
        let HostState { functions, sites, .. } = self.instance.state();
        let functions = (!functions.is_empty()).then(|| ("functions", functions.names().to_vec()));
        functions.into_iter().chain((!sites.is_empty()).then(|| site::request(sites))).collect()
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
        #[cfg(feature = "tokio")]
        self.cancellation.begin(self.instance.wasi())?;
        let answer = self.ask(operation, arguments);
        #[cfg(feature = "tokio")]
        self.cancellation.end();
        answer
    }

    /// Returns what the next call can be cancelled by.
    #[cfg(feature = "tokio")]
    pub(super) fn cancellation(&self) -> Cancellation {
        self.cancellation.clone()
    }

    /// Forgets whether the last call was cancelled.
    #[cfg(feature = "tokio")]
    pub(super) fn begin_anew(&mut self) {
        self.cancellation = Cancellation::default();
    }

    /// Notes that a call ended in the middle by a panic of the host.
    #[cfg(feature = "tokio")]
    pub(super) fn panicked(&mut self) {
        self.state = State::Panicked;
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
        let answer = self.renew().and_then(|()| self.ask_once(operation, arguments));
        // Abandons host functions that still run when the request ends.
        self.instance.state_mut().calls.clear();
        answer
    }

    /// Reseeds Python before anything else runs in it, if its memory is that of others, too.
    fn renew(&mut self) -> Result<(), Error> {
        if self.renew {
            self.ask_once("renew", Vec::new())?;
            self.renew = false;
        }
        Ok(())
    }

    fn ask_once(&mut self, operation: &str, arguments: Vec<Value>) -> Result<Value, Error> {
        let request = std::iter::once(operation.into()).chain(arguments).collect();
        let mut bytes = Vec::new();
        marshal::write(&Value::Tuple(request), &mut bytes)?;
        let answer = self.exchange(&bytes)?;
        answer::read(answer).map_err(|error| match error {
            Error::Interrupted => self.limit_met().unwrap_or(Error::Interrupted),
            Error::Trap(_) => {
                self.state = State::Broken;
                error
            }
            error => error,
        })
    }

    /// Whether nobody waits for the call any more.
    #[cfg(feature = "tokio")]
    fn was_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Returns the limit that the last call was interrupted for, if it was.
    pub(crate) fn limit_met(&self) -> Option<Error> {
        #[cfg(feature = "tokio")]
        if self.was_cancelled() {
            return None;
        }
        if self.instance.wasi().was_warned() {
            Some(Error::Timeout)
        } else if self.instance.ran_out_of_fuel() {
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

    /// Declares all that is there to be of an image, and returns its memory. Nothing can be asked afterwards.
    pub(crate) fn freeze(&mut self) -> Result<Vec<u8>, Error> {
        self.start()?;
        self.renew_limits();
        let frozen = self.call(FREEZE, &[])?;
        self.state = State::Finished;
        if frozen != Some(0) {
            return Err(Error::snapshot("python cannot become an image"));
        }
        self.instance.image().map_err(Error::of_snapshot)
    }

    /// Gives the next call time and fuel of its own, and discards interrupts requested between calls.
    fn renew_limits(&mut self) {
        let fuel = self.instance.fuel().saturating_add(self.limits.fuel);
        self.instance.set_fuel_limit(fuel, GRACE_FUEL);
        let end = self.limits.deadline();
        let (calls, time) = (self.limits.host_calls, self.limits.host_time);
        self.instance.state_mut().calls.allow(calls, time);
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

    /// Lets the next call print so many bytes.
    pub(crate) fn allow_output(&mut self, bytes: u64) {
        self.instance.wasi_mut().set_output_left(bytes);
    }

    /// Sets limits for the calls that follow.
    pub(crate) fn set_limits(&mut self, limits: Limits) -> Result<(), Error> {
        check_limits(&limits)?;
        check_fixed(&self.limits, &limits)?;
        let (memory, most) = (limits.memory, self.most_memory);
        if memory > most {
            let message = format!("memory({memory}) is more than the sandbox was made with: {most} bytes");
            return Err(Error::config(message));
        }
        self.instance.set_memory_limit(memory);
        self.limits = limits;
        Ok(())
    }

    /// Returns the limits of each call and of the whole.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
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
        if address == 0 {
            self.state = State::Broken;
            return Err(Error::Trap(BROKEN.into()));
        }
        if size as usize > MAX_ANSWER {
            return Err(Error::Conversion(marshal::too_large(size as usize)));
        }
        let answer = self.instance.read(address, size as usize).map_err(Error::of_engine)?;
        Ok(marshal::read(answer).map_err(crate::ConversionError::from)?)
    }

    /// Calls an export. If it does not return, Python is lost: no call can go on from there.
    fn call(&mut self, name: &str, arguments: &[Number]) -> Result<Option<i32>, Error> {
        let stack_pointer = self.instance.stack_pointer();
        match self.instance.call(name, arguments).map_err(Error::of_engine)? {
            Outcome::Returned(Some(Number::I32(number))) => Ok(Some(number)),
            Outcome::Returned(_) => Ok(None),
            outcome => {
                let error = self.lose(outcome);
                self.save_output(stack_pointer);
                Err(error)
            }
        }
    }

    /// Passes on what a stopped program has printed and Python has still buffered. Python's memory is as the
    /// stopped call left it, so this can fail; what it does, it does within the sandbox and these bounds.
    fn save_output(&mut self, stack_pointer: Option<i32>) {
        let Some(stack_pointer) = stack_pointer else { return };
        self.instance.set_stack_pointer(stack_pointer);
        self.instance.set_fuel_limit(self.instance.fuel().saturating_add(FLUSH_FUEL), 0);
        let wasi = self.instance.wasi_mut();
        wasi.interrupt().clear();
        wasi.set_deadline(Instant::now().checked_add(FLUSH_TIME));
        let _however_it_ends = self.instance.call(FLUSH, &[]);
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
        #[cfg(feature = "tokio")]
        if self.was_cancelled() {
            self.state = State::Cancelled;
        }
        error
    }
}
