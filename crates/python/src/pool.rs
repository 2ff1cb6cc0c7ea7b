//! Sandboxes made in advance, as the package's class `Pool` uses them.

use std::process;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use python_wasm::Pool as Inner;
use std::sync::Arc;

use crate::error::{misuse, raise_alone};
use crate::interpreter::{Held, Interpreter};
use crate::snapshot::Snapshot;

/// How long a thread waits for a sandbox between two looks for signals.
const LOOK: Duration = Duration::from_millis(50);

/// A pool, until it is closed.
#[pyclass(frozen, weakref, module = "python_wasm._native")]
pub(crate) struct Pool {
    inner: Mutex<Option<Arc<Inner>>>,
    host: Option<Py<PyAny>>,
    /// The process whose thread replaces used sandboxes. A fork of it has no such thread.
    process: u32,
}

#[pymethods]
impl Pool {
    #[new]
    fn new(py: Python<'_>, snapshot: &Snapshot, size: usize) -> PyResult<Self> {
        let made = py.detach(|| Inner::new(snapshot.inner.clone(), size));
        let inner = made.map_err(|error| raise_alone(py, &error))?;
        Ok(Self { inner: Mutex::new(Some(Arc::new(inner))), host: snapshot.host(py), process: process::id() })
    }

    /// Takes a sandbox out. `None` if none was ready in time, which is in seconds; `None` waits for ever.
    #[pyo3(signature = (timeout=None))]
    fn checkout(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Option<Interpreter>> {
        if self.process != process::id() {
            return Err(misuse(py, "the pool was made before the process forked; make one in the child"));
        }
        let time = timeout.filter(|seconds| seconds.is_finite()).map(Duration::try_from_secs_f64).transpose();
        let time = time.map_err(|error| PyValueError::new_err(format!("timeout: {error}")))?;
        let end = time.and_then(|time| Instant::now().checked_add(time));
        loop {
            let pool = self.lock().clone().ok_or_else(|| misuse(py, "the pool is closed"))?;
            let left = end.map_or(LOOK, |end| end.saturating_duration_since(Instant::now()).min(LOOK));
            let taken = py.detach(|| pool.checkout_within(left)).map_err(|error| raise_alone(py, &error))?;
            if let Some(guest) = taken {
                let host = self.host.as_ref().map(|host| host.clone_ref(py));
                return Ok(Some(Interpreter::of(Held::Pooled(Box::new(guest)), host)));
            }
            if end.is_some_and(|end| Instant::now() >= end) {
                return Ok(None);
            }
            py.check_signals()?;
        }
    }

    /// Ends the pool. Sandboxes that are out live on.
    fn close(&self, py: Python<'_>) {
        let pool = self.lock().take();
        if self.process == process::id() {
            py.detach(|| drop(pool));
        } else {
            // Its thread is in another process, and would be waited for in vain.
            std::mem::forget(pool);
        }
    }

    /// What the garbage collector must see.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.host.iter().try_for_each(|host| visit.call(host))
    }
}

impl Pool {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Inner>>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if self.process != process::id() {
            std::mem::forget(self.lock().take());
        }
    }
}
