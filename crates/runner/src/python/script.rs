//! A script of the host, and its own folder, which it can read without being granted anything.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use python_wasm_sandbox::place::{NameError, absolute_name};
use python_wasm_sandbox::{Mount, Sandbox};

use crate::error::Error;

/// Returns the folder that a script imports from, and the name by which the guest gets it. For a folder
/// with a `__main__` it is that folder. `None` if there is no such script.
pub(crate) fn folder(script: &Path) -> Result<Option<(PathBuf, String)>, NameError> {
    let folder = match script.metadata() {
        Err(_) => return Ok(None),
        Ok(metadata) if metadata.is_dir() => script,
        Ok(_) => match script.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        },
    };
    Ok(Some((folder.to_owned(), absolute_name(folder)?)))
}

/// Lets a script be read, and what it imports from beside it. A script that does not exist is left for
/// Python to complain about.
pub(crate) fn grant(sandbox: &mut Sandbox, script: &Path) -> Result<(), Error> {
    let refused = |error: &dyn std::fmt::Display| Error::config(format!("{}: {error}", script.display()));
    if let Some((folder, name)) = folder(script).map_err(|error| refused(&error))?
        && !sandbox.covers(&name, &folder)
    {
        sandbox.mount(name, Mount::read_only(folder).map_err(|error| refused(&error))?);
    }
    Ok(())
}

/// Returns what a script really is that is a link out of its folder, as those in a `bin` are.
///
/// The sandbox follows no such link, and Python, too, imports from beside the file and not from beside
/// the link.
pub(crate) fn behind_link(script: &Path) -> Option<OsString> {
    let text = script.read_link().ok()?;
    let target = script.canonicalize().ok()?;
    let stays = text.is_relative() && target.starts_with(script.parent()?.join(".").canonicalize().ok()?);
    (!stays).then(|| target.into_os_string())
}
