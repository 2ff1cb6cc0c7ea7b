//! Running Python: source, files and modules, expressions, functions, and what all of them print.

use std::ffi::c_char;

use python_wasm::{Output, Value};

use crate::error::CallError;
use crate::failure::{Failure, Status};
use crate::interpreter::{Interpreter, enter};
use crate::json;
use crate::memory::{clear, give, give_bytes, guarded, optional_text, text, texts};

/// Runs something, and gives what it printed to standard output even if it fails.
///
/// # Safety
/// `output` is NULL or [good](crate#safety).
unsafe fn run(
    python: *const Interpreter,
    output: *mut *mut c_char,
    call: impl FnOnce(&mut python_wasm::Python) -> Result<Output, python_wasm::Error>,
) -> Result<(), Failure> {
    let (ended, printed) = enter(python, |session| {
        let ended = session.run(call);
        let printed = if output.is_null() { String::new() } else { session.printed.stdout.clone() };
        Ok((ended, printed))
    })?;
    // SAFETY: NULL or good, by this function's contract.
    unsafe { give(output, &printed) }?;
    ended
}

/// Runs source code.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_exec(
    python: *const Interpreter,
    source: *const c_char,
    file: *const c_char,
    output: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(output);
        guarded(error, || {
            let source = text(source, "the source")?;
            let file = optional_text(file, "the file name")?.unwrap_or("<string>");
            run(python, output, |python| python.exec_named(source, file))
        })
    }
}

/// Runs a file of the sandbox.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_run_file(
    python: *const Interpreter,
    path: *const c_char,
    output: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(output);
        guarded(error, || {
            let path = text(path, "the path")?;
            run(python, output, |python| python.run_file(path))
        })
    }
}

/// Runs a module, with arguments.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_run_module(
    python: *const Interpreter,
    name: *const c_char,
    arguments: *const *const c_char,
    argument_count: usize,
    output: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(output);
        guarded(error, || {
            let name = text(name, "the name")?;
            let arguments = texts(arguments, argument_count, "the arguments")?;
            run(python, output, |python| python.run_module(name, arguments))
        })
    }
}

/// Evaluates an expression and returns its value as JSON.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_eval_json(
    python: *const Interpreter,
    expression: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(json);
        guarded(error, || {
            let expression = text(expression, "the expression")?;
            let value: Value = enter(python, |session| session.call(|python| python.eval(expression)))?;
            give(json, &json::write(&value)?)
        })
    }
}

/// Evaluates an expression and returns the `repr()` of its value.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_repr(
    python: *const Interpreter,
    expression: *const c_char,
    repr: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(repr);
        guarded(error, || {
            let expression = text(expression, "the expression")?;
            give(repr, &enter(python, |session| session.call(|python| python.repr(expression)))?)
        })
    }
}

/// Binds a name to a value in JSON.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_set_json(
    python: *const Interpreter,
    name: *const c_char,
    json: *const c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let (name, value) = (text(name, "the name")?, json::read(text(json, "the value")?)?);
            enter(python, |session| session.call(|python| python.set(name, &value)))
        })
    }
}

/// Calls a function by its name, and returns its result as JSON.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_call_json(
    python: *const Interpreter,
    name: *const c_char,
    arguments: *const c_char,
    keywords: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(json);
        guarded(error, || {
            let name = text(name, "the name")?;
            let positional = match optional_text(arguments, "the arguments")?.map(json::read).transpose()? {
                None => Vec::new(),
                Some(Value::List(arguments)) => arguments,
                Some(_) => return Err(Failure::argument("the arguments are not a JSON array")),
            };
            let named = match optional_text(keywords, "the keywords")?.map(json::read).transpose()? {
                None => Vec::new(),
                Some(Value::Dict(keywords)) => keywords,
                Some(_) => return Err(Failure::argument("the keywords are not a JSON object")),
            };
            let named = named.into_iter().filter_map(|(name, value)| match name {
                Value::Str(name) => Some((name, value)),
                // The keys of JSON are strings.
                _ => None,
            });
            let call = |python: &mut python_wasm::Python| {
                python.call_with_keywords(name, positional, named.collect())
            };
            let value = enter(python, |session| session.call(call))?;
            give(json, &json::write(&value)?)
        })
    }
}

/// Returns what the last call printed to standard output.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_stdout(
    python: *const Interpreter,
    printed: *mut *mut c_char,
    size: *mut usize,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe { printed_to(python, printed, size, error, |output| &output.stdout) }
}

/// Returns what the last call printed to standard error.
///
/// # Safety
/// As [`python_wasm_exec`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_stderr(
    python: *const Interpreter,
    printed: *mut *mut c_char,
    size: *mut usize,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe { printed_to(python, printed, size, error, |output| &output.stderr) }
}

/// # Safety
/// All pointers are NULL or good.
unsafe fn printed_to(
    python: *const Interpreter,
    printed: *mut *mut c_char,
    size: *mut usize,
    error: *mut *mut CallError,
    stream: fn(&Output) -> &String,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(printed);
        guarded(error, || {
            let text = enter(python, |session| Ok(stream(&session.printed).clone()))?;
            if size.is_null() { give(printed, &text) } else { give_bytes(printed, size, text.as_bytes()) }
        })
    }
}
