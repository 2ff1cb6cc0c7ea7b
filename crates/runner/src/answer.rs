//! The answers of the agent in the guest (`cpython/guest/_python_wasm.py`, which says how they are made).

use crate::error::{Error, Frame};
use crate::value::{ConversionError, Value};

/// Reads an answer: the value, or the error that it tells of.
pub(crate) fn read(answer: Value) -> Result<Value, Error> {
    let Value::Tuple(mut parts) = answer else {
        return Err(garbled());
    };
    parts.reverse();
    if parts == ["broken".into()] {
        return Err(Error::Trap(BROKEN.into()));
    }
    let mut next = || parts.pop().ok_or_else(garbled);
    match (next()?, next()?) {
        (Value::Str(kind), payload) => match (kind.as_str(), payload) {
            ("value", value) => Ok(value),
            ("exit", Value::Int(status)) => Err(Error::Exit(status as i32)),
            ("refused", Value::Str(message)) => Err(Error::Argument(message)),
            ("unconvertible", Value::Str(message)) => Err(Error::Conversion(ConversionError(message))),
            ("exception", Value::Str(kind)) => {
                let (details, traceback) = (next()?, text(next()?)?);
                Err(match kind.as_str() {
                    "memory" => Error::OutOfMemory,
                    "disk" => Error::DiskLimit,
                    "interrupt" => Error::Interrupted,
                    _ => exception(details, traceback)?,
                })
            }
            _ => Err(garbled()),
        },
        _ => Err(garbled()),
    }
}

fn exception(details: Value, traceback: String) -> Result<Error, Error> {
    let Ok([type_name, message, frames, notes, _explicit, cause]) =
        items(details).map(<[Value; 6]>::try_from)?
    else {
        return Err(garbled());
    };
    let cause = match cause {
        Value::None => None,
        // Its text is part of the whole traceback.
        cause => Some(Box::new(exception(cause, String::new())?)),
    };
    Ok(Error::Exception {
        type_name: text(type_name)?,
        message: text(message)?,
        frames: items(frames)?.into_iter().map(frame).collect::<Result<_, _>>()?,
        notes: items(notes)?.into_iter().map(text).collect::<Result<_, _>>()?,
        cause,
        traceback: traceback.into(),
    })
}

fn frame(value: Value) -> Result<Frame, Error> {
    match items(value).map(<[Value; 4]>::try_from)? {
        Ok([Value::Str(file), Value::Int(line), Value::Str(function), Value::Str(source)]) => {
            Ok(Frame { file, line: u32::try_from(line).unwrap_or(0), function, source })
        }
        _ => Err(garbled()),
    }
}

pub(crate) fn items(value: Value) -> Result<Vec<Value>, Error> {
    match value {
        Value::Tuple(items) | Value::List(items) => Ok(items),
        _ => Err(garbled()),
    }
}

pub(crate) fn text(value: Value) -> Result<String, Error> {
    match value {
        Value::Str(text) => Ok(text),
        _ => Err(garbled()),
    }
}

/// Why a program cannot be asked any more that has destroyed what answers.
pub(crate) const BROKEN: &str = "the program has taken apart the module that answers for python";

/// The error for an answer that makes no sense. The agent is a Python module within the program's reach,
/// so the program may have tampered with it.
pub(crate) fn garbled() -> Error {
    Error::Trap("the answer of python's side makes no sense; the program may have changed it".into())
}
