//! Functions of the host that a guest calls.
//!
//! A host (`python_wasm._tools.Host`) has them by name. The sandboxes' objects own it; what the guests have
//! are weak references, so that the garbage collector sees all that there is.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyWeakrefMethods, PyWeakrefReference};
use python_wasm::{PythonBuilder, Raise, Signature, Value};

use crate::desk;
use crate::value::{from_python, to_python};

/// What a tool's `in_guest` returns: name, whether it is awaited, parameters, annotations, docstring.
type Described = (String, bool, String, Vec<(String, String)>, String);

/// Offers the functions of a host, with the signatures that the guest shows.
pub(crate) fn offer(mut builder: PythonBuilder, host: &Bound<'_, PyAny>) -> PyResult<PythonBuilder> {
    let weak = PyWeakrefReference::new(host)?.unbind();
    for (name, awaited, parameters, annotations, doc) in
        host.call_method0("described")?.extract::<Vec<Described>>()?
    {
        let (weak, own) = (weak.clone_ref(host.py()), name.clone());
        let body = move |arguments, keywords| call(&weak, &own, awaited, arguments, keywords);
        let signature = Signature { parameters, annotations, doc };
        builder = if awaited {
            builder.async_function_with_signature(&name, signature, body)
        } else {
            builder.function_with_signature(&name, signature, body)
        };
    }
    Ok(builder)
}

fn call(
    host: &Py<PyWeakrefReference>,
    name: &str,
    awaited: bool,
    arguments: Vec<Value>,
    keywords: Vec<(String, Value)>,
) -> Result<Value, Raise> {
    let host = Python::try_attach(|py| host.clone_ref(py)).ok_or_else(gone)?;
    let name = name.to_owned();
    let code = move |py: Python<'_>| {
        let host = host.bind(py).upgrade().ok_or_else(gone)?;
        let called = || {
            let method = if awaited { "call_awaited" } else { "call" };
            let arguments = to_python(py, Value::List(arguments))?;
            let named = PyDict::new(py);
            for (name, value) in keywords {
                named.set_item(name, to_python(py, value)?)?;
            }
            let result = host.call_method1(method, (name, arguments, named))?;
            from_python(&result)
        };
        called().map_err(|error| raise(py, error))
    };
    // An awaited function has a thread of its own.
    let result = if awaited { Python::try_attach(code) } else { desk::on_callers_thread(code) };
    result.unwrap_or_else(|| Err(gone()))
}

/// The exception for the guest. One of the host that is not an `Exception` ends the call instead.
fn raise(py: Python<'_>, error: PyErr) -> Raise {
    let kind = error.get_type(py);
    let message = message(error.value(py).as_any());
    let name = kind.name().map_or_else(|_| "Exception".to_owned(), |name| name.to_string());
    if !error.is_instance_of::<PyException>(py) {
        let raise = Raise::new("RuntimeError", format!("{name}: {message}"));
        desk::fail(py, error);
        return raise;
    }
    let module = kind.module().map_or_else(|_| String::new(), |module| module.to_string());
    if module == "builtins" {
        Raise::new(&name, message)
    } else {
        // There is no such exception in the guest, which makes it a `host.Error`.
        Raise::new("Error", format!("{name}: {message}"))
    }
}

/// The text of an exception: its only argument if that is text, because `str` quotes a key.
fn message(error: &Bound<'_, PyAny>) -> String {
    let only = error.getattr("args").and_then(|arguments| arguments.extract::<(String,)>());
    let text = || error.str().map_or_else(|_| String::new(), |text| text.to_string());
    only.map_or_else(|_| text(), |(only,)| only)
}

fn gone() -> Raise {
    Raise::new("RuntimeError", "the host that has this function is gone")
}
