//! From the memory of an image to a Python that knows its world.

use python_wasm_contract::export::{ADOPT, CONSTRUCT};
use python_wasm_engine::{Error, Instance, Number, Outcome};

use super::embedded;
use super::host::HostState;

/// What became of an interpreter that adopts its world.
pub(crate) enum Start {
    /// It is initialised as its arguments, variables and streams ask for.
    Adopted,
    /// They ask for another one than the image holds (`-O`, `PYTHONHASHSEED`, ...). This one has run C's
    /// constructors and nothing else.
    Anew,
    /// They ask for another one than the prepared image holds.
    Unfit,
    /// It ended, as after `--version`.
    Ended(Outcome),
}

/// Lets a Python of the image adopt its world, or begin anew if it cannot.
pub(crate) fn start(instance: &mut Instance<HostState>) -> Result<Start, Error> {
    match instance.call(ADOPT, &[])? {
        Outcome::Returned(Some(Number::I32(0))) => return Ok(Start::Adopted),
        Outcome::Returned(_) if instance.state().image.is_some() => return Ok(Start::Unfit),
        Outcome::Returned(_) => {}
        outcome => return Ok(Start::Ended(outcome)),
    }
    instance.restore(&embedded::beginning()?)?;
    match instance.call(CONSTRUCT, &[])? {
        Outcome::Returned(_) => Ok(Start::Anew),
        outcome => Ok(Start::Ended(outcome)),
    }
}

/// The image is of another Python than the one that is asked for.
pub(crate) fn unfit() -> crate::Error {
    crate::Error::config(
        "the image was prepared with other options of python's, or other PYTHON... variables; prepare one with these",
    )
}
