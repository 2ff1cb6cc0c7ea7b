//! Values between the host's Python and a guest.
//!
//! The guest's bytes are read by python-wasm's own reader, which is bounded. What arrives here is a tree that
//! can only become None, numbers, text, bytes, containers of these, and descriptions of anything else.

use num_bigint::BigInt;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMemoryView, PySet, PyString,
    PyTuple, PyType,
};
use python_wasm::{Object, Value};

/// Makes the host's object of a value.
pub(crate) fn to_python(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
    object(py, value, false)
}

/// `hashable`: inside of a set or a key, where a set must be a frozen one.
fn object(py: Python<'_>, value: Value, hashable: bool) -> PyResult<Bound<'_, PyAny>> {
    let objects = |items: Vec<Value>, hashable| {
        items.into_iter().map(|item| object(py, item, hashable)).collect::<PyResult<Vec<_>>>()
    };
    Ok(match value {
        Value::None => py.None().into_bound(py),
        Value::Bool(value) => PyBool::new(py, value).to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::BigInt(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => PyFloat::new(py, value).into_any(),
        Value::Str(value) => PyString::new(py, &value).into_any(),
        Value::Bytes(value) => PyBytes::new(py, &value).into_any(),
        Value::List(items) => PyList::new(py, objects(items, hashable)?)?.into_any(),
        Value::Tuple(items) => PyTuple::new(py, objects(items, hashable)?)?.into_any(),
        Value::Set(items) if hashable => PyFrozenSet::new(py, objects(items, true)?)?.into_any(),
        Value::Set(items) => PySet::new(py, objects(items, true)?)?.into_any(),
        Value::Dict(pairs) => {
            let dict = PyDict::new(py);
            for (key, value) in pairs {
                dict.set_item(object(py, key, true)?, object(py, value, hashable)?)?;
            }
            dict.into_any()
        }
        Value::Object(Object { type_name, repr }) => described(py)?.call1((type_name, repr))?,
    })
}

/// The class `python_wasm.Object`, which describes what has no form outside of a guest.
fn described(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "python_wasm._output", "Object")
}

/// Makes the value of an object of the host. Subclasses count as their base.
///
/// `TypeError` for a type that no guest can be given; `ValueError` for a value that is nested too deeply, has
/// too many elements, or is text with lone surrogates.
pub(crate) fn from_python(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    Reader { elements: 0 }.value(object, 0)
}

struct Reader {
    elements: usize,
}

impl Reader {
    fn value(&mut self, object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
        if object.is_none() {
            return Ok(Value::None);
        }
        if let Ok(value) = object.cast::<PyBool>() {
            return Ok(Value::Bool(value.is_true()));
        }
        if object.is_instance_of::<PyInt>() {
            return object
                .extract()
                .map(Value::Int)
                .or_else(|_| Ok(Value::integer(object.extract::<BigInt>()?)));
        }
        if let Ok(value) = object.cast::<PyFloat>() {
            return Ok(Value::Float(value.value()));
        }
        if let Ok(value) = object.cast::<PyString>() {
            let text = value.to_str().map_err(|_| {
                PyValueError::new_err("a str with lone surrogates cannot be passed to a sandbox")
            })?;
            return Ok(Value::Str(text.to_owned()));
        }
        if let Ok(value) = object.cast::<PyBytes>() {
            return Ok(Value::Bytes(value.as_bytes().to_vec()));
        }
        if object.is_instance_of::<PyByteArray>() || object.is_instance_of::<PyMemoryView>() {
            let bytes = object.py().get_type::<PyBytes>().call1((object,))?;
            return Ok(Value::Bytes(bytes.cast::<PyBytes>()?.as_bytes().to_vec()));
        }
        self.container(object, depth)
    }

    fn container(&mut self, object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
        if let Ok(list) = object.cast::<PyList>() {
            return Ok(Value::List(self.items(list.iter(), list.len(), depth)?));
        }
        if let Ok(tuple) = object.cast::<PyTuple>() {
            return Ok(Value::Tuple(self.items(tuple.iter(), tuple.len(), depth)?));
        }
        if let Ok(dict) = object.cast::<PyDict>() {
            let depth = deeper(depth)?;
            // A list of the pairs, which no other thread changes.
            let pairs = dict.items();
            self.count(2 * pairs.len())?;
            let pairs = pairs.iter().map(|pair| {
                let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
                Ok((self.value(&key, depth)?, self.value(&value, depth)?))
            });
            return Ok(Value::Dict(pairs.collect::<PyResult<_>>()?));
        }
        if object.is_instance_of::<PySet>() || object.is_instance_of::<PyFrozenSet>() {
            let items = object.py().get_type::<PyTuple>().call1((object,))?;
            let items = items.cast::<PyTuple>()?;
            return Ok(Value::Set(self.items(items.iter(), items.len(), depth)?));
        }
        let name = object.get_type().fully_qualified_name()?;
        Err(PyTypeError::new_err(format!(
            "a value of type {name} cannot be passed to a sandbox; None, bool, int, float, str, bytes, list, \
             tuple, dict and set can"
        )))
    }

    fn items<'py>(
        &mut self,
        items: impl Iterator<Item = Bound<'py, PyAny>>,
        length: usize,
        depth: usize,
    ) -> PyResult<Vec<Value>> {
        let depth = deeper(depth)?;
        self.count(length)?;
        items.map(|item| self.value(&item, depth)).collect()
    }

    fn count(&mut self, elements: usize) -> PyResult<()> {
        self.elements = self.elements.saturating_add(elements);
        if self.elements > Value::MAX_ELEMENTS {
            let message = format!("the value has more than {} elements", Value::MAX_ELEMENTS);
            return Err(PyValueError::new_err(message));
        }
        Ok(())
    }
}

fn deeper(depth: usize) -> PyResult<usize> {
    if depth == Value::MAX_DEPTH {
        let message = format!("the value is nested deeper than {} levels", Value::MAX_DEPTH);
        return Err(PyValueError::new_err(message));
    }
    Ok(depth + 1)
}
