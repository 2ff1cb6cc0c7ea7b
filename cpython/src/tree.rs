//! Lists, copies, links, measures and removes whole folders.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, IoContext as _};

/// Returns the paths of the files below `root`, relative to it, sorted. Symbolic links count as files;
/// folders are not listed.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        for entry in fs::read_dir(&path).on("list", &path)? {
            let entry = entry.on("list", &path)?;
            let name = folder.join(entry.file_name());
            if entry.file_type().on("examine", &path)?.is_dir() {
                folders.push(name);
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies the files below `from` that `wanted` accepts, by their relative paths, into `to`.
pub(crate) fn copy(from: &Path, to: &Path, wanted: impl Fn(&Path) -> bool) -> Result<(), Error> {
    place(from, to, wanted, |source, target| fs::copy(source, target).map(drop))
}

/// Creates hard links in `to` to all files below `from`, which takes neither time nor space. Such a file must
/// be removed before it is replaced: writing to it would change the original.
pub(crate) fn link(from: &Path, to: &Path) -> Result<(), Error> {
    place(from, to, |_| true, |source, target| fs::hard_link(source, target))
}

/// Calls `put` for each wanted file, after creating the folder that it goes into.
fn place(
    from: &Path,
    to: &Path,
    wanted: impl Fn(&Path) -> bool,
    put: impl Fn(&Path, &Path) -> std::io::Result<()>,
) -> Result<(), Error> {
    for file in files(from)?.iter().filter(|file| wanted(file)) {
        let target = to.join(file);
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).on("create", folder)?;
        put(&from.join(file), &target).on("write", &target)?;
    }
    Ok(())
}

/// Returns the bytes in all files below `root`. Files that vanish meanwhile do not count, because a build may
/// be running.
pub(crate) fn size(root: &Path) -> Result<u64, Error> {
    let entries = match fs::read_dir(root) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries.on("list", root)?,
    };
    let mut sum = 0;
    for entry in entries {
        let path = entry.on("list", root)?.path();
        sum += match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            metadata => {
                let metadata = metadata.on("examine", &path)?;
                if metadata.is_dir() { size(&path)? } else { metadata.len() }
            }
        };
    }
    Ok(sum)
}

/// Removes a folder and its content. Succeeds if it does not exist.
pub(crate) fn remove(root: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(root) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).on("remove", root),
        _ => Ok(()),
    }
}
