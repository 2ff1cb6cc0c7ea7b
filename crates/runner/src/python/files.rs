//! A program's changes in an overlay, for its embedder to review.

use std::fmt;

use wasi_core::WasiCtx;
use wasi_core::fs::{Change, CommitError, Overlay};

use crate::error::Error;

/// The folder that was mounted under one name as [`Mount::overlay`](crate::Mount::overlay), with the
/// program's changes kept aside.
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
/// Each method returns [`Error::Argument`] if no overlay is mounted under the name.
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

    fn overlay(&self) -> Result<&'a Overlay, Error> {
        let missing = || Error::Argument(format!("no overlay is mounted at {:?}", self.mount));
        self.wasi.overlay(self.mount).ok_or_else(missing)
    }
}

fn io_error(message: &str) -> Error {
    Error::Io(std::io::Error::other(message))
}
