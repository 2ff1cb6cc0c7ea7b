//! A folder of a sandbox, as the package's class `Files` uses it.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use python_wasm::{Change, ChangeKind, Entry, EntryKind};

use crate::interpreter::Interpreter;

/// The folder that is mounted under one name.
#[pyclass(frozen, module = "python_wasm._native")]
pub(crate) struct Files {
    interpreter: Py<Interpreter>,
    mount: String,
}

/// A name, a kind, and a size in bytes.
type Described = (String, &'static str, u64);

#[pymethods]
impl Files {
    #[new]
    fn new(interpreter: Py<Interpreter>, mount: String) -> Self {
        Self { interpreter, mount }
    }

    fn read<'py>(&self, py: Python<'py>, path: &str) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.interpreter.get().with(py, |guest| guest.files(&self.mount).read(path))?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn write(&self, py: Python<'_>, path: &str, bytes: &[u8]) -> PyResult<()> {
        self.interpreter.get().with(py, |guest| guest.files(&self.mount).write(path, bytes))
    }

    fn list(&self, py: Python<'_>, path: &str) -> PyResult<Vec<Described>> {
        let entries = self.interpreter.get().with(py, |guest| guest.files(&self.mount).list(path))?;
        Ok(entries.into_iter().map(described).collect())
    }

    fn entry(&self, py: Python<'_>, path: &str) -> PyResult<Described> {
        Ok(described(self.interpreter.get().with(py, |guest| guest.files(&self.mount).entry(path))?))
    }

    fn create_dir(&self, py: Python<'_>, path: &str) -> PyResult<()> {
        self.interpreter.get().with(py, |guest| guest.files(&self.mount).create_dir(path))
    }

    fn remove(&self, py: Python<'_>, path: &str) -> PyResult<()> {
        self.interpreter.get().with(py, |guest| guest.files(&self.mount).remove(path))
    }

    fn diff(&self, py: Python<'_>) -> PyResult<Vec<(String, &'static str)>> {
        let changes = self.interpreter.get().with(py, |guest| guest.files(&self.mount).diff())?;
        Ok(changes.into_iter().map(changed).collect())
    }

    fn commit(&self, py: Python<'_>) -> PyResult<Vec<(String, &'static str)>> {
        let changes = self.interpreter.get().with(py, |guest| guest.files(&self.mount).commit())?;
        Ok(changes.into_iter().map(changed).collect())
    }

    fn discard(&self, py: Python<'_>) -> PyResult<()> {
        self.interpreter.get().with(py, |guest| guest.files(&self.mount).discard())
    }
}

fn described(entry: Entry) -> Described {
    let kind = match entry.kind {
        EntryKind::File => "file",
        EntryKind::Folder => "folder",
        EntryKind::Link => "link",
        _ => "other",
    };
    (entry.name, kind, entry.size)
}

fn changed(change: Change) -> (String, &'static str) {
    let kind = match change.kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    };
    (change.path, kind)
}
