#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! [`Module`] compiles a module and creates instances; [`Instance::call`] runs an export and returns how the
//! call ended, an [`Outcome`]. [`Snapshot`] is the state of an instance between two calls, [`Image`] the
//! memory that it starts from.
//!
//! wasmi and wasmtime are named nowhere in this interface. What stops a guest (deadline, fuel, interrupts) is
//! the same for both.

mod delta;
mod fuel;
mod host;
mod image;
mod instance;
mod interrupt;
mod layer;
mod module;
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
pub use self::instance::Instance;
pub use self::layer::MappedFile;
pub use self::module::Module;
#[cfg(feature = "native")]
pub use self::native::MachineCode;
pub use self::pages::forget_static;
pub use self::snapshot::Snapshot;
pub use self::wasmi::{unfused, validate};

/// The error message for [`Engine::Native`] in a build without it; it says what to do.
pub const NATIVE_UNAVAILABLE: &str =
    "this build has no engine native; use wasmi, or build with --features native";

/// An engine that can run Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// wasmi, an interpreter of WebAssembly. It is part of every build, and its fuel is the same on every
    /// machine.
    Wasmi,
    /// CPython's module as machine code, compiled ahead of time and linked into this program: several times
    /// as fast. It is part of builds with the cargo feature `native`.
    Native,
}

impl Engine {
    /// Returns whether this build contains the engine.
    pub const fn is_available(self) -> bool {
        match self {
            Self::Wasmi => true,
            Self::Native => cfg!(feature = "native"),
        }
    }
}

impl Default for Engine {
    /// Returns the faster one of those that are in this build.
    fn default() -> Self {
        if Self::Native.is_available() { Self::Native } else { Self::Wasmi }
    }
}

/// Loads the part of a module that is not needed at the start.
pub type Code = fn() -> std::io::Result<Vec<u8>>;

/// An argument or a result of a guest's function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// An `i32`, signed or not.
    I32(i32),
    /// An `i64`, signed or not.
    I64(i64),
}

/// Where a module comes from, which decides how it is validated and metered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Anybody: every function is validated before anything runs, and fuel is an upper bound of the
    /// instructions executed.
    Unknown,
    /// Ourselves, or somebody trusted as much. Each function is validated at its first call, which starts a
    /// large module many times faster, and an invalid one is a [`Trap`] when it is called. Fuel is
    /// proportional to the work of an interpreter: see [`Instance::fuel`].
    Trusted,
}

/// The resources that one instance may use, apart from those that its [`WasiCtx`] limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceLimits {
    /// Bytes of linear memory. `memory.grow` beyond it returns -1, as on a machine that has no more.
    pub memory: u64,
    /// Units of fuel in all: see [`Instance::fuel`].
    pub fuel: u64,
}

impl InstanceLimits {
    /// No limit on fuel, and none on memory but the 4 GiB that 32-bit addresses reach.
    pub const NONE: Self = Self { memory: u64::MAX, fuel: u64::MAX };
}

/// A function of the host, beside WASI, that takes `params` numbers of type `i32` and returns one.
pub struct HostFunction<T> {
    /// The module name under which the guest imports the function.
    pub module: &'static str,
    /// The function's name in `module`.
    pub name: &'static str,
    /// The number of parameters.
    pub params: usize,
    /// The body. Its slice holds exactly `params` numbers.
    pub body: fn(HostCall<'_, T>, &[i32]) -> i32,
}

/// What the body of a [`HostFunction`] may read and change.
pub struct HostCall<'a, T> {
    /// The guest's whole memory. Empty if the guest exports none under the name `memory`.
    pub memory: &'a mut [u8],
    /// The guest's WASI context.
    pub wasi: &'a mut WasiCtx,
    /// The state that the embedding program passed to [`Module::instantiate`] or [`Module::restore`].
    pub state: &'a mut T,
}

/// How a call into a guest ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function returned; `None` if it has no result.
    Returned(Option<Number>),
    /// The guest called `proc_exit` with this status.
    Exited(u32),
    /// The guest was interrupted, and has no handler or had not yet answered the previous interrupt.
    Interrupted,
    /// [`wasi_core::Interrupt::terminate`] was called.
    Terminated,
    /// The deadline passed.
    Timeout,
    /// The guest used up its fuel.
    OutOfFuel,
    /// The guest wrote more output than its context allows, or its recording reached its limit.
    OutputLimit,
    /// The guest executed a trapping instruction, or overflowed its stack.
    Trapped(Trap),
}

/// The reason why a guest could not continue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Trap(pub(crate) String);

/// Why a module cannot be used, or why a call cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not a WebAssembly module, or a damaged one.
    #[error("not a valid WebAssembly module: {0}")]
    Malformed(String),
    /// The module imports something that the host does not provide.
    #[error(
        "the module imports {what} {module}.{name}, which is not provided; \
         the functions of wasi_snapshot_preview1 are"
    )]
    UnknownImport {
        /// The kind of import: function, memory, table or global.
        what: &'static str,
        /// The module name of the import.
        module: String,
        /// The name of the import in that module.
        name: String,
    },
    /// The module imports a function of the host with another signature.
    #[error("the module imports {module}.{name} as {wanted}, but it is {provided}")]
    ImportType {
        /// The module name of the import.
        module: String,
        /// The name of the import in that module.
        name: String,
        /// The signature that the module declares.
        wanted: String,
        /// The signature of the host's function.
        provided: String,
    },
    /// The initial memory of the module or the snapshot is larger than the limit.
    #[error("the module needs {needed} bytes of memory to start, its limit is {limit}")]
    MemoryLimit {
        /// The initial size, in bytes.
        needed: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The module cannot be instantiated, for the given reason.
    #[error("the module cannot be instantiated: {0}")]
    Instantiate(String),
    /// The requested engine is not part of this build, or cannot run on this processor, for the given reason.
    #[error("{0}")]
    Engine(String),
    /// A snapshot or an image cannot be taken or restored, for the given reason.
    #[error("cannot use a memory image: {0}")]
    Snapshot(String),
    /// The module's start function did not return.
    #[error("the module's start function did not return: {0}")]
    Start(Outcome),
    /// The module does not export a function of this name.
    #[error("the module exports no function {0}")]
    NoSuchExport(String),
    /// The exported function has other parameters, or a result that is not a [`Number`].
    #[error("the exported function {name} is {actual}, and was called with {given}")]
    ExportType {
        /// The name of the export.
        name: String,
        /// The export's signature.
        actual: String,
        /// The arguments of the call.
        given: String,
    },
    /// The range is not inside the guest's memory.
    #[error("{len} bytes at {address:#x} are not inside the guest's memory")]
    OutOfBounds {
        /// The first address of the range.
        address: u32,
        /// The length of the range, in bytes.
        len: usize,
    },
}

impl From<std::io::Error> for Error {
    /// Converts to [`Error::Snapshot`]: the host's I/O here is about memory for images and the executable's
    /// own file.
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
