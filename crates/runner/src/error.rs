//! What can go wrong with Python code, and with the sandbox around it.

use std::borrow::Cow;
use std::{error, io};

use python_wasm_sandbox::MountError;
use serde::{Serialize, Serializer};

use crate::value::ConversionError;

/// The error behind another one.
type Source = Box<dyn error::Error + Send + Sync>;

/// Why a call into Python failed, or why no Python could be made.
///
/// An error of the program leaves the session as it is: after [`Exception`](Self::Exception),
/// [`Exit`](Self::Exit), [`Conversion`](Self::Conversion) and [`Argument`](Self::Argument) every
/// variable is still there. A limit stops Python in two steps. The first is soft: `KeyboardInterrupt` is
/// raised where the program is, and if that ends it, the session goes on. A program that ignores it is
/// stopped for good soon after; so is one past a limit that cannot be raised as an exception
/// ([`OutputLimit`](Self::OutputLimit), [`Trap`](Self::Trap)). The session is then lost, and every later
/// call is [`Unusable`](Self::Unusable). [`Python::is_usable`] tells which of the two happened.
///
/// | error | afterwards |
/// |---|---|
/// | `Exception`, `Exit`, `Conversion`, `Argument`, `OutOfMemory`, `DiskLimit`, `Io` | every variable is there, as the program left it |
/// | `Interrupted`, `Timeout`, `OutOfFuel` | the same if [`Python::is_usable`]; otherwise the program ignored the interrupt |
/// | `OutputLimit`, `Trap`, `Exit` from `os._exit` | the session is lost; what was printed can be taken |
/// | `Unusable` | as before |
/// | `Config`, `MemoryLimit`, `Snapshot` | nothing was made, nothing has changed |
///
/// [`Python::is_usable`]: crate::Python::is_usable
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Python raised an exception that the code did not handle. Displays as Python's traceback.
    #[error("{}", .traceback.trim_end())]
    #[non_exhaustive]
    Exception {
        /// The exception's type, with its module unless that is `builtins` or `__main__`.
        type_name: String,
        /// `str()` of the exception.
        message: String,
        /// Where it came from, the innermost frame last; at most 200 frames.
        frames: Vec<Frame>,
        /// The notes that `add_note` added.
        notes: Vec<String>,
        /// The exception that it was raised from, or while handling: an [`Error::Exception`], too.
        #[source]
        cause: Option<Box<Error>>,
        /// All of it as Python prints it, with the last newline.
        traceback: Box<str>,
    },
    /// The code called `sys.exit` or raised `SystemExit`. The status need not mean a failure.
    #[error("python exited with status {0}")]
    Exit(i32),
    /// [`InterruptHandle::interrupt`](crate::InterruptHandle::interrupt) raised a `KeyboardInterrupt`
    /// that ended the code, or [`terminate`](crate::InterruptHandle::terminate) ended it.
    #[error("interrupted")]
    Interrupted,
    /// [`Limits::timeout`](crate::Limits::timeout) passed.
    #[error("out of time")]
    Timeout,
    /// [`Limits::fuel`](crate::Limits::fuel) was used up.
    #[error("out of fuel")]
    OutOfFuel,
    /// `MemoryError`: [`Limits::memory`](crate::Limits::memory) was reached.
    #[error("out of memory")]
    OutOfMemory,
    /// More was printed than [`Limits::output`](crate::Limits::output).
    #[error("more output than is allowed")]
    OutputLimit,
    /// `OSError` with `ENOSPC`: [`Limits::disk`](crate::Limits::disk) or
    /// [`Limits::files`](crate::Limits::files) was reached.
    #[error("more disk space than is allowed")]
    DiskLimit,
    /// Python did what WebAssembly forbids, such as running past the end of the native stack; or the program
    /// has destroyed the module in its reach that answers for Python.
    #[error("python stopped: {0}")]
    Trap(String),
    /// [`Limits::memory`](crate::Limits::memory) is less than Python needs to start.
    #[error("python needs {needed} bytes of memory to start, and its limit is {limit}")]
    MemoryLimit {
        /// What Python starts with, in bytes.
        needed: u64,
        /// What it was allowed, in bytes.
        limit: u64,
    },
    /// A snapshot cannot be taken, or cannot be used here.
    #[error("{message}")]
    Snapshot {
        /// The reason, in one line.
        message: String,
        /// The error behind it, if there is one.
        source: Option<Source>,
    },
    /// What the builder was given does not fit together, or is not available.
    #[error("{message}")]
    Config {
        /// The reason, in one line.
        message: String,
        /// The error behind it, if there is one.
        source: Option<Source>,
    },
    /// The host's own input or output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A value has no form on the other side.
    #[error(transparent)]
    Conversion(#[from] ConversionError),
    /// Python cannot use an argument, such as a name that is not an identifier.
    #[error("{0}")]
    Argument(String),
    /// An earlier call ended the interpreter, for this reason.
    #[error("this python can no longer be used: {0}")]
    Unusable(String),
}

/// One line of a traceback.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Frame {
    /// The file name inside the sandbox, or a name like `<string>`.
    pub file: String,
    /// The line, from 1; 0 if Python knows none.
    pub line: u32,
    /// The function; `<module>` outside of one.
    pub function: String,
    /// The line's text without indentation; empty if its source is not available.
    pub source: String,
}

impl Error {
    /// Whether this is an exception of that type, by the name that [`Error::Exception`] gives it.
    pub fn is_exception(&self, name: &str) -> bool {
        matches!(self, Self::Exception { type_name, .. } if type_name == name)
    }

    /// Returns the name of the variant, such as `"Timeout"`, for logs and for other languages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Exception { .. } => "Exception",
            Self::Exit(_) => "Exit",
            Self::Interrupted => "Interrupted",
            Self::Timeout => "Timeout",
            Self::OutOfFuel => "OutOfFuel",
            Self::OutOfMemory => "OutOfMemory",
            Self::OutputLimit => "OutputLimit",
            Self::DiskLimit => "DiskLimit",
            Self::Trap(_) => "Trap",
            Self::MemoryLimit { .. } => "MemoryLimit",
            Self::Snapshot { .. } => "Snapshot",
            Self::Config { .. } => "Config",
            Self::Io(_) => "Io",
            Self::Conversion(_) => "Conversion",
            Self::Argument(_) => "Argument",
            Self::Unusable(_) => "Unusable",
        }
    }

    /// Returns the host's number (`errno`) of an [`Io`](Self::Io) error, or of the one behind a
    /// [`Config`](Self::Config) or [`Snapshot`](Self::Snapshot) error, if it has one.
    pub fn os_error(&self) -> Option<i32> {
        let mut next: Option<&(dyn error::Error + 'static)> = match self {
            Self::Io(error) => Some(error),
            Self::Config { source: Some(source), .. } | Self::Snapshot { source: Some(source), .. } => {
                Some(&**source)
            }
            _ => None,
        };
        while let Some(error) = next {
            let io = error.downcast_ref::<io::Error>();
            if let Some(number) = io.and_then(io::Error::raw_os_error) {
                return Some(number);
            }
            // An io::Error does not count the error that it wraps as its source.
            let wrapped = io.and_then(io::Error::get_ref).map(|inner| inner as &(dyn error::Error + 'static));
            next = wrapped.or_else(|| error.source());
        }
        None
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::Config { message: message.into(), source: None }
    }

    /// A [`Config`](Self::Config) error in the words of another error.
    pub(crate) fn config_of(error: impl error::Error + Send + Sync + 'static) -> Self {
        Self::Config { message: error.to_string(), source: Some(Box::new(error)) }
    }

    pub(crate) fn snapshot(message: impl Into<String>) -> Self {
        Self::Snapshot { message: message.into(), source: None }
    }

    /// A [`Snapshot`](Self::Snapshot) error in other words than those of the error behind it.
    pub(crate) fn snapshot_because(
        message: impl Into<String>,
        error: impl error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Snapshot { message: message.into(), source: Some(Box::new(error)) }
    }

    /// Names the kind of an engine's error for an interpreter that is made or called.
    pub(crate) fn of_engine(error: python_wasm_engine::Error) -> Self {
        use python_wasm_engine::Error as Engine;
        match error {
            Engine::MemoryLimit { needed, limit } => Self::MemoryLimit { needed, limit },
            Engine::Snapshot(_) => Self::of_snapshot(error),
            // The address comes from the guest.
            Engine::OutOfBounds { .. } => Self::Trap(error.to_string()),
            Engine::Start(outcome) => Self::Trap(outcome.to_string()),
            Engine::Engine(_) | Engine::Instantiate(_) => Self::config_of(error),
            error => Self::Config {
                message: format!("the embedded interpreter: {error}"),
                source: Some(Box::new(error)),
            },
        }
    }

    /// Names the kind of an engine's error for a snapshot that is taken or restored.
    pub(crate) fn of_snapshot(error: python_wasm_engine::Error) -> Self {
        use python_wasm_engine::Error as Engine;
        let message = match &error {
            Engine::MemoryLimit { needed, limit } => {
                format!("the snapshot has {needed} bytes of memory, and the sandbox may have {limit}")
            }
            error => error.to_string(),
        };
        Self::snapshot_because(message, error)
    }
}

/// An error as JSON and the like have it.
#[derive(Serialize)]
struct Told<'a> {
    kind: &'static str,
    message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i32>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    exception: Option<Exception<'a>>,
}

/// What an error has more that is an exception.
#[derive(Serialize)]
struct Exception<'a> {
    type_name: &'a str,
    frames: &'a [Frame],
    notes: &'a [String],
    cause: Option<&'a Error>,
    /// A cause has none of its own.
    #[serde(skip_serializing_if = "str::is_empty")]
    traceback: &'a str,
}

/// A struct with the error's [`kind`](Error::kind) and a `message`, which is what it displays. An
/// [`Exception`](Error::Exception) has its own message, and its other fields; an [`Exit`](Error::Exit) has the `status`.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut message, mut exception) = (None, None);
        if let Self::Exception { type_name, message: own, frames, notes, cause, traceback } = self {
            message = Some(Cow::Borrowed(own.as_str()));
            exception = Some(Exception { type_name, frames, notes, cause: cause.as_deref(), traceback });
        }
        let message = message.unwrap_or_else(|| self.to_string().into());
        let status = if let Self::Exit(status) = self { Some(*status) } else { None };
        Told { kind: self.kind(), message, status, exception }.serialize(serializer)
    }
}

impl From<MountError> for Error {
    fn from(error: MountError) -> Self {
        Self::config_of(error)
    }
}
