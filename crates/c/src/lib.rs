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
mod options;

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use python_wasm::{Error, InterruptHandle, Output, Python};

use self::options::Settings;
pub use self::options::{MountOptions, Options};

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
