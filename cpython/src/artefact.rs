//! The finished result: python.wasm and its parts, the standard library, the licences.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, IoContext as _};

/// The files of one artefact.
pub(crate) const FILES: &[&str] = &[
    MODULE,
    LIBRARY,
    LICENSES,
    CODE,
    CODE_COMPRESSED,
    REST,
    #[cfg(feature = "numpy")]
    APART,
    IMAGE,
    BEGINNING,
    IDENTITY,
];

pub(crate) const MODULE: &str = "python.wasm";
pub(crate) const LIBRARY: &str = "library.zip";
pub(crate) const LICENSES: &str = "licenses.txt";
pub(crate) const CODE: &str = "code.wasm";
pub(crate) const CODE_COMPRESSED: &str = "code.wasm.zst";
pub(crate) const REST: &str = "rest.wasm.zst";
pub(crate) const APART: &str = "apart.wasm.zst";
pub(crate) const IMAGE: &str = "python.image";
pub(crate) const BEGINNING: &str = "beginning.image.zst";
pub(crate) const IDENTITY: &str = "identity";

/// The file that describes the artefact in lines of `key = value`.
pub(crate) const INFO: &str = "info.txt";

/// CPython for WASI, in a folder.
#[derive(Clone, Debug)]
pub struct Artefact {
    folder: PathBuf,
    info: String,
}

impl Artefact {
    /// Opens a folder that a build of this checkout made.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        let folder = std::path::absolute(folder).on("resolve", folder)?;
        let path = folder.join(INFO);
        let info = fs::read_to_string(&path).on("read", &path)?;
        Ok(Self { folder, info })
    }

    /// Opens a folder that another build made.
    ///
    /// Fails with [`Error::Prebuilt`] if it is incomplete, or was built by another recipe.
    pub(crate) fn prebuilt(folder: &Path, recipe: &str) -> Result<Self, Error> {
        let refused = |reason: String| Error::Prebuilt { path: folder.to_path_buf(), reason };
        if let Some(file) = [INFO].iter().chain(FILES).find(|file| !folder.join(file).is_file()) {
            return Err(refused(format!(
                "there is no {file} in it; it must be a folder that `cargo run -p python-wasm-cpython -- build` printed"
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

    /// Creates an artefact of empty files, for a build of the documentation alone. Only the identity has
    /// content: zeros.
    pub fn stand_in(folder: &Path) -> std::io::Result<Self> {
        for &file in FILES {
            fs::write(folder.join(file), if file == IDENTITY { &[0; 32][..] } else { &[] })?;
        }
        Ok(Self { folder: folder.to_path_buf(), info: String::new() })
    }

    /// Returns the version of CPython, such as "3.13.5".
    pub fn version(&self) -> &str {
        self.entry("python")
    }

    /// Returns the hash of the recipe that built it: 64 hexadecimal digits.
    pub fn recipe(&self) -> &str {
        self.entry("recipe")
    }

    fn entry(&self, key: &str) -> &str {
        let mut entries = self.info.lines().filter_map(|line| line.split_once(" = "));
        entries.find(|(name, _)| *name == key).map_or("unknown", |(_, value)| value)
    }

    /// Returns the folder with all files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of the module, a WASI reactor.
    pub fn module(&self) -> PathBuf {
        self.folder.join(MODULE)
    }

    /// Returns the path of the archive that the sandbox sees as `/usr`: the standard library and the
    /// time-zone data, in a ZIP file with entries compressed by Zstandard.
    pub fn library(&self) -> PathBuf {
        self.folder.join(LIBRARY)
    }

    /// Returns the path of the licences of everything in the module and the archive.
    pub fn licenses(&self) -> PathBuf {
        self.folder.join(LICENSES)
    }

    /// Returns the path of the module's first part: the functions that most programs call, without data
    /// segments.
    pub fn code(&self) -> PathBuf {
        self.folder.join(CODE)
    }

    /// Returns the path of the module's first part, compressed by Zstandard.
    pub fn code_compressed(&self) -> PathBuf {
        self.folder.join(CODE_COMPRESSED)
    }

    /// Returns the path of the module's second part, compressed by Zstandard. The module `split` says how the
    /// two parts work together.
    pub fn rest(&self) -> PathBuf {
        self.folder.join(REST)
    }

    /// Returns the path of the module's third part, compressed by Zstandard: numpy's functions.
    #[cfg(feature = "numpy")]
    pub fn apart(&self) -> PathBuf {
        self.folder.join(APART)
    }

    /// Returns the path of the memory of an initialised Python, in the engine's encoded form of an image.
    pub fn image(&self) -> PathBuf {
        self.folder.join(IMAGE)
    }

    /// Returns the path of the memory as the module's data segments initialise it, compressed as a difference
    /// from the image. A Python that cannot use the image starts from it.
    pub fn beginning(&self) -> PathBuf {
        self.folder.join(BEGINNING)
    }

    /// Returns the path of the identity: 32 bytes, a hash of the code, the image and the library. A snapshot
    /// can be restored only by a Python with the same identity.
    pub fn identity(&self) -> PathBuf {
        self.folder.join(IDENTITY)
    }

    /// Returns the description, in lines of `key = value`: the recipe, versions, sizes in bytes, checksums,
    /// and the seconds that each stage took.
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
    fn a_prebuilt_artefact_of_this_recipe_is_accepted() {
        let folder = folder(&[&[INFO], FILES].concat());
        assert_eq!(Artefact::prebuilt(folder.path(), "abc").unwrap().recipe(), "abc");
    }

    #[test]
    fn an_incomplete_artefact_is_refused_and_the_missing_file_named() {
        let folder = folder(&["info.txt", "python.wasm"]);
        let message = Artefact::prebuilt(folder.path(), "abc").unwrap_err().to_string();
        assert!(message.contains("no library.zip"), "{message}");
    }

    #[test]
    fn an_artefact_of_another_recipe_is_refused() {
        let folder = folder(&[&[INFO], FILES].concat());
        let message = Artefact::prebuilt(folder.path(), "xyz").unwrap_err().to_string();
        assert!(message.contains("recipe abc") && message.contains("recipe xyz"), "{message}");
    }
}
