//! The per-user folder with the results of all stages, and its lock.

use std::env;
use std::fs;
#[cfg(feature = "compiler")]
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::{Error, IoContext as _};
#[cfg(feature = "compiler")]
use crate::progress::Progress;
use crate::tree;

/// A folder of results. Each is in `<root>/<stage>-<hash>`, either complete or not there at all: a stage
/// works below `<root>/work`, and its result is renamed into place.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Returns the cache in the folder that `PYTHON_WASM_CACHE` names, or else in `python-wasm` below the
    /// user's cache folder: `XDG_CACHE_HOME`, `~/.cache`, or `~/Library/Caches` on macOS.
    ///
    /// Fails with [`Error::NoCache`] if no variable names a folder, and with [`Error::CachePath`] like
    /// [`at`](Self::at).
    pub fn of_user() -> Result<Self, Error> {
        Self::from_variables(|name| env::var_os(name).filter(|value| !value.is_empty()))
    }

    fn from_variables(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<Self, Error> {
        let below = |name, folder: &str| variable(name).map(|path| PathBuf::from(path).join(folder));
        let home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
        let root = below("PYTHON_WASM_CACHE", "")
            .or_else(|| below("XDG_CACHE_HOME", "python-wasm"))
            .or_else(|| below("HOME", home).map(|path| path.join("python-wasm")))
            .ok_or(Error::NoCache)?;
        Self::at(&root)
    }

    /// Returns the cache in a folder, which need not exist.
    ///
    /// Fails with [`Error::CachePath`] if its path contains whitespace, a quote, `$` or `:`, with which make
    /// would fail.
    pub fn at(root: &Path) -> Result<Self, Error> {
        let root = std::path::absolute(root).on("resolve", root)?;
        if root.to_string_lossy().contains([' ', '\t', '\n', '\'', '"', '$', ':']) {
            return Err(Error::CachePath { path: root });
        }
        Ok(Self { root })
    }

    /// Returns the absolute path of the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder of a stage's result, there or not.
    pub(crate) fn result(&self, stage: &str, hash: &str) -> PathBuf {
        self.root.join(name(stage, hash))
    }

    /// Returns the folder in which a stage works.
    pub(crate) fn work(&self, stage: &str, hash: &str) -> PathBuf {
        self.work_root().join(name(stage, hash))
    }

    /// Returns the folder of all unfinished work.
    pub(crate) fn work_root(&self) -> PathBuf {
        self.root.join("work")
    }

    /// Locks the cache, after waiting for any other process that builds in it. The lock is released when the
    /// file is closed, also if the process is killed.
    #[cfg(feature = "compiler")]
    pub(crate) fn lock(&self, progress: &Progress) -> Result<File, Error> {
        fs::create_dir_all(&self.root).on("create", &self.root)?;
        let path = self.root.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).on("open", &path)?;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error).on("lock", &path),
        }
        progress.say(&format!("waiting for another build (it holds {})", path.display()));
        file.lock().on("lock", &path)?;
        Ok(file)
    }

    /// Returns the name of each folder in the cache, and its size in bytes, sorted by name.
    pub fn contents(&self) -> Result<Vec<(String, u64)>, Error> {
        let mut found = Vec::new();
        if !self.root.is_dir() {
            return Ok(found);
        }
        for entry in fs::read_dir(&self.root).on("list", &self.root)? {
            let path = entry.on("list", &self.root)?.path();
            if let (true, Some(name)) = (path.is_dir(), path.file_name()) {
                found.push((name.to_string_lossy().into_owned(), tree::size(&path)?));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes everything, or with `keep_artefacts` everything but the finished artefacts.
    #[cfg(feature = "compiler")]
    pub fn clean(&self, keep_artefacts: bool, progress: &Progress) -> Result<(), Error> {
        if !self.root.is_dir() {
            return Ok(());
        }
        let lock = self.lock(progress)?;
        for (name, _) in self.contents()? {
            if !(keep_artefacts && name.starts_with("artefact-")) {
                tree::remove(&self.root.join(name))?;
            }
        }
        if !keep_artefacts {
            drop(lock);
            tree::remove(&self.root)?;
        }
        Ok(())
    }
}

/// Returns the name of a stage's folder. 16 hexadecimal digits (64 bits) of the hash identify a recipe and
/// keep paths short.
fn name(stage: &str, hash: &str) -> String {
    format!("{stage}-{}", &hash[..16])
}

#[cfg(all(test, feature = "build"))]
mod tests {
    use super::*;

    fn root(variables: &[(&str, &str)]) -> Result<PathBuf, Error> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, v)| v.into());
        Cache::from_variables(find).map(|cache| cache.root)
    }

    #[test]
    fn its_own_variable_wins_over_the_users_cache_folder() {
        let all = [("HOME", "/h"), ("XDG_CACHE_HOME", "/x"), ("PYTHON_WASM_CACHE", "/c")];
        assert_eq!(root(&all).unwrap(), Path::new("/c"));
        assert_eq!(root(&all[..2]).unwrap(), Path::new("/x/python-wasm"));
    }

    #[test]
    fn without_any_folder_the_error_says_what_to_set() {
        assert!(root(&[]).unwrap_err().to_string().contains("PYTHON_WASM_CACHE"));
    }

    #[test]
    fn a_path_with_a_space_is_refused_because_make_would_break() {
        let message = root(&[("PYTHON_WASM_CACHE", "/a b")]).unwrap_err().to_string();
        assert!(message.contains("/a b") && message.contains("PYTHON_WASM_CACHE"), "{message}");
    }

    #[test]
    fn a_second_lock_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let first = cache.lock(&Progress::silent()).unwrap();
        let path = folder.path().join("lock");
        let second = File::options().write(true).open(&path).unwrap();
        assert!(matches!(second.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        second.try_lock().unwrap();
    }

    #[test]
    fn cleaning_intermediate_results_keeps_the_artefacts() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(&folder.path().join("cache")).unwrap();
        for name in ["artefact-1", "source-2", "work"] {
            fs::create_dir_all(cache.root().join(name)).unwrap();
        }
        cache.clean(true, &Progress::silent()).unwrap();
        let names: Vec<_> = cache.contents().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["artefact-1"]);
        cache.clean(false, &Progress::silent()).unwrap();
        assert!(!cache.root().exists());
    }
}
