//! What can happen to Python code, and to the sandbox around it.

use std::{fmt, io};

use crate::value::ConversionError;

/// How a call into Python ended when it did not end well.
///
/// An error of the program leaves the session as it is: after [`Exception`](Self::Exception),
/// [`Exit`](Self::Exit), [`Conversion`](Self::Conversion) and [`Argument`](Self::Argument) every
/// variable is still there. The limits stop Python twice. First softly: `KeyboardInterrupt` is
/// raised where the program is, and when that ends it, the session goes on. A program that goes
/// on regardless is stopped for good soon after, and so is one past a limit that cannot be raised
/// as an exception ([`OutputLimit`](Self::OutputLimit), [`Trap`](Self::Trap)); the session is then
/// lost and every later call is [`Unusable`](Self::Unusable). [`Python::is_usable`] tells which.
///
/// | error | afterwards |
/// |---|---|
/// | `Exception`, `Exit`, `Conversion`, `Argument`, `OutOfMemory`, `DiskLimit`, `Io` | every variable is there, as the program left it |
/// | `Interrupted`, `Timeout`, `OutOfFuel` | the same, if [`Python::is_usable`]; else the program did not end when it was told to |
/// | `OutputLimit`, `Trap`, `Exit` from `os._exit` | the session is lost; what was printed can be taken |
/// | `Unusable` | as before |
/// | `Config`, `Snapshot` | nothing was made |
///
/// [`Python::is_usable`]: crate::Python::is_usable
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Python raised an exception that the code did not handle. Displays as Python's traceback.
    Exception {
        /// The exception's type, with its module unless that is `builtins` or `__main__`.
        type_name: String,
        /// `str()` of the exception.
        message: String,
        /// Where it came from, the innermost last; at most 200.
        frames: Vec<Frame>,
        /// What `add_note` added.
        notes: Vec<String>,
        /// What it was raised from, or while handling: an [`Error::Exception`] itself.
        cause: Option<Box<Error>>,
        /// All of it as Python prints it, with the last newline.
        traceback: Box<str>,
    },
    /// The code called `sys.exit` (or raised `SystemExit`). The status is not always an error.
    Exit(i32),
    /// [`InterruptHandle::interrupt`](crate::InterruptHandle::interrupt) raised a `KeyboardInterrupt`
    /// that ended the code, or [`terminate`](crate::InterruptHandle::terminate) ended it.
    Interrupted,
    /// [`Limits::timeout`](crate::Limits::timeout) passed.
    Timeout,
    /// [`Limits::fuel`](crate::Limits::fuel) was used up.
    OutOfFuel,
    /// `MemoryError`: [`Limits::memory`](crate::Limits::memory) was reached.
    OutOfMemory,
    /// More was printed than [`Limits::output`](crate::Limits::output).
    OutputLimit,
    /// `OSError` with `ENOSPC`: [`Limits::disk`](crate::Limits::disk) was reached.
    DiskLimit,
    /// Python ran into what WebAssembly forbids, such as the end of the native stack.
    Trap(String),
    /// A snapshot that cannot be used.
    Snapshot(String),
    /// What the builder was given does not fit together, or cannot be had.
    Config(String),
    /// The host's own input or output failed.
    Io(io::Error),
    /// A value has no form on the other side.
    Conversion(ConversionError),
    /// An argument that Python cannot use, such as a name that is no identifier.
    Argument(String),
    /// An earlier call ended the interpreter, for the reason told here.
    Unusable(String),
}

/// One line of a traceback.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// File name inside of the sandbox, or a name like `<string>`.
    pub file: String,
    /// Line, from 1; 0 when Python knows none.
    pub line: u32,
    /// The function, `<module>` outside of one.
    pub function: String,
    /// The line's text without indentation; empty when its source is not to be had.
    pub source: String,
}

impl Error {
    /// Whether this is an exception of that type, by the name that [`Error::Exception`] gives it.
    pub fn is_exception(&self, name: &str) -> bool {
        matches!(self, Self::Exception { type_name, .. } if type_name == name)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exception { traceback, .. } => f.write_str(traceback.trim_end()),
            Self::Exit(status) => write!(f, "python exited with status {status}"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Timeout => f.write_str("out of time"),
            Self::OutOfFuel => f.write_str("out of fuel"),
            Self::OutOfMemory => f.write_str("out of memory"),
            Self::OutputLimit => f.write_str("more output than is allowed"),
            Self::DiskLimit => f.write_str("more disk space than is allowed"),
            Self::Trap(trap) => write!(f, "python stopped: {trap}"),
            Self::Snapshot(message) | Self::Config(message) | Self::Argument(message) => f.write_str(message),
            Self::Io(error) => error.fmt(f),
            Self::Conversion(error) => error.fmt(f),
            Self::Unusable(reason) => write!(f, "this python can no longer be used: {reason}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Exception { cause: Some(cause), .. } => Some(cause),
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ConversionError> for Error {
    fn from(error: ConversionError) -> Self {
        Self::Conversion(error)
    }
}

impl From<python_wasm_engine::Error> for Error {
    fn from(error: python_wasm_engine::Error) -> Self {
        Self::Config(error.to_string())
    }
}
