//! The exceptions of the package, made from the library's errors.

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use python_wasm::{Error, Frame};

use crate::call::Printed;

/// Makes the exception for an error of a sandbox: `ValueError` for an argument that means nothing, `OSError`
/// for a file or folder of the host, else one of `python_wasm._errors`, with whether the session lives and
/// what was printed before.
pub(crate) fn raise(py: Python<'_>, error: &Error, usable: bool, output: Option<Printed>) -> PyErr {
    exception(py, error, usable, output).unwrap_or_else(|failure| failure)
}

/// Makes the exception for an error without a session.
pub(crate) fn raise_alone(py: Python<'_>, error: &Error) -> PyErr {
    raise(py, error, false, None)
}

/// An error about the use of a sandbox, in words.
pub(crate) fn misuse(py: Python<'_>, message: &str) -> PyErr {
    let made = || named(py, "SandboxError", message, &PyDict::new(py));
    made().unwrap_or_else(|failure| failure)
}

fn exception(py: Python<'_>, error: &Error, usable: bool, output: Option<Printed>) -> PyResult<PyErr> {
    if let Some(number) = error.os_error() {
        return Ok(PyOSError::new_err((number, error.to_string())));
    }
    let name = match error {
        Error::Exception { .. } => "PythonError",
        Error::Exit(_) => "Exit",
        Error::Interrupted => "Interrupted",
        Error::Timeout => "Timeout",
        Error::OutOfFuel => "OutOfFuel",
        Error::OutOfMemory => "OutOfMemory",
        Error::OutputLimit => "OutputLimit",
        Error::DiskLimit => "DiskLimit",
        Error::Trap(_) => "Trap",
        Error::Snapshot { .. } => "SnapshotError",
        Error::Conversion(_) => "ConversionError",
        Error::Unusable(_) => "Unusable",
        Error::Config { .. } | Error::MemoryLimit { .. } | Error::Argument(_) => {
            return Ok(PyValueError::new_err(error.to_string()));
        }
        Error::Io(_) => return Ok(PyOSError::new_err(error.to_string())),
        _ => "SandboxError",
    };
    let fields = PyDict::new(py);
    fields.set_item("usable", usable)?;
    if let Some(output) = output {
        fields.set_item("output", output.into_python(py)?)?;
    }
    if let Error::Exit(status) = error {
        fields.set_item("status", status)?;
    }
    describe(py, error, &fields)?;
    named(py, name, &error.to_string(), &fields)
}

/// Adds what an exception of the guest is.
fn describe(py: Python<'_>, error: &Error, fields: &Bound<'_, PyDict>) -> PyResult<()> {
    let Error::Exception { type_name, message, frames, notes, cause, traceback, .. } = error else {
        return Ok(());
    };
    let frame =
        |Frame { file, line, function, source, .. }: &Frame| (file, line, function, source).into_pyobject(py);
    fields.set_item("type_name", type_name)?;
    fields.set_item("message", message)?;
    fields.set_item("frames", frames.iter().map(frame).collect::<PyResult<Vec<_>>>()?)?;
    fields.set_item("notes", notes)?;
    fields.set_item("traceback", &**traceback)?;
    if let Some(cause) = cause {
        let inner = PyDict::new(py);
        describe(py, cause, &inner)?;
        fields.set_item("cause", inner)?;
    }
    Ok(())
}

/// Makes the exception of that name, by the package's own function for it.
fn named(py: Python<'_>, name: &str, message: &str, fields: &Bound<'_, PyDict>) -> PyResult<PyErr> {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let arguments = PyTuple::new(py, [name, message])?;
    Ok(PyErr::from_value(MAKE.import(py, "python_wasm._errors", "make")?.call(arguments, Some(fields))?))
}
