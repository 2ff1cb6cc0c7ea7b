//! python-wasm for Python: the module `python_wasm._native`, on which the package `python_wasm` stands.
//!
//! The package (`python/python_wasm`) is what people see: it has the classes, their defaults and their
//! documentation. This module has what Python cannot do: interpreters, snapshots and pools, the conversion
//! of values, and the waiting for a guest in which signals are handled and functions of the host run.

mod call;
mod desk;
mod error;
mod files;
mod functions;
mod image;
mod interpreter;
mod pool;
mod running;
mod settings;
mod snapshot;
mod stream;
mod value;

use std::ffi::OsString;

use pyo3::prelude::*;

/// The module. It refuses to be imported into a second interpreter of a process, as any module of PyO3 does.
#[pymodule]
#[pyo3(name = "_native")]
fn native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("ENGINES", settings::ENGINES.map(|(name, _)| name).to_vec())?;
    module.add_class::<interpreter::Interpreter>()?;
    module.add_class::<snapshot::Snapshot>()?;
    module.add_class::<image::Image>()?;
    module.add_class::<pool::Pool>()?;
    module.add_class::<files::Files>()?;
    module.add_function(wrap_pyfunction!(running::shut_down, module)?)?;
    module.add_function(wrap_pyfunction!(mcp, module)?)?;
    module.add_function(wrap_pyfunction!(licenses, module)?)
}

/// The licences of everything in this module.
#[pyfunction]
fn licenses() -> String {
    [&python_wasm_mcp::licenses(), "\n", include_str!("../licenses.txt")].concat()
}

/// Runs the program `python-wasm-mcp` with these arguments. Returns its exit status.
#[pyfunction]
fn mcp(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| python_wasm_mcp::main(arguments.into_iter()))
}
