//! Prepared images, as the package's class `Image` uses them.

use std::path::PathBuf;

use pyo3::prelude::*;
use python_wasm::Image as Inner;

use crate::error::raise_alone;
use crate::settings::Settings;

/// An image. Clones share it.
#[pyclass(frozen, module = "python_wasm._native")]
pub(crate) struct Image {
    pub(crate) inner: Inner,
}

#[pymethods]
impl Image {
    /// Runs a program in a sandbox with these settings, and makes an image of what it leaves.
    #[staticmethod]
    fn prepare(py: Python<'_>, settings: Settings, source: &str) -> PyResult<Self> {
        let builder = settings.builder(py)?;
        let inner = py.detach(|| builder.prepare(source)).map_err(|error| raise_alone(py, &error))?;
        Ok(Self { inner })
    }

    /// Opens a file.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let inner = py.detach(|| Inner::load(path)).map_err(|error| raise_alone(py, &error))?;
        Ok(Self { inner })
    }

    /// Writes a file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.inner.save(path)).map_err(|error| raise_alone(py, &error))
    }

    /// The size of its file in bytes.
    #[getter]
    fn size(&self) -> usize {
        self.inner.size()
    }
}
