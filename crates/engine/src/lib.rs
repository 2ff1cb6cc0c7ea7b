//! The seam between the sandbox and what executes WebAssembly.
//!
//! [`Module`] compiles, [`Instance`] runs; how a call ended is an [`Outcome`].
//! [`Snapshot`] is the state of an instance between two calls, [`Image`] the memory it starts from.
//! Nothing outside of this folder names an engine. Everything that stops a guest
//! (deadline, fuel, interrupts) is the same for each of them.

mod delta;
mod fuel;
mod host;
mod image;
mod instance;
mod interrupt;
mod layer;
#[cfg(feature = "native")]
mod native;
mod pages;
mod region;
mod slot;
mod snapshot;
mod wasmi;

use std::fmt;

use wasi_core::WasiCtx;

pub use self::image::Image;
pub use self::instance::{Instance, Module};
#[cfg(feature = "native")]
pub use self::native::MachineCode;
pub use self::pages::forget_static;
pub use self::snapshot::Snapshot;
pub use self::wasmi::validate;

/// Why [`Engine::Native`] cannot be had, and what to do.
pub const NOT_HERE: &str = "this build has no engine native; use wasmi, or build with --features native";

/// What runs Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// wasmi, an interpreter of WebAssembly. Every build has it, and its fuel is the same on every machine.
    Wasmi,
    /// CPython's module as machine code: compiled ahead of time, linked into this program, several times
    /// as fast. Builds with the cargo feature `native` have it.
    Native,
}

impl Engine {
    /// Whether this build has it.
    pub const fn is_here(self) -> bool {
        match self {
            Self::Wasmi => true,
            Self::Native => cfg!(feature = "native"),
        }
    }
}

impl Default for Engine {
    /// wasmi, unless `PYTHON_WASM_ENGINE` was `native` in the environment of the build: that is how the
    /// tests are run by the other one.
    fn default() -> Self {
        if wanted().is_some_and(|name| name == b"native") { Self::Native } else { Self::Wasmi }
    }
}

/// The engine that the build's environment names.
pub const fn wanted() -> Option<&'static [u8]> {
    match option_env!("PYTHON_WASM_ENGINE") {
        Some(name) => Some(name.as_bytes()),
        None => None,
    }
}

/// Where code comes from that is not needed at once.
pub type Code = fn() -> std::io::Result<Vec<u8>>;

/// A number that crosses between host and guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// `i32`, whatever its signedness.
    I32(i32),
    /// `i64`, whatever its signedness.
    I64(i64),
}

/// Whose module it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody's: every function is checked before anything runs, and fuel bounds the work.
    Unknown,
    /// Ours, or one that is trusted as if it were: each function is checked before its first call,
    /// which starts a large module many times faster, and fuel is proportional to the work of an
    /// interpreter. A broken function is a [`Trap`] when it is called.
    Trusted,
}

/// What one instance may use beside what its [`WasiCtx`] bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory. `memory.grow` past it fails, as if the machine had no more.
    pub memory: u64,
    /// Fuel: see [`Instance::fuel`].
    pub fuel: u64,
}

impl Limits {
    /// No bound but the 4 GiB that a 32-bit address reaches.
    pub const NONE: Self = Self { memory: u64::MAX, fuel: u64::MAX };
}

/// A function that the host offers beside WASI: `params` numbers of type `i32` in, one out.
pub struct HostFunction<T> {
    /// The module that the guest imports it from.
    pub module: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// How many arguments it takes.
    pub params: usize,
    /// What it does. The slice holds exactly `params` numbers.
    pub body: fn(HostCall<'_, T>, &[i32]) -> i32,
}

/// What the body of a [`HostFunction`] works on.
pub struct HostCall<'a, T> {
    /// The guest's memory, all of it; empty if it exports none.
    pub memory: &'a mut [u8],
    /// The guest's WASI context.
    pub wasi: &'a mut WasiCtx,
    /// What the embedder gave to [`Module::instantiate`].
    pub state: &'a mut T,
}

/// How a call into a guest ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returned, with its result if the function has one.
    Returned(Option<Value>),
    /// It called `proc_exit` with this status.
    Exited(u32),
    /// It was interrupted and had no handler for it, or had not yet answered an earlier one.
    Interrupted,
    /// Somebody outside ended it.
    Terminated,
    /// Its deadline passed.
    Timeout,
    /// It used up its fuel.
    OutOfFuel,
    /// It wrote more than it may.
    OutputLimit,
    /// It did what WebAssembly forbids, or ran out of stack.
    Trapped(Trap),
}

/// Why a guest could not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Trap(pub(crate) String);

/// Why a module cannot be used, or a call cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no WebAssembly module, or a damaged one.
    #[error("not a valid WebAssembly module: {0}")]
    Malformed(String),
    /// The module wants something that nobody provides.
    #[error(
        "the module imports {what} {module}.{name}, which is not provided; \
         the functions of wasi_snapshot_preview1 are"
    )]
    UnknownImport {
        /// Kind of the import: function, memory, table or global.
        what: &'static str,
        /// The module it is wanted from.
        module: String,
        /// Its name there.
        name: String,
    },
    /// The module wants a provided function with another signature.
    #[error("the module imports {module}.{name} as {wanted}, but it is {provided}")]
    ImportType {
        /// The module it is wanted from.
        module: String,
        /// Its name there.
        name: String,
        /// The signature that the module declares.
        wanted: String,
        /// The signature that it has.
        provided: String,
    },
    /// The module's memory does not even start within the limit.
    #[error("the module needs {needed} bytes of memory to start, its limit is {limit}")]
    MemoryLimit {
        /// What its memory starts with, in bytes.
        needed: u64,
        /// What was allowed, in bytes.
        limit: u64,
    },
    /// The module cannot be instantiated for another reason, which the text tells.
    #[error("the module cannot be instantiated: {0}")]
    Instantiate(String),
    /// The engine that was asked for is not here, or not for this processor, for the reason told here.
    #[error("{0}")]
    Engine(String),
    /// No snapshot can be taken, or none can be restored, for the reason told here.
    #[error("cannot use a memory image: {0}")]
    Snapshot(String),
    /// The module's start function did not return.
    #[error("the module's start function did not return: {0}")]
    Start(Outcome),
    /// There is no exported function of that name.
    #[error("the module exports no function {0}")]
    NoSuchExport(String),
    /// The exported function takes other arguments, or results that are no [`Value`].
    #[error("the exported function {name} is {actual}, and was called with {given}")]
    ExportType {
        /// The name of the export.
        name: String,
        /// Its signature.
        actual: String,
        /// The arguments it was given.
        given: String,
    },
    /// An address outside of the guest's memory.
    #[error("{len} bytes at {address:#x} are not inside the guest's memory")]
    OutOfBounds {
        /// Where the access starts.
        address: u32,
        /// How many bytes were wanted.
        len: usize,
    },
}

impl From<std::io::Error> for Error {
    /// What the host refuses is memory for images, or a look at the executable.
    fn from(error: std::io::Error) -> Self {
        Self::Snapshot(error.to_string())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returned(_) => f.write_str("returned"),
            Self::Exited(status) => write!(f, "exited with status {status}"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Terminated => f.write_str("terminated"),
            Self::Timeout => f.write_str("out of time"),
            Self::OutOfFuel => f.write_str("out of fuel"),
            Self::OutputLimit => f.write_str("more output than is allowed"),
            Self::Trapped(trap) => write!(f, "trapped: {trap}"),
        }
    }
}
