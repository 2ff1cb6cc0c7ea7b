//! From the memory of an image to a Python that knows its world.

use python_wasm_engine::{Error, Instance, Outcome, Value};

use super::embedded;
use super::host::HostState;

/// What became of an interpreter that was to adopt its world.
pub(crate) enum Start {
    /// It is initialised, as its arguments, variables and streams want it.
    Adopted,
    /// They want another one than the image holds (`-O`, `PYTHONHASHSEED`, ...): this one has not
    /// begun, but for C's constructors.
    Anew,
    /// It ended, as after `--version`.
    Ended(Outcome),
}

/// Lets a Python of the image adopt its world, or begin anew where it cannot.
pub(crate) fn start(instance: &mut Instance<HostState>) -> Result<Start, Error> {
    match instance.call("python_adopt", &[])? {
        Outcome::Returned(Some(Value::I32(0))) => return Ok(Start::Adopted),
        Outcome::Returned(_) => {}
        outcome => return Ok(Start::Ended(outcome)),
    }
    instance.restore(&embedded::beginning()?)?;
    match instance.call("_initialize", &[])? {
        Outcome::Returned(_) => Ok(Start::Anew),
        outcome => Ok(Start::Ended(outcome)),
    }
}
