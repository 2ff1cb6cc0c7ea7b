//! `--inherit`: what a program has of its caller.

use std::env;
use std::os::unix::ffi::OsStringExt as _;

use python_wasm_sandbox::command_line::Options;
use python_wasm_sandbox::{Mount, Sandbox};

/// Adds all variables of this process, before those of the command line. PWD is the current folder's name, which
/// a program that zcc made starts in.
pub(crate) fn variables(options: &mut Options) {
    let mut inherited: Vec<_> = env::vars_os()
        .filter(|(key, _)| key != "PWD")
        .map(|(key, value)| (key.into_vec(), value.into_vec()))
        .collect();
    if let Ok(folder) = env::current_dir() {
        inherited.push((b"PWD".to_vec(), folder.into_os_string().into_vec()));
    }
    let named = |key: &[u8]| options.env.iter().any(|(known, _)| known == key);
    inherited.retain(|(key, _)| !named(key));
    options.env.splice(..0, inherited);
}

/// Grants the current folder, as `.` and under its own name, unless something else is granted so.
///
/// Fails if it cannot be opened. A name that is not UTF-8 cannot be given to a guest, so then `.` is all.
pub(crate) fn folder(sandbox: &mut Sandbox) -> Result<(), String> {
    let own = env::current_dir().map_err(|error| format!("there is no current folder: {error}"))?;
    for name in [Some("."), own.to_str()].into_iter().flatten() {
        if !sandbox.has_mount(name) {
            let mount = Mount::read_write(&own).map_err(|error| error.to_string())?;
            sandbox.mount(name, mount);
        }
    }
    Ok(())
}
