//! The Python that is part of this binary: the module, its library, their licences.

use std::sync::OnceLock;

use wasi_core::fs::{Archive, Dir};

use super::host::{FUNCTIONS, HostState};
use crate::Error;
use crate::engine::{Module, Origin};

/// CPython, as WebAssembly.
static MODULE: &[u8] = include_bytes!(env!("PYTHON_WASM_MODULE"));

/// What stands under `/usr`, as a zip file.
static LIBRARY: &[u8] = include_bytes!(env!("PYTHON_WASM_LIBRARY"));

/// The licences of everything that is embedded.
pub(crate) static LICENSES: &str = include_str!(env!("PYTHON_WASM_LICENSES"));

/// What Python is told to be called: the interpreter finds its library from here.
pub(crate) const PROGRAM: &str = "/usr/bin/python3";

/// The compiled module. Every interpreter in the process, on whatever thread, shares this one.
pub(crate) fn module() -> Result<Module<HostState>, Error> {
    static SHARED: OnceLock<Module<HostState>> = OnceLock::new();
    if let Some(module) = SHARED.get() {
        return Ok(module.clone());
    }
    // It is our own module: its functions need no validation before they are called.
    let module = Module::new(MODULE, Origin::Trusted, FUNCTIONS)?;
    Ok(SHARED.get_or_init(|| module).clone())
}

/// One line that tells this Python from others, for recordings: what its memory begins with and
/// what runs there.
pub(crate) fn described() -> String {
    format!("python-wasm {}, module {:08x}", env!("CARGO_PKG_VERSION"), crc32fast::hash(MODULE))
}

/// The standard library, for `/usr`. Its index is read once in the process.
pub(crate) fn library() -> Result<Box<dyn Dir>, Error> {
    static SHARED: OnceLock<Archive> = OnceLock::new();
    if let Some(archive) = SHARED.get() {
        return Ok(Box::new(archive.dir()));
    }
    let archive = Archive::open(LIBRARY)
        .map_err(|error| Error::Config(format!("the library in this binary is damaged: {error}")))?;
    Ok(Box::new(SHARED.get_or_init(|| archive).dir()))
}
