//! The state of a sandbox, as the package's class `Snapshot` uses it.

use std::path::PathBuf;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use python_wasm::{Error, Python as Guest, Snapshot as Inner};

use crate::error::raise_alone;
use crate::interpreter::{Held, Interpreter, Surroundings};
use crate::settings::{ENGINES, Settings, described};

/// A snapshot, with the functions of the host that its sandboxes call.
#[pyclass(frozen, weakref, module = "python_wasm._native")]
pub(crate) struct Snapshot {
    pub(crate) inner: Inner,
    pub(crate) host: Option<Py<PyAny>>,
}

#[pymethods]
impl Snapshot {
    /// Reads a file.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Self::decode(py, || Ok(std::fs::read(path)?))
    }

    /// Reads what `to_bytes` returned.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        Self::decode(py, || Ok(bytes))
    }

    /// Writes a file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.inner.save(path)).map_err(|error| raise_alone(py, &error))
    }

    /// Returns what `save` writes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| self.inner.to_bytes()).map_err(|error| raise_alone(py, &error))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The bytes that it takes in memory.
    #[getter]
    fn size(&self) -> usize {
        self.inner.size()
    }

    /// Makes the same state with a memory of its own.
    fn settled(&self, py: Python<'_>) -> PyResult<Self> {
        let inner = py.detach(|| self.inner.settled()).map_err(|error| raise_alone(py, &error))?;
        Ok(Self::new(inner, self.host(py)))
    }

    /// Makes a sandbox that goes on from here.
    fn spawn(&self, py: Python<'_>) -> PyResult<Interpreter> {
        let guest = py.detach(|| self.inner.spawn()).map_err(|error| raise_alone(py, &error))?;
        Ok(Interpreter::of(Held::Own(Box::new(guest)), self.host(py)))
    }

    /// Makes one with settings and streams of its own, and with the functions of `host` beside the snapshot's.
    #[pyo3(signature = (settings, host=None, stdout=None, stderr=None))]
    fn spawn_with(
        &self,
        py: Python<'_>,
        settings: Settings,
        host: Option<Bound<'_, PyAny>>,
        stdout: Option<Bound<'_, PyAny>>,
        stderr: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Interpreter> {
        let surroundings = Surroundings { host, stdout, stderr };
        let (builder, kept) = surroundings.add_to(settings.builder_from(py, &self.inner)?)?;
        let guest = py.detach(|| builder.spawn()).map_err(|error| raise_alone(py, &error))?;
        Ok(Interpreter::within(guest, kept, surroundings))
    }

    /// Returns the limits of a sandbox that goes on from here, as `Interpreter.limits` does.
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        described(py, self.inner.limits())
    }

    /// What the garbage collector must see.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.host.iter().try_for_each(|host| visit.call(host))
    }
}

impl Snapshot {
    pub(crate) fn new(inner: Inner, host: Option<Py<PyAny>>) -> Self {
        Self { inner, host }
    }

    /// Reads a snapshot, whose sandboxes run on the default engine. A file does not say on which one it was
    /// made, because any can go on from it.
    fn decode<T: AsRef<[u8]>>(
        py: Python<'_>,
        bytes: impl FnOnce() -> Result<T, Error> + Send,
    ) -> PyResult<Self> {
        let read = || Guest::builder().engine(ENGINES[0].1).resume_bytes(bytes()?.as_ref())?.snapshot();
        let inner = py.detach(read).map_err(|error| raise_alone(py, &error))?;
        Ok(Self::new(inner, None))
    }

    pub(crate) fn host(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.host.as_ref().map(|host| host.clone_ref(py))
    }
}
