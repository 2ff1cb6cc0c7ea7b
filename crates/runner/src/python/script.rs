//! A script of the host, and its own folder, which it can read without being granted anything; or a script
//! that the shell passes by a descriptor.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use python_wasm_sandbox::place::{NameError, absolute_name, inside};
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

/// A script behind a descriptor of this process, such as the `/dev/fd/63` that a shell makes of `<(command)`.
pub(crate) struct Passed {
    pub(crate) number: u32,
    pub(crate) text: Vec<u8>,
}

/// Returns the number of the descriptor that a script is read from, if its name says so.
pub(crate) fn descriptor(script: &Path) -> Option<u32> {
    let name = script.to_str()?;
    if name == "/dev/stdin" {
        return Some(0);
    }
    let digits = name.strip_prefix("/dev/fd/").or_else(|| name.strip_prefix("/proc/self/fd/"))?;
    digits.parse().ok()
}

/// Reads a script that was passed by a descriptor, of at most `most` bytes. Standard streams are the guest's
/// own, and what cannot be read is left for Python to complain about.
pub(crate) fn passed(script: &Path, most: u64) -> Result<Option<Passed>, Error> {
    let Some(number @ 3..) = descriptor(script) else { return Ok(None) };
    let mut text = Vec::new();
    match File::open(script).and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut text)) {
        Ok(read) if read as u64 > most => {
            Err(Error::config(format!("{}: it is longer than --max-disk allows", script.display())))
        }
        Ok(_) => Ok(Some(Passed { number, text })),
        Err(_) => Ok(None),
    }
}

/// Lets a script be read, and what it imports from beside it. A script that does not exist is left for
/// Python to complain about. The host's `/dev` and `/proc` are not folders of scripts.
pub(crate) fn grant(sandbox: &mut Sandbox, script: &Path) -> Result<(), Error> {
    let refused = |error: &dyn std::fmt::Display| Error::config(format!("{}: {error}", script.display()));
    if let Some((folder, name)) = folder(script).map_err(|error| refused(&error))?
        && !sandbox.covers(&name, &folder)
        && inside(&name, "/dev").or(inside(&name, "/proc")).is_none()
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
