//! A guest's output, kept and passed on while the guest runs.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyWeakrefMethods, PyWeakrefReference};

use crate::desk;

/// What was written since it was last taken. Cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    /// Takes it as text; bytes that are not UTF-8 are replaced.
    pub(crate) fn take(&self) -> String {
        let bytes = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Keeps what is written, and gives it to a receiver (`python_wasm._stream.Receiver`) at once.
///
/// The sandbox's object owns the receiver. This has only a weak reference, so that the garbage collector sees
/// all that there is.
pub(crate) struct Tee {
    pub(crate) kept: Kept,
    pub(crate) receiver: Option<Py<PyWeakrefReference>>,
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.kept.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        let Some(receiver) = &self.receiver else { return Ok(bytes.len()) };
        let receiver = Python::try_attach(|py| receiver.clone_ref(py)).ok_or_else(failed)?;
        let copy = bytes.to_vec();
        let passed_on = desk::on_callers_thread(move |py| {
            let Some(receiver) = receiver.bind(py).upgrade() else { return true };
            match receiver.call_method1("feed", (PyBytes::new(py, &copy),)) {
                Ok(_) => true,
                Err(error) => {
                    desk::fail(py, error);
                    false
                }
            }
        });
        if passed_on == Some(true) { Ok(bytes.len()) } else { Err(failed()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn failed() -> io::Error {
    io::Error::other("the receiver of the output failed")
}
