//! python-wasm for C. The header, `include/python_wasm.h`, documents each function.
//!
//! # Safety
//!
//! Every pointer that C passes is NULL or *good*:
//!
//! - a `python_wasm *` comes from [`python_wasm_new`] and was not freed yet;
//! - a string ends with NUL and does not change during the call;
//! - the place of a result can be written, and nobody else uses it during the call;
//! - options, and the mounts that they point to, can be read during the call.
//!
//! One thread uses an interpreter at a time; only [`python_wasm_interrupt`] may be called from any thread.
//!
//! Functions check pointers for NULL and strings for UTF-8. They catch panics, so none crosses into C.
#![expect(unsafe_code, reason = "C's pointers are what this crate is about")]

mod json;

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use python_wasm::{Error, InterruptHandle, Limits, Mount, Output, Python};

/// `python_wasm`: an interpreter, and a handle that any thread may use at any time.
pub struct Interpreter {
    /// Used by one thread at a time; the header demands it.
    session: UnsafeCell<Session>,
    interrupt: InterruptHandle,
}

/// Python, and what its last call printed.
struct Session {
    python: Python,
    printed: Output,
}

impl Session {
    /// Makes one call, and keeps what it prints, whether or not it fails.
    fn call<T>(&mut self, call: impl FnOnce(&mut Python) -> Result<T, Error>) -> Result<T, Error> {
        let ended = call(&mut self.python);
        self.printed = self.python.take_output();
        ended
    }
}

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
}

/// `python_wasm_mount`: a folder of the host. `access` is a number because a C enum can hold any number.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct MountOptions {
    pub host: *const c_char,
    pub guest: *const c_char,
    pub access: c_int,
}

/// `python_wasm_options`: folders and limits.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct Options {
    pub mounts: *const MountOptions,
    pub mount_count: usize,
    pub memory: u64,
    pub fuel: u64,
    pub timeout_ms: u64,
    pub output: u64,
}

/// Makes an interpreter.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_new(
    options: *const Options,
    python: *mut *mut Interpreter,
    error: *mut *mut c_char,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let place = python.as_mut().ok_or_else(|| argument("the place of the interpreter is NULL"))?;
            *place = std::ptr::null_mut();
            let built = Settings::read(options)?.build()?;
            let interrupt = built.interrupt_handle();
            let session = UnsafeCell::new(Session { python: built, printed: Output::default() });
            *place = Box::into_raw(Box::new(Interpreter { session, interrupt }));
            Ok(())
        })
    }
}

/// Runs source code.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety), and no other thread uses the interpreter during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_exec(
    python: *mut Interpreter,
    source: *const c_char,
    output: *mut *mut c_char,
    error: *mut *mut c_char,
) -> Status {
    // SAFETY: all pointers are NULL or good and only this thread uses the interpreter, by this function's contract.
    unsafe {
        guarded(error, || {
            give(output, None);
            let (session, source) = (session(python)?, text(source)?);
            let printed = session.python.exec(source);
            let (printed, ended) = match printed {
                Ok(printed) => (printed, Ok(())),
                Err(error) => (session.python.take_output(), Err(error)),
            };
            give(output, Some(printed.stdout.clone()));
            session.printed = printed;
            ended
        })
    }
}

/// Evaluates an expression and returns its value as JSON.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_eval_json(
    python: *mut Interpreter,
    expression: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut c_char,
) -> Status {
    // SAFETY: all pointers are NULL or good and only this thread uses the interpreter, by this function's contract.
    unsafe {
        guarded(error, || {
            give(json, None);
            let (session, expression) = (session(python)?, text(expression)?);
            let value = session.call(|python| python.eval(expression))?;
            give(json, Some(json::write(&value)?));
            Ok(())
        })
    }
}

/// Evaluates an expression and returns the `repr()` of its value.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_repr(
    python: *mut Interpreter,
    expression: *const c_char,
    repr: *mut *mut c_char,
    error: *mut *mut c_char,
) -> Status {
    // SAFETY: all pointers are NULL or good and only this thread uses the interpreter, by this function's contract.
    unsafe {
        guarded(error, || {
            give(repr, None);
            let (session, expression) = (session(python)?, text(expression)?);
            give(repr, Some(session.call(|python| python.repr(expression))?));
            Ok(())
        })
    }
}

/// Binds a name to a value in JSON.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_set_json(
    python: *mut Interpreter,
    name: *const c_char,
    json: *const c_char,
    error: *mut *mut c_char,
) -> Status {
    // SAFETY: all pointers are NULL or good and only this thread uses the interpreter, by this function's contract.
    unsafe {
        guarded(error, || {
            let value = json::read(text(json)?)?;
            let (session, name) = (session(python)?, text(name)?);
            session.call(|python| python.set(name, &value))
        })
    }
}

/// Returns what the last call printed to standard output.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_stdout(python: *mut Interpreter, printed: *mut *mut c_char) -> Status {
    // SAFETY: all pointers are NULL or good and only this thread uses the interpreter, by this function's contract.
    unsafe {
        guarded(std::ptr::null_mut(), || {
            give(printed, None);
            give(printed, Some(session(python)?.printed.stdout.clone()));
            Ok(())
        })
    }
}

/// Returns what the last call printed to standard error.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_stderr(python: *mut Interpreter, printed: *mut *mut c_char) -> Status {
    // SAFETY: all pointers are NULL or good and only this thread uses the interpreter, by this function's contract.
    unsafe {
        guarded(std::ptr::null_mut(), || {
            give(printed, None);
            give(printed, Some(session(python)?.printed.stderr.clone()));
            Ok(())
        })
    }
}

/// Raises `KeyboardInterrupt` in the code that is running. Does nothing between calls.
///
/// # Safety
/// The interpreter is NULL or [good](crate#safety). Another thread may be using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_interrupt(python: *const Interpreter) {
    // SAFETY: NULL or good, by this function's contract. The thread that runs Python borrows the contents of the
    // cell alone, never the handle.
    if let Some(python) = unsafe { python.as_ref() } {
        python.interrupt.interrupt();
    }
}

/// Whether calls are still possible: 1 or 0.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_is_usable(python: *const Interpreter) -> c_int {
    // SAFETY: NULL or good, and used by this thread alone, by this function's contract.
    unsafe { python.as_ref().is_some_and(|python| (*python.session.get()).python.is_usable()) }.into()
}

/// Frees an interpreter.
///
/// # Safety
/// The interpreter is NULL or [good](crate#safety), and no thread uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_free(python: *mut Interpreter) {
    if !python.is_null() {
        // SAFETY: `Box::into_raw` made it, and the caller frees it once, by this function's contract.
        drop(unsafe { Box::from_raw(python) });
    }
}

/// Frees a string that a function of this library returned.
///
/// # Safety
/// The string is NULL, or a function of this library returned it and it was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_string_free(string: *mut c_char) {
    if !string.is_null() {
        // SAFETY: `CString::into_raw` made it, and the caller frees it once, by this function's contract.
        drop(unsafe { CString::from_raw(string) });
    }
}

/// The options of an interpreter, without C's pointers.
#[derive(Default)]
struct Settings {
    limits: Limits,
    /// The folders, each with its name in the sandbox.
    mounts: Vec<(String, Mount)>,
}

impl Settings {
    /// Reads the options of C; NULL means the defaults.
    ///
    /// # Safety
    /// `options` is NULL or good, its `mounts` are NULL or `mount_count` in number, and their strings are NULL
    /// or good.
    unsafe fn read(options: *const Options) -> Result<Self, Error> {
        // SAFETY: NULL or good, by this function's contract.
        let Some(options) = (unsafe { options.as_ref() }) else { return Ok(Self::default()) };
        let mounts = if options.mounts.is_null() || options.mount_count == 0 {
            &[]
        } else {
            // SAFETY: not NULL, so there are `mount_count` of them, by this function's contract.
            unsafe { std::slice::from_raw_parts(options.mounts, options.mount_count) }
        };
        let mounts = mounts.iter().map(|mount| {
            // SAFETY: the strings are NULL or good, by this function's contract.
            let (host, guest) = unsafe { (text(mount.host)?, text(mount.guest)?) };
            Ok((guest.to_owned(), open(host, mount.access)?))
        });
        Ok(Self { limits: options.limits(), mounts: mounts.collect::<Result<_, Error>>()? })
    }

    fn build(self) -> Result<Python, Error> {
        let builder = Python::builder().limits(self.limits);
        self.mounts.into_iter().fold(builder, |builder, (name, mount)| builder.mount(&name, mount)).build()
    }
}

impl Options {
    /// Returns the limits; each that is 0 is the default.
    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        if self.memory > 0 {
            limits = limits.memory(self.memory);
        }
        if self.fuel > 0 {
            limits = limits.fuel(self.fuel);
        }
        if self.timeout_ms > 0 {
            limits = limits.timeout(Duration::from_millis(self.timeout_ms));
        }
        if self.output > 0 {
            limits = limits.output(self.output);
        }
        limits
    }
}

/// Opens a folder of the host for one of the values of `python_wasm_access`.
fn open(host: &str, access: c_int) -> Result<Mount, Error> {
    match access {
        0 => Ok(Mount::read_only(host)?),
        1 => Ok(Mount::read_write(host)?),
        2 => Ok(Mount::overlay(host)?),
        other => Err(argument(&format!("{other} is not a value of python_wasm_access"))),
    }
}

/// Runs the body of a function, stores its error message, and returns its status. Catches panics.
///
/// # Safety
/// `error` is NULL or the good place of a result.
unsafe fn guarded(error: *mut *mut c_char, body: impl FnOnce() -> Result<(), Error>) -> Status {
    let ended = catch_unwind(AssertUnwindSafe(body));
    let (status, message) = match ended {
        Ok(Ok(())) => (Status::Ok, None),
        Ok(Err(error)) => (status_of(&error), Some(error.to_string())),
        Err(_) => (Status::Panic, Some("python-wasm panicked".to_owned())),
    };
    // SAFETY: `error` is NULL or good, by this function's contract.
    unsafe { give(error, message) };
    status
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
        Error::Config { .. } | Error::MemoryLimit { .. } | Error::Snapshot { .. } => Status::Config,
        Error::Io(_) => Status::Io,
        Error::Unusable(_) => Status::Unusable,
        // A kind of error that the header does not have yet.
        _ => Status::Panic,
    }
}

/// Borrows the interpreter.
///
/// # Safety
/// `python` is NULL or good, and no other thread uses it during the call.
unsafe fn session<'a>(python: *mut Interpreter) -> Result<&'a mut Session, Error> {
    // SAFETY: NULL or good, by this function's contract.
    let python = unsafe { python.as_ref() }.ok_or_else(|| argument("the interpreter is NULL"))?;
    // SAFETY: only this thread uses the contents of the cell, by this function's contract, and each function of
    // the library borrows them once.
    Ok(unsafe { &mut *python.session.get() })
}

/// Borrows a string as UTF-8.
///
/// # Safety
/// `string` is NULL or good.
unsafe fn text<'a>(string: *const c_char) -> Result<&'a str, Error> {
    if string.is_null() {
        return Err(argument("a string is NULL"));
    }
    // SAFETY: not NULL, so it ends with NUL and does not change, by this function's contract.
    unsafe { CStr::from_ptr(string) }
        .to_str()
        .map_err(|error| argument(&format!("a string is not UTF-8: {error}")))
}

/// Stores a string or NULL as a result. A NUL in the string, which C cannot hold, becomes U+FFFD.
///
/// # Safety
/// `place` is NULL or the good place of a result.
unsafe fn give(place: *mut *mut c_char, string: Option<String>) {
    // SAFETY: NULL or good, by this function's contract.
    let Some(place) = (unsafe { place.as_mut() }) else { return };
    *place = match string.map(|string| CString::new(string.replace('\0', "\u{fffd}"))) {
        Some(Ok(string)) => string.into_raw(),
        _ => std::ptr::null_mut(),
    };
}

fn argument(message: &str) -> Error {
    Error::Argument(message.to_owned())
}
