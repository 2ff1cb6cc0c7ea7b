//! `python_wasm_error`: why a call failed, with all that is known about it.

use std::ffi::{CString, c_char, c_int};
use std::ptr::null;
use std::sync::Arc;

use python_wasm::{Error, Frame};
use serde_json::{Value as Json, json};

use crate::failure::{Failure, Status};
use crate::handle::{find, handled, issue, withdraw};

/// `python_wasm_error`. Its strings live as long as it does.
#[derive(Debug)]
pub struct CallError {
    status: Status,
    message: CString,
    /// Python's traceback, of an exception.
    traceback: Option<CString>,
    type_name: Option<CString>,
    exit_status: c_int,
    number: c_int,
    json: CString,
}

handled!(CallError, "the error");

/// Makes the handle of an error.
pub(crate) fn report(failure: Failure) -> *mut CallError {
    issue(Arc::new(CallError::of(failure)))
}

impl CallError {
    fn of(failure: Failure) -> Self {
        let Failure { status, message, error } = failure;
        let mut described = error.as_deref().map_or_else(|| json!({}), described);
        described["status"] = status.name().into();
        described["message"] = message.as_str().into();
        let (mut traceback, mut type_name, mut exit_status) = (None, None, 0);
        match error.as_deref() {
            Some(Error::Exception { type_name: name, traceback: text, .. }) => {
                (traceback, type_name) = (Some(string(text)), Some(string(name)));
            }
            Some(Error::Exit(status)) => exit_status = *status,
            _ => {}
        }
        Self {
            status,
            message: string(&message),
            traceback,
            type_name,
            exit_status,
            number: error.as_deref().and_then(Error::os_error).unwrap_or_default(),
            json: string(&described.to_string()),
        }
    }
}

/// Makes a string of C, in which a NUL cannot be.
fn string(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

/// Describes an error and those behind it.
fn described(error: &Error) -> Json {
    match error {
        Error::Exception { type_name, message, frames, notes, cause, traceback, .. } => {
            let frame = |Frame { file, line, function, source, .. }: &Frame| json!({"file": file, "line": line, "function": function, "source": source});
            json!({
                "type": type_name,
                "text": message,
                "frames": frames.iter().map(frame).collect::<Vec<_>>(),
                "notes": notes,
                "cause": cause.as_deref().map(described),
                "traceback": &**traceback,
            })
        }
        Error::Exit(status) => json!({"exit_status": status}),
        error => match error.os_error() {
            Some(number) => json!({"errno": number}),
            None => json!({}),
        },
    }
}

/// Returns the status that the call returned, or [`Status::Argument`] for what is not an error.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_error_status(error: *const CallError) -> Status {
    find(error).map_or(Status::Argument, |error| error.status)
}

/// Returns one of an error's strings. It lives until the error is freed, because the table has the error until then.
fn borrowed(error: *const CallError, part: impl FnOnce(&CallError) -> Option<&CString>) -> *const c_char {
    find(error).ok().and_then(|error| part(&error).map(|text| text.as_ptr())).unwrap_or(null())
}

/// Returns what happened, in words.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_error_message(error: *const CallError) -> *const c_char {
    borrowed(error, |error| Some(&error.message))
}

/// Returns Python's traceback, or NULL if no exception was raised.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_error_traceback(error: *const CallError) -> *const c_char {
    borrowed(error, |error| error.traceback.as_ref())
}

/// Returns the type of the exception, or NULL if none was raised.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_error_type(error: *const CallError) -> *const c_char {
    borrowed(error, |error| error.type_name.as_ref())
}

/// Returns all of it as JSON.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_error_json(error: *const CallError) -> *const c_char {
    borrowed(error, |error| Some(&error.json))
}

/// Returns the status of `sys.exit`, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_error_exit_status(error: *const CallError) -> c_int {
    find(error).map_or(0, |error| error.exit_status)
}

/// Returns the host's `errno`, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_error_number(error: *const CallError) -> c_int {
    find(error).map_or(0, |error| error.number)
}

/// Frees an error and its strings.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_error_free(error: *mut CallError) {
    // One that was freed is told from others, and freeing it again does nothing.
    let _freed = withdraw(error);
}
