//! A sandbox, as the package's class `Sandbox` uses it.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, TryLockError};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyWeakrefReference};
use python_wasm::{Error, InterruptHandle, Output, Pooled, Python as Guest, PythonBuilder};

use crate::call::Printed;
use crate::error::{misuse, raise, raise_alone};
use crate::settings::{Settings, SomeLimits, described};
use crate::snapshot::Snapshot;
use crate::stream::{Kept, Tee};
use crate::value::{from_python, to_python};
use crate::{desk, functions};

/// A guest, which one call at a time uses. A second call meanwhile is refused rather than made to wait,
/// because the first one may be waiting for it: a function of the host may use the sandbox that called it.
#[pyclass(frozen, weakref, module = "python_wasm._native")]
pub(crate) struct Interpreter {
    /// `None` after the end.
    guest: Mutex<Option<Held>>,
    interrupt: InterruptHandle,
    /// Standard output and error, if they are not captured by the library.
    kept: Option<[Kept; 2]>,
    /// The functions of the host, which the guest has only weakly.
    host: Option<Py<PyAny>>,
    /// The receivers of output, likewise.
    receivers: Vec<Py<PyAny>>,
}

/// A guest of its own, or one of a pool, to which it goes back.
pub(crate) enum Held {
    Own(Box<Guest>),
    Pooled(Box<Pooled>),
}

impl Deref for Held {
    type Target = Guest;

    fn deref(&self) -> &Guest {
        match self {
            Self::Own(guest) => guest,
            Self::Pooled(guest) => guest,
        }
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Guest {
        match self {
            Self::Own(guest) => guest,
            Self::Pooled(guest) => guest,
        }
    }
}

/// What a guest calls on the host, and what its output goes to.
pub(crate) struct Surroundings<'py> {
    pub(crate) host: Option<Bound<'py, PyAny>>,
    pub(crate) stdout: Option<Bound<'py, PyAny>>,
    pub(crate) stderr: Option<Bound<'py, PyAny>>,
}

impl Surroundings<'_> {
    /// Gives them to a guest. Returns where its output is kept, if the library does not capture it.
    pub(crate) fn add_to(&self, mut builder: PythonBuilder) -> PyResult<(PythonBuilder, Option<[Kept; 2]>)> {
        let mut kept = None;
        if self.stdout.is_some() || self.stderr.is_some() {
            let both = [Kept::default(), Kept::default()];
            let tee = |kept: &Kept, receiver: &Option<Bound<'_, PyAny>>| {
                let receiver = receiver.as_ref().map(PyWeakrefReference::new).transpose()?;
                PyResult::Ok(Tee { kept: kept.clone(), receiver: receiver.map(Bound::unbind) })
            };
            builder = builder.stdout_writer(tee(&both[0], &self.stdout)?);
            builder = builder.stderr_writer(tee(&both[1], &self.stderr)?);
            kept = Some(both);
        }
        if let Some(host) = &self.host {
            builder = functions::offer(builder, host)?;
        }
        Ok((builder, kept))
    }
}

#[pymethods]
impl Interpreter {
    /// Makes a sandbox: a new one, or one that goes on from a file. A stream with a receiver is given to it
    /// while the guest runs; `host` has the functions that the guest can call.
    #[new]
    #[pyo3(signature = (settings, host=None, stdout=None, stderr=None, resumed=None))]
    fn new(
        py: Python<'_>,
        settings: Settings,
        host: Option<Bound<'_, PyAny>>,
        stdout: Option<Bound<'_, PyAny>>,
        stderr: Option<Bound<'_, PyAny>>,
        resumed: Option<PathBuf>,
    ) -> PyResult<Self> {
        let surroundings = Surroundings { host, stdout, stderr };
        let (builder, kept) = surroundings.add_to(settings.builder(py)?)?;
        let built = py.detach(move || match resumed {
            None => builder.build(),
            Some(path) => builder.resume(path),
        });
        let guest = built.map_err(|error| raise_alone(py, &error))?;
        Ok(Self::within(guest, kept, surroundings))
    }

    /// Runs source, perhaps with limits of its own; `(stdout, stderr, stats), value`.
    #[pyo3(signature = (source, limits=None))]
    fn exec<'py>(
        &self,
        py: Python<'py>,
        source: &str,
        limits: Option<SomeLimits>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (output, value) = self.run_within(py, limits, |guest| guest.exec_value(source))?;
        Ok((self.printed(output).into_python(py)?, to_python(py, value)?))
    }

    /// Evaluates an expression, perhaps with limits of its own.
    #[pyo3(signature = (expression, limits=None))]
    fn eval<'py>(
        &self,
        py: Python<'py>,
        expression: &str,
        limits: Option<SomeLimits>,
    ) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.run_within(py, limits, |guest| guest.eval(expression))?)
    }

    /// Calls a function by its name, which may be dotted.
    fn call<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        arguments: &Bound<'py, PyTuple>,
        keywords: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = arguments.iter().map(|argument| from_python(&argument)).collect::<PyResult<_>>()?;
        let keyword = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            Ok((name.extract::<String>()?, from_python(&value)?))
        };
        let keywords = keywords.iter().map(keyword).collect::<PyResult<_>>()?;
        to_python(py, self.run(py, |guest| guest.call_with_keywords(name, arguments, keywords))?)
    }

    /// Returns the value of a name.
    fn get<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, self.run(py, |guest| guest.get(name))?)
    }

    /// Binds a name to a value.
    fn set(&self, py: Python<'_>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = from_python(value)?;
        self.run(py, |guest| guest.set(name, &value))
    }

    /// Runs a file of the sandbox; `(stdout, stderr, stats)`.
    fn run_file<'py>(&self, py: Python<'py>, path: &str) -> PyResult<Bound<'py, PyAny>> {
        let output = self.run(py, |guest| guest.run_file(path))?;
        self.printed(output).into_python(py)
    }

    /// Runs a module; `(stdout, stderr, stats)`.
    fn run_module<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        arguments: Vec<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let output = self.run(py, |guest| guest.run_module(name, arguments))?;
        self.printed(output).into_python(py)
    }

    /// Takes what was printed since the last output; `(stdout, stderr, stats)`.
    fn take_output<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let output = self.with(py, |guest| Ok(guest.take_output()))?;
        self.printed(output).into_python(py)
    }

    /// Sets limits for the calls that follow.
    fn set_limits(&self, py: Python<'_>, limits: SomeLimits) -> PyResult<()> {
        self.with(py, |guest| {
            let limits = limits.over(guest.limits())?;
            guest.set_limits(limits)
        })
    }

    /// Returns the limits of the next call, in the order of the package's class `Limits`.
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        described(py, &self.with(py, |guest| Ok(guest.limits().clone()))?)
    }

    /// Whether a call can be made.
    fn is_usable(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |guest| Ok(guest.is_usable()))
    }

    /// Raises `KeyboardInterrupt` in what runs.
    fn interrupt(&self) {
        self.interrupt.interrupt();
    }

    /// Ends what runs, and the session.
    fn terminate(&self) {
        self.interrupt.terminate();
    }

    /// Ends the session and frees its memory. `SandboxError` while it runs.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let guest = self.hold(py)?.take();
        py.detach(|| drop(guest));
        Ok(())
    }

    /// Takes the state.
    fn snapshot(&self, py: Python<'_>) -> PyResult<Snapshot> {
        let snapshot = self.run(py, Guest::snapshot)?;
        Ok(Snapshot::new(snapshot, self.host.as_ref().map(|host| host.clone_ref(py))))
    }

    /// Goes back, or over, to a state.
    fn restore(&self, py: Python<'_>, snapshot: &Snapshot) -> PyResult<()> {
        self.with(py, |guest| guest.restore(&snapshot.inner))
    }

    /// What the garbage collector must see. What it finds is cleared by its owners in Python.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.host.iter().chain(&self.receivers).try_for_each(|owned| visit.call(owned))
    }
}

impl Interpreter {
    /// Makes one whose output the library captures.
    pub(crate) fn of(guest: Held, host: Option<Py<PyAny>>) -> Self {
        let interrupt = guest.interrupt_handle();
        Self { guest: Mutex::new(Some(guest)), interrupt, kept: None, host, receivers: Vec::new() }
    }

    /// Makes one that somebody has described, with what it calls and what its output goes to.
    pub(crate) fn within(guest: Guest, kept: Option<[Kept; 2]>, surroundings: Surroundings<'_>) -> Self {
        let Surroundings { host, stdout, stderr } = surroundings;
        let receivers = [stdout, stderr].into_iter().flatten().map(Bound::unbind).collect();
        Self { kept, receivers, ..Self::of(Held::Own(Box::new(guest)), host.map(Bound::unbind)) }
    }

    /// Runs a guest, with limits for this call alone if there are any.
    fn run_within<T: Send>(
        &self,
        py: Python<'_>,
        limits: Option<SomeLimits>,
        work: impl FnOnce(&mut Guest) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        let Some(limits) = limits else { return self.run(py, work) };
        self.run(py, |guest| {
            let own = guest.limits().clone();
            guest.set_limits(limits.over(&own)?)?;
            let result = work(guest);
            guest.set_limits(own)?;
            result
        })
    }

    /// Runs a guest, while this thread serves it.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Guest) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        let mut held = self.hold(py)?;
        let guest: &mut Guest = held.as_mut().ok_or_else(|| closed(py))?;
        desk::serve(py, &self.interrupt, || work(&mut *guest))?.map_err(|error| {
            let output = guest.take_output();
            raise(py, &error, guest.is_usable(), Some(self.printed(output)))
        })
    }

    /// Does something with a guest in which no code runs.
    pub(crate) fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Guest) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        let mut held = self.hold(py)?;
        let guest: &mut Guest = held.as_mut().ok_or_else(|| closed(py))?;
        py.detach(|| work(&mut *guest)).map_err(|error| raise(py, &error, guest.is_usable(), None))
    }

    /// Takes the guest for one call.
    fn hold(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Option<Held>>> {
        match self.guest.try_lock() {
            Ok(held) => Ok(held),
            Err(TryLockError::WouldBlock) => {
                Err(misuse(py, "the sandbox is in use by another call, which has not ended yet"))
            }
            Err(TryLockError::Poisoned(_)) => Err(misuse(py, "the sandbox failed inside, and is lost")),
        }
    }

    /// What was printed, wherever it was kept.
    fn printed(&self, output: Output) -> Printed {
        let mut printed = Printed::from(output);
        if let Some([stdout, stderr]) = &self.kept {
            (printed.stdout, printed.stderr) = (stdout.take(), stderr.take());
        }
        printed
    }
}

fn closed(py: Python<'_>) -> PyErr {
    misuse(py, "the sandbox is closed")
}
