//! Prepared images: Pythons that have imported what programs need, for others to start from.

mod file;
mod making;
mod packages;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use python_wasm_engine::{self as engine, MappedFile};
use python_wasm_sandbox::Mount;
use rustix::process::geteuid;
use wasi_core::fs::Archive;

pub(crate) use self::making::Before;
use super::replace::replace;
use crate::error::Error;

/// A Python that has imported what programs need, from which others start: in milliseconds, whatever it has
/// imported.
///
/// [`PythonBuilder::prepare`](crate::PythonBuilder::prepare) makes one, and
/// [`PythonBuilder::image`](crate::PythonBuilder::image) starts from it. Unlike a
/// [`Snapshot`](crate::Snapshot) it has no world: arguments, variables, streams, folders and limits are those of the
/// builder that starts from it, and `__main__` is empty. What belongs to it are the modules that were imported with
/// all that they hold, `sys.path`, and the content of the [sites](crate::PythonBuilder::site), from which it
/// goes on to import.
///
/// A file that others made can do in a sandbox what a program of theirs could do there, and nothing else: no folder,
/// variable or limit comes from it.
///
/// ```
/// use python_wasm::{Image, Python};
///
/// let image = Python::builder().prepare("import decimal, statistics")?;
/// let mut py = Python::builder().image(&image).build()?;
/// assert!(py.eval::<bool>("'statistics' in __import__('sys').modules")?);
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("tools.image");
/// image.save(&path)?;
/// let same = Image::load(&path)?;
/// # Ok::<(), python_wasm::Error>(())
/// ```
#[derive(Clone)]
pub struct Image(Arc<Prepared>);

struct Prepared {
    file: MappedFile,
    memory: engine::Image,
    /// Folders of packages, by their names in the guest.
    sites: Vec<(String, Archive)>,
    checksum: u32,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("size", &self.size())
            .field("sites", &self.sites().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Image {
    /// Opens a file that [`save`](Self::save) wrote, or `python-wasm --prepare`, and checks all of it.
    ///
    /// The file is mapped, and all processes that use it share its pages, if it belongs to this user or to root, and
    /// others cannot write to it. Then it must not be changed in place while it is in use: a process that
    /// needs a part that was cut off ends. [`save`](Self::save) replaces a file as a whole. Any other file is copied
    /// into this process's memory.
    ///
    /// [`Error::Snapshot`] if it is no image, is damaged or was made by another build; [`Error::Io`] if it cannot be
    /// read.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let mut file = File::open(path)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(Error::snapshot(file::NO_IMAGE));
        }
        let is_ours = [geteuid().as_raw(), 0].contains(&found.uid()) && found.mode() & 0o022 == 0;
        let mapped = if is_ours {
            // SAFETY: nobody but this user can change the file, who is told not to.
            #[expect(unsafe_code, reason = "processes share what is mapped, and mapping takes no time")]
            unsafe {
                MappedFile::open(file)?
            }
        } else {
            let mut bytes = Vec::new();
            (&mut file).take(file::LARGEST + 1).read_to_end(&mut bytes)?;
            MappedFile::of(&bytes)?
        };
        Self::open(mapped)
    }

    /// Makes one of the bytes of a file.
    fn of(bytes: &[u8]) -> Result<Self, Error> {
        Self::open(MappedFile::of(bytes)?)
    }

    fn open(file: MappedFile) -> Result<Self, Error> {
        let contents = file::read(&file)?;
        Ok(Self(Arc::new(Prepared {
            memory: contents.memory,
            sites: contents.sites,
            checksum: contents.checksum,
            file,
        })))
    }

    /// Writes it to a file for [`load`](Self::load), replacing one that is there. The machine that loads it may be
    /// another one; the build of python-wasm must be the same.
    ///
    /// [`Error::Io`] if the file cannot be written; then what was there is as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        Ok(replace(path.as_ref(), self.0.file.as_ref())?)
    }

    /// Returns the size of its file in bytes.
    pub fn size(&self) -> usize {
        self.0.file.as_ref().len()
    }

    /// Returns the names, in the guest, of the folders of packages that it brings.
    pub fn sites(&self) -> impl Iterator<Item = &str> {
        self.0.sites.iter().map(|(name, _)| name.as_str())
    }

    /// The memory that Python starts from.
    pub(crate) fn memory(&self) -> &engine::Image {
        &self.0.memory
    }

    /// A number that tells it from other images.
    pub(crate) fn checksum(&self) -> u32 {
        self.0.checksum
    }

    /// Returns the folders of packages that it brings, for a sandbox.
    pub(crate) fn mounts(&self) -> impl Iterator<Item = (String, Mount)> {
        let mount = |archive: &Archive| Mount::archive(archive.clone(), "packages of the image");
        self.0.sites.iter().map(move |(name, archive)| (name.clone(), mount(archive)))
    }
}
