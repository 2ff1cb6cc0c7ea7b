//! The guests that run now, so that the end of the host's Python ends them.
//!
//! A thread that runs a guest has let go of the GIL. When Python finalizes meanwhile, the thread cannot come
//! back. So before that (`atexit`) all guests are stopped and waited for, and none may start any more.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use python_wasm::InterruptHandle;

/// Taken only by threads that hold the GIL, so that it is free in the child of a fork.
static RUNNING: Mutex<Option<Guests>> = Mutex::new(None);

#[derive(Default)]
struct Guests {
    next: u64,
    handles: HashMap<u64, InterruptHandle>,
    ended: bool,
}

/// A guest that runs, until this is dropped.
pub(crate) struct Running(u64);

impl Running {
    /// Notes that a guest begins to run. `RuntimeError` if Python is about to end.
    pub(crate) fn begin(_py: Python<'_>, interrupt: &InterruptHandle) -> PyResult<Self> {
        let mut lock = lock();
        let guests = lock.get_or_insert_default();
        if guests.ended {
            return Err(PyRuntimeError::new_err("no sandbox can run while the interpreter shuts down"));
        }
        guests.next += 1;
        guests.handles.insert(guests.next, interrupt.clone());
        Ok(Self(guests.next))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(guests) = &mut *lock() {
            guests.handles.remove(&self.0);
        }
    }
}

fn lock() -> MutexGuard<'static, Option<Guests>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops all guests, lets none start any more, and waits for at most this time until all have ended.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>, seconds: f64) {
    let stopped = || {
        let mut lock = lock();
        let guests = lock.get_or_insert_default();
        guests.ended = true;
        guests.handles.values().for_each(InterruptHandle::terminate);
        guests.handles.is_empty()
    };
    let end = Instant::now().checked_add(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    while !stopped() && end.is_none_or(|end| Instant::now() < end) {
        py.detach(|| std::thread::sleep(Duration::from_millis(2)));
    }
}
