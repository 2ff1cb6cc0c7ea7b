//! How a call ends: its status, and what can be said about a failure.

use std::ffi::c_char;

use python_wasm::Error;

/// `python_wasm_status`: how a call ended.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the header documents them")]
pub enum Status {
    Ok = 0,
    Exception = 1,
    Exit = 2,
    Interrupted = 3,
    Timeout = 4,
    OutOfFuel = 5,
    OutOfMemory = 6,
    OutputLimit = 7,
    DiskLimit = 8,
    Trap = 9,
    Conversion = 10,
    Argument = 11,
    Config = 12,
    Io = 13,
    Unusable = 14,
    Panic = 15,
    MemoryLimit = 16,
    Snapshot = 17,
    Busy = 18,
    Empty = 19,
}

/// The names of all statuses, by their numbers.
const NAMES: [&std::ffi::CStr; 20] = [
    c"ok",
    c"exception",
    c"exit",
    c"interrupted",
    c"timeout",
    c"out of fuel",
    c"out of memory",
    c"output limit",
    c"disk limit",
    c"trap",
    c"conversion",
    c"argument",
    c"config",
    c"io",
    c"unusable",
    c"panic",
    c"memory limit",
    c"snapshot",
    c"busy",
    c"empty",
];

/// Returns the name of a status. C may pass any number.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_status_name(status: std::ffi::c_int) -> *const c_char {
    let name = usize::try_from(status).ok().and_then(|status| NAMES.get(status));
    name.unwrap_or(&c"unknown status").as_ptr()
}

impl Status {
    /// Returns the name that C gets.
    pub(crate) fn name(self) -> &'static str {
        NAMES.get(self as usize).and_then(|name| name.to_str().ok()).unwrap_or("unknown status")
    }
}

/// Why a call failed: an error of the library, or of its use from C.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) message: String,
    /// The error of the library, which has more to tell.
    pub(crate) error: Option<Box<Error>>,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), error: None }
    }

    /// An argument that means nothing.
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(Status::Argument, message)
    }

    /// What is in use by a call that has not ended.
    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self::new(Status::Busy, message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = match &error {
            Error::Exception { type_name, message, .. } if message.is_empty() => type_name.clone(),
            Error::Exception { type_name, message, .. } => format!("{type_name}: {message}"),
            error => error.to_string(),
        };
        Self { status: status_of(&error), message, error: Some(error.into()) }
    }
}

fn status_of(error: &Error) -> Status {
    match error {
        Error::Exception { .. } => Status::Exception,
        Error::Exit(_) => Status::Exit,
        Error::Interrupted => Status::Interrupted,
        Error::Timeout => Status::Timeout,
        Error::OutOfFuel => Status::OutOfFuel,
        Error::OutOfMemory => Status::OutOfMemory,
        Error::OutputLimit => Status::OutputLimit,
        Error::DiskLimit => Status::DiskLimit,
        Error::Trap(_) => Status::Trap,
        Error::Conversion(_) => Status::Conversion,
        Error::Argument(_) => Status::Argument,
        Error::Config { .. } => Status::Config,
        Error::MemoryLimit { .. } => Status::MemoryLimit,
        Error::Snapshot { .. } => Status::Snapshot,
        Error::Io(_) => Status::Io,
        Error::Unusable(_) => Status::Unusable,
        // A kind of error that the header does not have yet.
        _ => Status::Panic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the lines of an enum of the header, each with its name and its number.
    fn enumerated(name: &str) -> Vec<(&str, usize)> {
        let header = include_str!("../include/python_wasm.h");
        let body =
            header.split(&format!("typedef enum {name} {{")).nth(1).and_then(|rest| rest.split('}').next());
        let lines = body.unwrap().lines().filter_map(|line| line.split_once(" = "));
        lines
            .map(|(name, rest)| {
                let number = rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap();
                (name.trim(), number.parse().unwrap())
            })
            .collect()
    }

    #[test]
    fn the_header_has_the_statuses_that_are_returned() {
        let statuses = enumerated("python_wasm_status");
        assert_eq!(statuses.len(), NAMES.len());
        for (index, (name, number)) in statuses.into_iter().enumerate() {
            let expected = NAMES[number].to_str().unwrap().to_uppercase().replace(' ', "_");
            assert_eq!((name.strip_prefix("PYTHON_WASM_"), number), (Some(&*expected), index));
        }
        assert_eq!(Status::Empty as usize, NAMES.len() - 1);
        assert_eq!((Status::Busy.name(), Status::OutOfFuel.name()), ("busy", "out of fuel"));
    }

    #[test]
    fn each_error_of_the_library_has_a_status_of_its_own() {
        let text = || "text".to_owned();
        let errors = [
            (Error::Exit(1), Status::Exit),
            (Error::Interrupted, Status::Interrupted),
            (Error::Timeout, Status::Timeout),
            (Error::OutOfFuel, Status::OutOfFuel),
            (Error::OutOfMemory, Status::OutOfMemory),
            (Error::OutputLimit, Status::OutputLimit),
            (Error::DiskLimit, Status::DiskLimit),
            (Error::Trap(text()), Status::Trap),
            (Error::MemoryLimit { needed: 2, limit: 1 }, Status::MemoryLimit),
            (Error::Snapshot { message: text(), source: None }, Status::Snapshot),
            (Error::Config { message: text(), source: None }, Status::Config),
            (Error::Io(std::io::ErrorKind::NotFound.into()), Status::Io),
            (Error::Argument(text()), Status::Argument),
            (Error::Unusable(text()), Status::Unusable),
        ];
        for (error, expected) in errors {
            let failure = Failure::from(error);
            assert_eq!(failure.status, expected);
            assert!(!failure.message.is_empty());
        }
    }
}
