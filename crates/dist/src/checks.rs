//! What is checked of every file before it is passed on, and the list of sums.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::cargo::output;
use crate::{Error, Target, Workspace, rust};

/// Returns a command that runs a program of a target: by itself, or in qemu's user mode.
///
/// Fails if qemu is needed and is not there.
pub(crate) fn command(target: Target, program: &Path) -> Result<Command, Error> {
    let processor = target.processor();
    if processor == std::env::consts::ARCH {
        return Ok(Command::new(program));
    }
    let qemu = format!("qemu-{processor}");
    if Command::new(&qemu).arg("--version").output().is_err() {
        let what = format!(
            "{qemu} is missing, by which programs for {} are tried and asked for their manual",
            target.triple
        );
        return Err(format!("{what}: `apt-get install qemu-user`").into());
    }
    let mut command = Command::new(qemu);
    command.arg(program);
    Ok(command)
}

/// Runs a program with arguments and returns what it printed.
pub(crate) fn ask(target: Target, program: &Path, arguments: &[&str]) -> Result<Vec<u8>, Error> {
    output(command(target, program)?.args(arguments))
}

/// Checks that both engines of a `python-wasm` calculate.
pub(crate) fn calculates(target: Target, program: &Path) -> Result<(), Error> {
    for engine in ["wasmi", "native"] {
        let printed = ask(target, program, &["--engine", engine, "-c", "print(6 * 7)"])?;
        if printed != b"42\n" {
            let printed = String::from_utf8_lossy(&printed);
            return Err(format!("{} printed {printed:?} instead of 42 by {engine}", program.display()).into());
        }
    }
    Ok(())
}

/// Checks that a file names no folder of this machine.
pub(crate) fn names_no_folder(workspace: &Workspace, bytes: &[u8], name: &str) -> Result<(), Error> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    // "/" or "/root" alone may be the name of something else.
    let unpacked = std::env::var_os(rust::UNPACKED).map(PathBuf::from);
    let folders = [Some(workspace.home.clone()), home.map(|home| home.join(".cargo")), unpacked];
    for folder in folders.into_iter().flatten() {
        let folder = folder.to_string_lossy().into_owned();
        if bytes.windows(folder.len()).any(|window| window == folder.as_bytes()) {
            return Err(format!("{name} names the folder {folder} of this machine").into());
        }
    }
    Ok(())
}

/// Writes `SHA256SUMS` beside the files: what `sha256sum -c` reads. Sums of earlier files in the folder stay.
pub fn write_sums(folder: &Path) -> Result<PathBuf, Error> {
    let list = folder.join("SHA256SUMS");
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.retain(|file| file.file_name() != "SHA256SUMS");
    files.sort_by_key(fs::DirEntry::file_name);
    let mut sums = String::new();
    for file in files {
        let sum = Sha256::digest(fs::read(file.path())?);
        let digits = sum.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let _ = writeln!(sums, "{digits}  {}", file.file_name().to_string_lossy());
    }
    fs::write(&list, sums)?;
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_sha256sum_in_the_order_of_the_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "").unwrap();
        fs::write(folder.path().join("a"), "abc").unwrap();
        for _ in 0..2 {
            let list = fs::read_to_string(write_sums(folder.path()).unwrap()).unwrap();
            assert_eq!(
                list,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n\
                 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n"
            );
        }
    }
}
