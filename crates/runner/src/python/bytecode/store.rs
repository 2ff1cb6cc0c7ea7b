//! The folder of results: a file for each module, named by the hash of its source.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::geteuid;
use sha2::{Digest as _, Sha256};

use super::Key;
use crate::python::embedded;

/// The length of the hash before each result.
const HASH: usize = 32;

/// The most bytes of one file. No module of Python has more.
const LARGEST: u64 = 64 << 20;

/// Returns the folder in which python-wasm keeps things for this user: the one that `PYTHON_WASM_CACHE` names, or
/// `python-wasm` in the user's cache folder, which `XDG_CACHE_HOME` names, or else `~/.cache`
/// (`~/Library/Caches` on macOS). `None` if no variable names one.
pub fn user_cache() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    variable("PYTHON_WASM_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|path| path.join("python-wasm")))
        .or_else(|| variable("HOME").map(|path| path.join(home).join("python-wasm")))
}

/// Results of this build of Python. Any number of processes use one folder: a file appears as a whole, and one that is
/// damaged is not there.
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(super) fn new(cache: &Path) -> Self {
        Self { folder: cache.join(format!("bytecode-{}", hexadecimal(&embedded::IDENTITY[..8]))) }
    }

    /// Returns a result that was kept.
    pub(super) fn find(&self, key: &Key) -> Option<Vec<u8>> {
        let path = self.path(key);
        let file = File::open(&path).ok()?;
        let mut bytes = Vec::new();
        file.take(LARGEST).read_to_end(&mut bytes).ok()?;
        let whole =
            bytes.split_at_checked(HASH).filter(|(hash, content)| Sha256::digest(content)[..] == **hash);
        if whole.is_none() || !self.is_ours() {
            return None;
        }
        bytes.drain(..HASH);
        Some(bytes)
    }

    /// Keeps a result. If that fails the module is compiled once more, the next time.
    pub(super) fn keep(&self, key: &Key, content: &[u8]) {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let path = self.path(key);
        let Some(folder) = path.parent() else { return };
        if DirBuilder::new().recursive(true).mode(0o700).create(folder).is_err() || !self.is_ours() {
            return;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let fresh = folder.join(format!(".{}-{number}", process::id()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh);
        let written = file.and_then(|mut file| {
            file.write_all(&Sha256::digest(content))?;
            file.write_all(content)
        });
        if written.and_then(|()| fs::rename(&fresh, &path)).is_err() {
            // It may not even be there.
            let _ = fs::remove_file(&fresh);
        }
    }

    /// Whether nobody else can write in the folder.
    fn is_ours(&self) -> bool {
        let found = fs::metadata(&self.folder);
        found.is_ok_and(|found| found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0)
    }

    fn path(&self, key: &Key) -> PathBuf {
        let (first, rest) = key.split_at(1);
        self.folder.join(hexadecimal(first)).join(hexadecimal(rest))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const KEY: Key = [7; 32];

    fn kept() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path());
        store.keep(&KEY, b"bytecode");
        (folder, store)
    }

    #[test]
    fn what_was_kept_is_found_and_nothing_else() {
        let (_folder, store) = kept();
        assert_eq!(store.find(&KEY).unwrap(), b"bytecode");
        assert_eq!(store.find(&[8; 32]), None);
        let folder = store.path(&KEY).parent().unwrap().to_owned();
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_file_is_not_there_and_is_replaced() {
        let (_folder, store) = kept();
        let path = store.path(&KEY);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[HASH + 2] ^= 1;
        for damaged in [&changed[..], &whole[..HASH + 3], &whole[..5], &[]] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(store.find(&KEY), None);
        }
        store.keep(&KEY, b"bytecode");
        assert_eq!(store.find(&KEY).unwrap(), b"bytecode");
    }

    #[test]
    fn a_folder_in_which_others_write_is_not_used() {
        let (_folder, store) = kept();
        fs::set_permissions(&store.folder, Permissions::from_mode(0o777)).unwrap();
        assert_eq!(store.find(&KEY), None);
        store.keep(&[9; 32], b"bytecode");
        assert!(!store.path(&[9; 32]).exists());
    }

    #[test]
    fn a_cache_that_cannot_be_made_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let store = Store::new(&folder.path().join("file/cache"));
        store.keep(&KEY, b"bytecode");
        assert_eq!(store.find(&KEY), None);
    }
}
