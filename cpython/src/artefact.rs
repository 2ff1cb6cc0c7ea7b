//! The finished result: python.wasm, its standard library, the licences.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, IoContext as _};
use crate::stages::{INFO, VERSION};

/// The files of one artefact.
pub(crate) const FILES: [&str; 3] = ["python.wasm", "library.zip", "licenses.txt"];

/// CPython for WASI, in a folder.
#[derive(Clone, Debug)]
pub struct Artefact {
    folder: PathBuf,
    info: String,
}

impl Artefact {
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        let folder = std::path::absolute(folder).on("resolve", folder)?;
        let path = folder.join(INFO);
        let info = fs::read_to_string(&path).on("read", &path)?;
        Ok(Self { folder, info })
    }

    /// One that somebody else's build made: of this very recipe, and complete.
    pub(crate) fn prebuilt(folder: &Path, recipe: &str) -> Result<Self, Error> {
        let refused = |reason: String| Error::Prebuilt { path: folder.to_path_buf(), reason };
        if let Some(file) = [INFO].iter().chain(&FILES).find(|file| !folder.join(file).is_file()) {
            return Err(refused(format!(
                "there is no {file} in it; it must be a folder that `cargo run -p cpython -- build` printed"
            )));
        }
        let artefact = Self::open(folder)?;
        if artefact.recipe() != recipe {
            return Err(refused(format!(
                "it was built by recipe {}, this checkout has recipe {recipe}",
                artefact.recipe()
            )));
        }
        Ok(artefact)
    }

    /// The version of CPython, such as "3.13.5".
    pub fn version(&self) -> &'static str {
        VERSION
    }

    /// The hash of the recipe that made it: 64 hexadecimal digits.
    pub fn recipe(&self) -> &str {
        self.info.lines().find_map(|line| line.strip_prefix("recipe = ")).unwrap_or("unknown")
    }

    /// The folder with all files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The module, a WASI reactor.
    pub fn module(&self) -> PathBuf {
        self.folder.join("python.wasm")
    }

    /// The archive of what the sandbox sees as `/usr`: the standard library and
    /// the time-zone data. ZIP, Zstandard inside.
    pub fn library(&self) -> PathBuf {
        self.folder.join("library.zip")
    }

    /// The licences of everything in the module and the archive.
    pub fn licenses(&self) -> PathBuf {
        self.folder.join("licenses.txt")
    }

    /// What is known of it, `key = value` line by line: the recipe, versions,
    /// sizes in bytes, sums, and how many seconds each stage took.
    pub fn info(&self) -> &str {
        &self.info
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            fs::write(folder.path().join(file), "recipe = abc\n").unwrap();
        }
        folder
    }

    #[test]
    fn a_prebuilt_artefact_of_this_recipe_is_taken() {
        let folder = folder(&["info.txt", "python.wasm", "library.zip", "licenses.txt"]);
        assert_eq!(Artefact::prebuilt(folder.path(), "abc").unwrap().recipe(), "abc");
    }

    #[test]
    fn an_incomplete_one_is_refused_by_the_name_of_the_file() {
        let folder = folder(&["info.txt", "python.wasm"]);
        let message = Artefact::prebuilt(folder.path(), "abc").unwrap_err().to_string();
        assert!(message.contains("no library.zip"), "{message}");
    }

    #[test]
    fn one_of_another_recipe_is_refused() {
        let folder = folder(&["info.txt", "python.wasm", "library.zip", "licenses.txt"]);
        let message = Artefact::prebuilt(folder.path(), "xyz").unwrap_err().to_string();
        assert!(message.contains("recipe abc") && message.contains("recipe xyz"), "{message}");
    }
}
