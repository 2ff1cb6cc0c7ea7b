//! The command line of `python-wasm`. The binary calls [`python::main`].

pub mod python;
mod python_line;
mod shown;
