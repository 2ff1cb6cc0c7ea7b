//! The Python that is part of this binary: the module, the memory it starts from, its library, their licences.

use std::borrow::Cow;
use std::io::Read;
use std::sync::OnceLock;

use python_wasm_engine::{self as engine, Code, Engine, Image, Instance, InstanceLimits, Module, Snapshot};
use wasi_core::WasiCtx;
use wasi_core::fs::{Archive, Dir};

use super::host::{FUNCTIONS, HostState};
use crate::Error;

/// What most programs need of CPython, as WebAssembly, without its data segments. Compressed where there is
/// machine code too, which takes enough room and is what will be used.
static CODE: &[u8] = include_bytes!(env!("PYTHON_WASM_CODE"));

/// The rest of it, compressed: `cpython::split` says how the two hang together.
static REST: &[u8] = include_bytes!(env!("PYTHON_WASM_REST"));

/// numpy's functions, compressed likewise.
#[cfg(feature = "numpy")]
static APART: &[u8] = include_bytes!(env!("PYTHON_WASM_APART"));

/// What is loaded when it is needed, in the order of `python_wasm_contract::split::FETCH`.
const OTHERS: &[Code] = &[
    || zstd::decode_all(REST),
    #[cfg(feature = "numpy")]
    || zstd::decode_all(APART),
];

/// The memory of an initialised Python: mapped from the executable, so it lies there in whole pages.
static IMAGE: &Pages<[u8]> = &Pages(*include_bytes!(env!("PYTHON_WASM_IMAGE")));

/// A hash of all that a snapshot depends on: code, image and library. One with another hash means nothing here.
pub(crate) static IDENTITY: &[u8; 32] = include_bytes!(env!("PYTHON_WASM_IDENTITY"));

/// The memory that the data segments make, as a compressed difference from the image.
static BEGINNING: &[u8] = include_bytes!(env!("PYTHON_WASM_BEGINNING"));

/// The pages of any host.
#[repr(align(65536))]
struct Pages<T: ?Sized>(T);

/// What stands under `/usr`, as a zip file.
static LIBRARY: &[u8] = include_bytes!(env!("PYTHON_WASM_LIBRARY"));

/// The licences of everything that is embedded.
pub(crate) static LICENSES: &str = include_str!(env!("PYTHON_WASM_LICENSES"));

/// What Python is told to be called: the interpreter finds its library from here.
pub(crate) const PROGRAM: &str = "/usr/bin/python3";

/// The compiled module. Every interpreter in the process, on whatever thread, shares this one.
pub(crate) fn module(wanted: Engine) -> Result<Module<HostState>, engine::Error> {
    static INTERPRETED: OnceLock<Module<HostState>> = OnceLock::new();
    static COMPILED: OnceLock<Module<HostState>> = OnceLock::new();
    let shared = match wanted {
        Engine::Wasmi => &INTERPRETED,
        Engine::Native => &COMPILED,
    };
    if let Some(module) = shared.get() {
        return Ok(module.clone());
    }
    let module = match wanted {
        Engine::Wasmi => {
            // SAFETY: the build has validated these very modules.
            #[expect(unsafe_code, reason = "start-up takes a tenth less without a second validation")]
            let module = unsafe { Module::validated(&code()?, OTHERS, FUNCTIONS)? };
            // The module has a copy of its own.
            engine::forget_static(CODE);
            module
        }
        #[cfg(feature = "native")]
        Engine::Native => Module::ahead_of_time(&super::native::CODE, FUNCTIONS)?,
        #[cfg(not(feature = "native"))]
        Engine::Native => return Err(engine::Error::Engine(engine::NATIVE_UNAVAILABLE.into())),
    };
    Ok(shared.get_or_init(|| module).clone())
}

/// The module as it can be compiled.
fn code() -> Result<Cow<'static, [u8]>, engine::Error> {
    Ok(if cfg!(feature = "native") { zstd::decode_all(CODE)?.into() } else { CODE.into() })
}

/// One line that tells this Python from others, for recordings: what its memory begins with and
/// what runs there.
pub(crate) fn described() -> String {
    format!("python-wasm {}, image {:08x}", env!("CARGO_PKG_VERSION"), crc32fast::hash(IDENTITY))
}

/// The memory of a Python that is initialised and knows nothing of its world yet, for a process that
/// has one Python: nothing is copied.
pub(crate) fn image() -> Result<Image, engine::Error> {
    static ALONE: OnceLock<Image> = OnceLock::new();
    if let Some(image) = ALONE.get() {
        return Ok(image.clone());
    }
    let image = Image::embedded(&IMAGE.0)?;
    Ok(ALONE.get_or_init(|| image).clone())
}

/// The same for a process that has many: it is copied once, and each of them has one mapping of it.
pub(crate) fn shared_image() -> Result<Image, engine::Error> {
    static SHARED: OnceLock<Image> = OnceLock::new();
    if let Some(image) = SHARED.get() {
        return Ok(image.clone());
    }
    let image = Image::embedded_copy(&IMAGE.0)?;
    Ok(SHARED.get_or_init(|| image).clone())
}

/// The memory of a Python that has not begun.
pub(crate) fn beginning() -> Result<Snapshot, engine::Error> {
    static SHARED: OnceLock<Image> = OnceLock::new();
    if let Some(image) = SHARED.get() {
        return Ok(image.snapshot());
    }
    let mut encoded = Vec::new();
    let mut decoder = zstd::Decoder::with_ref_prefix(BEGINNING, &IMAGE.0)?;
    decoder.read_to_end(&mut encoded)?;
    let image = Image::read(&encoded)?;
    Ok(SHARED.get_or_init(|| image).snapshot())
}

/// A Python of the prepared image, or else of this one, which has its world still to adopt.
pub(crate) fn instance(
    image: &Image,
    wasi: WasiCtx,
    state: HostState,
    limits: InstanceLimits,
) -> Result<Instance<HostState>, engine::Error> {
    let image = state.image.as_ref().map_or(image, |prepared| prepared.memory()).snapshot();
    module(state.engine)?.restore(&image, wasi, state, limits)
}

/// The standard library, for `/usr`. Its index is read once in the process.
pub(crate) fn library() -> Result<Box<dyn Dir>, Error> {
    static SHARED: OnceLock<Archive> = OnceLock::new();
    if let Some(archive) = SHARED.get() {
        return Ok(Box::new(archive.dir()));
    }
    let archive = Archive::open(LIBRARY)
        .map_err(|error| Error::config(format!("the library in this binary is damaged: {error}")))?;
    Ok(Box::new(SHARED.get_or_init(|| archive).dir()))
}
