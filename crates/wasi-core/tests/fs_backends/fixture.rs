//! A directory of any back end, and short names for what tests do with it.

use std::io::IoSlice;

use wasi_core::fs::{Dir, File, MemoryDir, Node, OpenOptions, Overlay, Quota, RelativePath, TimeSource};
use wasi_core::types::{FdFlags, FileType, Filestat, OFlags, Whence};
use wasi_core::{Errno, Result};

/// An empty directory with a generous quota.
pub(crate) struct Fixture {
    pub(crate) dir: Box<dyn Dir>,
    pub(crate) quota: Quota,
    /// What is removed at the end.
    _scratch: Option<Scratch>,
}

pub(crate) const BYTES_MAX: u64 = 1 << 40;
pub(crate) const FILES_MAX: u64 = 1000;

#[cfg(feature = "host")]
type Scratch = tempfile::TempDir;
#[cfg(not(feature = "host"))]
type Scratch = ();

/// Returns an empty directory that the guest did not make, of the host if there is one.
#[cfg(feature = "host")]
fn outside(quota: Quota) -> (Box<dyn Dir>, Scratch) {
    let scratch = tempfile::tempdir().unwrap();
    (Box::new(wasi_core::fs::HostDir::open_ambient(scratch.path(), quota).unwrap()), scratch)
}

#[cfg(not(feature = "host"))]
fn outside(quota: Quota) -> (Box<dyn Dir>, Scratch) {
    (Box::new(MemoryDir::new(quota, TimeSource::system())), ())
}

impl Fixture {
    #[cfg(feature = "host")]
    pub(crate) fn on_the_host() -> Self {
        let quota = Quota::new(BYTES_MAX, FILES_MAX);
        let (dir, scratch) = outside(quota.clone());
        Self { dir, quota, _scratch: Some(scratch) }
    }

    pub(crate) fn in_memory() -> Self {
        let quota = Quota::new(BYTES_MAX, FILES_MAX);
        let dir = MemoryDir::new(quota.clone(), TimeSource::system());
        Self { dir: Box::new(dir), quota, _scratch: None }
    }

    pub(crate) fn on_an_overlay() -> Self {
        let quota = Quota::new(BYTES_MAX, FILES_MAX);
        let (lower, scratch) = outside(Quota::new(0, 0));
        let overlay = Overlay::new(lower, quota.clone(), TimeSource::system());
        Self { dir: Box::new(overlay.dir()), quota, _scratch: Some(scratch) }
    }

    /// Makes or replaces a file.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let mut file = self.open_file(name, write().create().truncate()).unwrap();
        assert_eq!(file.write(&[IoSlice::new(bytes)]), Ok(bytes.len()));
    }

    /// Returns the whole content of a file.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        read_to_end(&mut *self.open_file(name, read()).unwrap())
    }

    pub(crate) fn open_file(&self, name: &str, how: How) -> Result<Box<dyn File>> {
        match self.dir.open(path(name), how.0)? {
            Node::File(file) => Ok(file),
            Node::Dir(_) => panic!("{name} is a directory"),
        }
    }

    pub(crate) fn open_dir(&self, name: &str) -> Result<Box<dyn Dir>> {
        match self.dir.open(path(name), read().directory().0)? {
            Node::Dir(dir) => Ok(dir),
            Node::File(_) => panic!("{name} is no directory"),
        }
    }

    /// Returns the error of an open.
    pub(crate) fn open_error(&self, name: &str, how: How) -> Errno {
        match self.dir.open(path(name), how.0) {
            Ok(_) => panic!("{name} opened"),
            Err(error) => error,
        }
    }

    pub(crate) fn mkdir(&self, name: &str) -> Result<()> {
        self.dir.create_dir(path(name))
    }

    pub(crate) fn rmdir(&self, name: &str) -> Result<()> {
        self.dir.remove_dir(path(name))
    }

    pub(crate) fn unlink(&self, name: &str) -> Result<()> {
        self.dir.unlink(path(name))
    }

    pub(crate) fn symlink(&self, target: &str, name: &str) -> Result<()> {
        self.dir.symlink(path(target), path(name))
    }

    pub(crate) fn read_link(&self, name: &str) -> Result<String> {
        self.dir.read_link(path(name))
    }

    pub(crate) fn link(&self, old: &str, new: &str) -> Result<()> {
        self.dir.link(path(old), &*self.dir, path(new))
    }

    pub(crate) fn rename(&self, old: &str, new: &str) -> Result<()> {
        self.dir.rename(path(old), &*self.dir, path(new))
    }

    /// Returns the attributes; links are followed.
    pub(crate) fn stat(&self, name: &str) -> Result<Filestat> {
        self.dir.filestat_at(path(name), true)
    }

    /// Returns the attributes of a link itself.
    pub(crate) fn lstat(&self, name: &str) -> Result<Filestat> {
        self.dir.filestat_at(path(name), false)
    }

    /// Returns the names in the directory, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&*self.dir)
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        match self.lstat(name) {
            Ok(_) => true,
            Err(Errno::Noent) => false,
            Err(error) => panic!("{name}: {error}"),
        }
    }

    pub(crate) fn is_dir(&self, name: &str) -> bool {
        self.stat(name).unwrap().filetype == FileType::Directory
    }
}

pub(crate) fn names(dir: &dyn Dir) -> Vec<String> {
    let mut names: Vec<_> = dir.entries().unwrap().map(|entry| entry.unwrap().name).collect();
    names.sort();
    names
}

pub(crate) fn path(text: &str) -> RelativePath<'_> {
    RelativePath::parse(text.as_bytes()).unwrap()
}

pub(crate) fn read_to_end(file: &mut dyn File) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match file.read(&mut buffer).unwrap() {
            0 => return bytes,
            len => bytes.extend(&buffer[..len]),
        }
    }
}

/// Writes all of `bytes` at the file's offset.
pub(crate) fn put(file: &mut dyn File, bytes: &[u8]) {
    assert_eq!(file.write(&[IoSlice::new(bytes)]), Ok(bytes.len()));
}

pub(crate) fn tell(file: &mut dyn File) -> u64 {
    file.seek(0, Whence::Cur).unwrap()
}

/// Returns the options of an open.
#[derive(Clone, Copy)]
pub(crate) struct How(pub(crate) OpenOptions);

/// Opens for reading; links are followed.
pub(crate) fn read() -> How {
    let (oflags, fdflags) = (OFlags::empty(), FdFlags::empty());
    How(OpenOptions { follow: true, oflags, read: true, write: false, fdflags })
}

/// Opens for reading and writing; links are followed.
pub(crate) fn write() -> How {
    let mut how = read();
    how.0.write = true;
    how
}

impl How {
    pub(crate) fn nofollow(mut self) -> Self {
        self.0.follow = false;
        self
    }

    pub(crate) fn create(mut self) -> Self {
        self.0.oflags |= OFlags::CREAT;
        self
    }

    pub(crate) fn exclusive(mut self) -> Self {
        self.0.oflags |= OFlags::EXCL;
        self
    }

    pub(crate) fn truncate(mut self) -> Self {
        self.0.oflags |= OFlags::TRUNC;
        self
    }

    pub(crate) fn directory(mut self) -> Self {
        self.0.oflags |= OFlags::DIRECTORY;
        self
    }

    pub(crate) fn append(self) -> Self {
        self.with(FdFlags::APPEND)
    }

    pub(crate) fn with(mut self, flags: FdFlags) -> Self {
        self.0.fdflags |= flags;
        self
    }
}
