//! The files of a sandbox, for its embedder: to read and write them, and to review an overlay's changes.

use std::fmt;
use std::io::{self, IoSlice};

use wasi_core::fs::{Change, CommitError, Dir, File, Node, OpenOptions, Overlay, RelativePath};
use wasi_core::types::{FdFlags, FileType, OFlags};
use wasi_core::{Errno, WasiCtx};

use crate::error::Error;

/// The folder that the program sees under one name: one that was mounted, or `/tmp`, `/usr`, `/dev`.
///
/// ```
/// use python_wasm::{Mount, Python};
///
/// let mut py = Python::builder().mount("/work", Mount::memory()).build()?;
/// py.files("/work").write("in.csv", b"apple,3\npear,2\n")?;
/// py.exec(
///     "import csv\n\
///      rows = list(csv.reader(open('/work/in.csv')))\n\
///      open('/work/out.txt', 'w').write(str(len(rows)))",
/// )?;
/// assert_eq!(py.files("/work").read("out.txt")?, b"2");
/// # Ok::<(), python_wasm::Error>(())
/// ```
///
/// Paths are relative to the folder and mean what they mean to the program: a path that leads out of the
/// folder is refused, through `..` or through a link, and so is any change below a read-only mount. What is
/// written counts for [`Limits::disk`](crate::Limits::disk) and [`Limits::files`](crate::Limits::files).
/// It works before Python starts and after it is lost. What the program wrote and has not flushed is not
/// there yet.
///
/// [`Error::Argument`] if no folder is mounted under the name, or the program has closed it.
/// [`Error::Io`] has the host's number for the reason; [`Error::DiskLimit`] if there is no room.
///
/// With [`Mount::overlay`](crate::Mount::overlay) the program's changes are kept aside:
///
/// ```
/// use python_wasm::{ChangeKind, Mount, Python};
///
/// let folder = tempfile::tempdir()?;
/// let mut py = Python::builder().mount("/data", Mount::overlay(&folder)?).build()?;
/// py.exec("open('/data/result.txt', 'w').write('42')")?;
///
/// let changes = py.files("/data").diff()?;
/// assert_eq!((changes[0].path.as_str(), changes[0].kind), ("result.txt", ChangeKind::Added));
/// assert!(!folder.path().join("result.txt").exists());
/// py.files("/data").commit()?;
/// assert_eq!(std::fs::read_to_string(folder.path().join("result.txt"))?, "42");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `diff`, `commit` and `discard` return [`Error::Argument`] if no overlay is mounted under the name.
pub struct Files<'a> {
    wasi: &'a WasiCtx,
    mount: &'a str,
}

impl fmt::Debug for Files<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("mount", &self.mount).finish_non_exhaustive()
    }
}

impl<'a> Files<'a> {
    pub(super) fn new(wasi: &'a WasiCtx, mount: &'a str) -> Self {
        Self { wasi, mount }
    }

    /// Returns the bytes of a file. [`Error::Io`] (`EINVAL`) if it is not a regular one.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        let failed = |errno| self.failed("read", path, errno);
        let mut file = self.open(path, OFlags::empty(), false).map_err(failed)?;
        read_all(&mut *file).map_err(failed)
    }

    /// Makes a file with these bytes, or replaces the bytes of one. After an error it may hold a part of
    /// them.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let failed = |errno| self.failed("write", path, errno);
        let mut file = self.open(path, OFlags::CREAT | OFlags::TRUNC, true).map_err(failed)?;
        write_all(&mut *file, bytes).map_err(failed)
    }

    /// Lists a folder, sorted by name; `.` is the mounted folder itself.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>, Error> {
        self.entries(path).map_err(|errno| self.failed("list", path, errno))
    }

    /// Describes a file, a folder or a link.
    pub fn entry(&self, path: &str) -> Result<Entry, Error> {
        let described = || Entry::at(self.dir()?, path, path.to_owned());
        described().map_err(|errno| self.failed("find", path, errno))
    }

    /// Makes a folder. Those on the way must exist.
    pub fn create_dir(&self, path: &str) -> Result<(), Error> {
        let made = || self.dir()?.create_dir(relative(path)?);
        made().map_err(|errno| self.failed("make", path, errno))
    }

    /// Removes a file, a link or an empty folder.
    pub fn remove(&self, path: &str) -> Result<(), Error> {
        self.removed(path).map_err(|errno| self.failed("remove", path, errno))
    }

    /// Returns all changes, sorted by path. Output that the program has not flushed is not among them.
    ///
    /// [`Error::Io`] if the folder can no longer be read, or a path there is longer than 4,096 bytes.
    pub fn diff(&self) -> Result<Vec<Change>, Error> {
        self.overlay()?.diff().map_err(|errno| io_error(&format!("cannot list {}: {errno}", self.mount)))
    }

    /// Applies all changes to the folder and returns them. The overlay is then without changes, and the
    /// program goes on.
    ///
    /// [`Error::Io`] names the first change that could not be applied. Those before it were applied, and
    /// another commit goes on from there.
    pub fn commit(&self) -> Result<Vec<Change>, Error> {
        self.overlay()?.commit_below().map_err(|error: CommitError| io_error(&error.to_string()))
    }

    /// Forgets all changes: the program finds the folder as it is. Files that it has open there raise
    /// `OSError` from now on.
    pub fn discard(&self) -> Result<(), Error> {
        self.overlay()?.discard();
        Ok(())
    }

    /// Returns the folder; [`Errno::Badf`] if there is none, which no path can cause.
    fn dir(&self) -> Result<&'a dyn Dir, Errno> {
        self.wasi.preopen(self.mount).ok_or(Errno::Badf)
    }

    /// Opens a regular file.
    fn open(&self, path: &str, oflags: OFlags, write: bool) -> Result<Box<dyn File>, Errno> {
        let (dir, path) = (self.dir()?, relative(path)?);
        match dir.filestat_at(path, true) {
            Ok(found) if !matches!(found.filetype, FileType::RegularFile | FileType::Directory) => {
                return Err(Errno::Inval);
            }
            Ok(_) | Err(Errno::Noent) => {}
            Err(errno) => return Err(errno),
        }
        let options = OpenOptions { follow: true, oflags, read: !write, write, fdflags: FdFlags::empty() };
        match dir.open(path, options)? {
            Node::File(file) if file.filetype() == FileType::RegularFile => Ok(file),
            Node::File(_) => Err(Errno::Inval),
            Node::Dir(_) => Err(Errno::Isdir),
        }
    }

    fn entries(&self, path: &str) -> Result<Vec<Entry>, Errno> {
        let options = OpenOptions {
            follow: true,
            oflags: OFlags::DIRECTORY,
            read: true,
            write: false,
            fdflags: FdFlags::empty(),
        };
        let Node::Dir(dir) = self.dir()?.open(relative(path)?, options)? else { return Err(Errno::Notdir) };
        let names = dir.entries()?.map(|entry| Ok(entry?.name)).collect::<Result<Vec<_>, Errno>>()?;
        let mut entries = Vec::with_capacity(names.len());
        for name in names {
            match Entry::at(&*dir, &name, name.clone()) {
                // Removed meanwhile, by somebody on the host.
                Err(Errno::Noent) => {}
                entry => entries.push(entry?),
            }
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    fn removed(&self, path: &str) -> Result<(), Errno> {
        let (dir, path) = (self.dir()?, relative(path)?);
        match dir.filestat_at(path, false)?.filetype {
            FileType::Directory => dir.remove_dir(path),
            _ => dir.unlink(path),
        }
    }

    fn failed(&self, what: &str, path: &str, errno: Errno) -> Error {
        match errno {
            Errno::Badf if self.dir().is_err() => {
                Error::Argument(format!("no folder is mounted at {:?}", self.mount))
            }
            Errno::Nospc | Errno::Dquot => Error::DiskLimit,
            errno => {
                let error = io::Error::from(errno);
                let message = format!("cannot {what} {path:?} in {}: {error}", self.mount);
                Error::Io(io::Error::new(error.kind(), FileError { message, source: error }))
            }
        }
    }

    fn overlay(&self) -> Result<&'a Overlay, Error> {
        let missing = || Error::Argument(format!("no overlay is mounted at {:?}", self.mount));
        self.wasi.overlay(self.mount).ok_or_else(missing)
    }
}

/// A name in a folder of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name in its folder, or the path that was asked for.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// The bytes of a file; of a link, those of its text.
    pub size: u64,
}

/// What a name stands for. A link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// Anything else, such as a device.
    Other,
}

impl Entry {
    fn at(dir: &dyn Dir, path: &str, name: String) -> Result<Self, Errno> {
        let found = dir.filestat_at(relative(path)?, false)?;
        let kind = match found.filetype {
            FileType::RegularFile => EntryKind::File,
            FileType::Directory => EntryKind::Folder,
            FileType::SymbolicLink => EntryKind::Link,
            _ => EntryKind::Other,
        };
        Ok(Self { name, kind, size: found.size })
    }
}

/// Why a file cannot be used: the words for a person, and the host's error with its number.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct FileError {
    message: String,
    source: io::Error,
}

fn relative(path: &str) -> Result<RelativePath<'_>, Errno> {
    RelativePath::parse(path.as_bytes())
}

/// Reads to the end that the file has now. [`Errno::Nomem`] if the host has no memory for that.
fn read_all(file: &mut dyn File) -> Result<Vec<u8>, Errno> {
    let size = usize::try_from(file.filestat()?.size).map_err(|_| Errno::Nomem)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| Errno::Nomem)?;
    bytes.resize(size, 0);
    let mut filled = 0;
    while filled < size {
        match file.read(&mut bytes[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn write_all(file: &mut dyn File, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match file.write(&[IoSlice::new(bytes)])? {
            0 => return Err(Errno::Io),
            count => bytes = bytes.get(count..).ok_or(Errno::Io)?,
        }
    }
    Ok(())
}

fn io_error(message: &str) -> Error {
    Error::Io(std::io::Error::other(message))
}
