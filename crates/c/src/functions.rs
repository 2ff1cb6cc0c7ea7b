//! `python_wasm_function`: functions of the program that Python calls, `from host import price`.

use std::ffi::{c_char, c_void};
use std::sync::{Arc, Mutex, PoisonError};

use python_wasm::{PythonBuilder, Raise, Signature, Value};
use serde_json::Value as Json;

use crate::callback::{Finalize, UserData};
use crate::error::CallError;
use crate::failure::{Failure, Status};
use crate::handle::{find, handled, issue, withdraw};
use crate::interpreter::{Interpreter, enter};
use crate::json;
use crate::memory::{clear, give, guarded, optional_text, text};
use crate::structs::Grows;

/// Answers a call of Python's. `arguments` is a JSON array, `keywords` a JSON object.
pub type FunctionCallback = unsafe extern "C" fn(
    user_data: *mut c_void,
    arguments: *const c_char,
    keywords: *const c_char,
    reply: *mut Reply,
);

/// `python_wasm_function`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct Function {
    pub size: usize,
    pub name: *const c_char,
    pub description: *const c_char,
    pub schema: *const c_char,
    pub call: Option<FunctionCallback>,
    pub user_data: *mut c_void,
    pub finalize: Option<Finalize>,
}

// SAFETY: `repr(C)`, the size comes first, and NULL is a value of all other fields.
unsafe impl Grows for Function {
    const NAME: &str = "python_wasm_function";
    const FIRST: usize = size_of::<Self>();
}

/// `python_wasm_reply`: where a callback leaves its result. The callback may pass it to another thread.
#[derive(Debug)]
pub struct Reply(Mutex<Result<Value, Raise>>);

handled!(Reply, "the reply");

/// A function's callback with its data, which all interpreters that have the function share.
#[derive(Debug)]
struct Callback {
    call: FunctionCallback,
    user_data: UserData,
}

impl Callback {
    fn call(&self, arguments: Vec<Value>, keywords: Vec<(Value, Value)>) -> Result<Value, Raise> {
        let written = |value| json::write(&value).map_err(|error| Raise::new("TypeError", error.to_string()));
        let texts = [written(Value::List(arguments))?, written(Value::Dict(keywords))?];
        // JSON has no NUL in it.
        let [arguments, keywords] = texts.map(|text| std::ffi::CString::new(text).unwrap_or_default());
        let reply = Arc::new(Reply(Mutex::new(Ok(Value::None))));
        let handle = issue(Arc::clone(&reply));
        // SAFETY: a callback is good, and so are the strings and the handle during the call.
        unsafe { (self.call)(self.user_data.pointer(), arguments.as_ptr(), keywords.as_ptr(), handle) };
        // Nobody can reply to it any more.
        let _withdrawn = withdraw(handle);
        let mut reply = reply.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut reply, Ok(Value::None))
    }
}

/// A function, with all that it needs of C's memory.
pub(crate) struct Offer {
    description: Function,
    user_data: UserData,
}

impl Offer {
    /// Takes the user data over, whatever the rest is.
    pub(crate) fn new(function: Function) -> Self {
        let user_data = UserData::new(function.user_data, function.finalize);
        Self { description: function, user_data }
    }

    /// Offers the function to Python.
    ///
    /// # Safety
    /// The strings of the description are NULL or good.
    pub(crate) unsafe fn add_to(self, builder: PythonBuilder, what: &str) -> Result<PythonBuilder, Failure> {
        let Function { name, description, schema, call, .. } = self.description;
        let call = call.ok_or_else(|| Failure::argument(format!("{what}.call is NULL")))?;
        // SAFETY: NULL or good, by this function's contract.
        let (name, doc, schema) = unsafe {
            (
                text(name, &format!("{what}.name"))?,
                optional_text(description, &format!("{what}.description"))?.unwrap_or_default(),
                optional_text(schema, &format!("{what}.schema"))?,
            )
        };
        let callback = Callback { call, user_data: self.user_data };
        let Some(schema) = schema else {
            let signature = Signature {
                parameters: "(*args, **kwargs)".into(),
                annotations: Vec::new(),
                doc: doc.to_owned(),
            };
            return Ok(builder.function_with_signature(name, signature, move |arguments, keywords| {
                let keywords = keywords.into_iter().map(|(name, value)| (name.into(), value));
                callback.call(arguments, keywords.collect())
            }));
        };
        let schema: Json = serde_json::from_str(schema)
            .map_err(|error| Failure::argument(format!("{what}.schema is not JSON: {error}")))?;
        Ok(builder.tool_with_schema(name, doc, schema, move |arguments| match arguments {
            Value::Dict(arguments) => callback.call(Vec::new(), arguments),
            other => callback.call(vec![other], Vec::new()),
        }))
    }
}

/// Leaves a result, which is JSON.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_reply_json(reply: *mut Reply, json: *const c_char) -> Status {
    // SAFETY: NULL or good, by this function's contract.
    let value = || Ok(json::read(unsafe { text(json, "the result") }?)?);
    leave(reply, || match value() {
        Ok(value) => (Ok(value), Ok(())),
        // Python learns of it, too.
        Err(failure) => {
            let failure: Failure = failure;
            (Err(Raise::new("TypeError", format!("the result: {}", failure.message))), Err(failure))
        }
    })
}

/// Leaves an exception.
///
/// # Safety
/// As [`python_wasm_reply_json`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_reply_error(
    reply: *mut Reply,
    type_name: *const c_char,
    message: *const c_char,
) -> Status {
    // SAFETY: NULL or good, by this function's contract.
    let texts = || unsafe {
        Ok((
            optional_text(type_name, "the type")?,
            optional_text(message, "the message")?.unwrap_or_default(),
        ))
    };
    leave(reply, || match texts() {
        // No exception has the name "Error", which stands for `host.Error`.
        Ok((type_name, message)) => (Err(Raise::new(type_name.unwrap_or("Error"), message)), Ok(())),
        Err(failure) => {
            let failure: Failure = failure;
            (Err(Raise::new("Error", failure.message.clone())), Err(failure))
        }
    })
}

/// Leaves what `made` returns first, and ends as what it returns second. The last reply counts.
fn leave(reply: *mut Reply, made: impl FnOnce() -> (Result<Value, Raise>, Result<(), Failure>)) -> Status {
    // SAFETY: there is no place for an error.
    unsafe {
        guarded(std::ptr::null_mut(), || {
            let reply = find(reply)?;
            let (answer, ended) = made();
            *reply.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
            ended
        })
    }
}

/// Returns the functions that have a schema, as a language model is told of them, as JSON.
///
/// # Safety
/// As [`python_wasm_reply_json`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_tools(
    python: *const Interpreter,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(json);
        guarded(error, || {
            let tools = enter(python, |session| Ok(session.python.tools()))?;
            give(json, &serde_json::json!(tools).to_string())
        })
    }
}
