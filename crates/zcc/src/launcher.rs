//! Makes a program that starts by its name: two lines for the shell, and the module behind them.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::Failure;
use crate::leb::{number, text};

/// What every module begins with.
const MAGIC: &[u8] = b"\0asm\x01\0\0\0";

/// Puts the lines before the module in a file, if it is a program: what `-r` or a reactor leave stays a module,
/// and so does a device. The file is replaced as a whole.
pub(crate) fn put(path: &Path, runner: Option<&OsStr>) -> Result<(), Failure> {
    let failed = |error| format!("error: cannot make a program of {}: {error}", path.display());
    let path = path.canonicalize().map_err(failed)?;
    if !path.is_file() {
        return Ok(());
    }
    let module = fs::read(&path).map_err(failed)?;
    if !is_program(&module) {
        return Ok(());
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let fresh = path.with_file_name(name);
    let written =
        OpenOptions::new().write(true).create_new(true).mode(0o777).open(&fresh).and_then(|mut file| {
            file.write_all(&lines(runner))?;
            file.write_all(&module)
        });
    written.and_then(|()| fs::rename(&fresh, &path)).map_err(|error| {
        // What is wrong is said already.
        let _ = fs::remove_file(&fresh);
        failed(error)
    })
}

/// Returns the shell's part. `exec` leaves the shell before it reads the module.
fn lines(runner: Option<&OsStr>) -> Vec<u8> {
    let start = b"--inherit $WASI_RUN_OPTIONS \"$0\" \"$@\"\n";
    let mut lines = b"#!/bin/sh\n".to_vec();
    match runner.map(OsStr::to_owned).or_else(|| beside().map(PathBuf::into_os_string)) {
        Some(runner) if runner.as_bytes().contains(&b'/') => {
            lines.extend(b"r=");
            lines.extend(quoted(&runner));
            lines.extend(b"; [ -x \"$r\" ] || r=wasi-run; exec \"$r\" ");
        }
        runner => {
            lines.extend(b"exec ");
            lines.extend(quoted(&runner.unwrap_or_else(|| "wasi-run".into())));
            lines.push(b' ');
        }
    }
    lines.extend(start);
    lines
}

/// Returns the `wasi-run` beside this program.
fn beside() -> Option<PathBuf> {
    let path = env::current_exe().ok()?.canonicalize().ok()?.with_file_name("wasi-run");
    (path.is_file() && !path.as_os_str().as_bytes().contains(&b'\n')).then_some(path)
}

/// Returns a word as the shell reads it.
fn quoted(word: &OsStr) -> Vec<u8> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(byte);
    if word.as_bytes().iter().all(plain) {
        return word.as_bytes().to_vec();
    }
    let mut quoted = vec![b'\''];
    for &byte in word.as_bytes() {
        match byte {
            b'\'' => quoted.extend(b"'\\''"),
            byte => quoted.push(byte),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// Whether a module can be started.
fn is_program(module: &[u8]) -> bool {
    exports(module).is_some_and(|names| names.contains(&b"_start".as_slice()))
}

/// Returns the names that a module exports.
fn exports(module: &[u8]) -> Option<Vec<&[u8]>> {
    const EXPORT: u8 = 7;
    let mut at = MAGIC.len();
    if !module.starts_with(MAGIC) {
        return None;
    }
    loop {
        let id = *module.get(at)?;
        at += 1;
        let size = usize::try_from(number(module, &mut at)?).ok()?;
        if id == EXPORT {
            break;
        }
        at = at.checked_add(size)?;
    }
    let mut names = Vec::new();
    for _ in 0..number(module, &mut at)? {
        names.push(text(module, &mut at)?);
        at += 1;
        number(module, &mut at)?;
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_exports_a_start() {
        let module = |names: &[&str]| {
            let mut section = vec![u8::try_from(names.len()).unwrap()];
            for name in names {
                section.push(u8::try_from(name.len()).unwrap());
                section.extend(name.as_bytes());
                section.extend([0, 0]);
            }
            let mut module = [MAGIC, &[1, 1, 0, 7, u8::try_from(section.len()).unwrap()]].concat();
            module.extend(section);
            module
        };
        assert!(is_program(&module(&["memory", "_start"])));
        assert!(!is_program(&module(&["_initialize"])));
        assert!(!is_program(&module(&["_start"])[..12]));
        assert!(!is_program(MAGIC));
        assert!(!is_program(b"\x7fELF"));
    }

    #[test]
    fn the_shell_reads_any_path_as_one_word() {
        assert_eq!(quoted(OsStr::new("/usr/bin/wasi-run")), b"/usr/bin/wasi-run");
        assert_eq!(quoted(OsStr::new("/a b/it's")), b"'/a b/it'\\''s'");
        assert!(lines(Some(OsStr::new("wasi-run"))).starts_with(b"#!/bin/sh\nexec wasi-run --inherit "));
        let lines = lines(Some(OsStr::new("/x/wasi-run")));
        assert!(lines.starts_with(b"#!/bin/sh\nr=/x/wasi-run; "));
        assert_eq!(lines.split(|byte| *byte == b'\n').count(), 3);
    }
}
