//! What POSIX knows of a file and preview1 does not: its mode, and who may use it.

use super::context::WasiCtx;
use crate::errno::Result;
use crate::fs::{Dir, MemoryDir, Overlay, RelativePath};
use crate::table::Descriptor;
use crate::types::{Access, Fd, Mode};

/// Answers for functions of the embedder, by which a guest's libc completes its `stat` and `access`. They
/// count as no calls: record them with [`WasiCtx::note`].
impl WasiCtx {
    /// Returns the mode of the file or directory `fd`, as `fstat` does. [`Errno::Badf`](crate::Errno::Badf)
    /// if it is not open.
    pub fn mode_of(&self, fd: Fd) -> Result<Mode> {
        let stat = match self.table.get(fd)? {
            Descriptor::File(open) => open.file.filestat()?,
            Descriptor::Dir(open) => open.dir.filestat()?,
        };
        Ok(stat.mode)
    }

    /// Returns the mode of `path` below the directory `fd`; of a link itself unless `follow`.
    ///
    /// The path is the guest's: it is resolved as by `path_filestat_get`, with the same errors.
    pub fn mode_at(&self, fd: Fd, path: &[u8], follow: bool) -> Result<Mode> {
        let stat = self
            .table
            .below(fd, RelativePath::parse(path)?, follow, |dir, path| dir.filestat_at(path, follow));
        Ok(stat?.mode)
    }

    /// Sets the permissions (`0o7777`) of `path` below the directory `fd`, through links, as `chmod` does.
    ///
    /// The errors are those of `path_filestat_get`; [`Errno::Perm`](crate::Errno::Perm) for what cannot be
    /// changed, [`Errno::Notsup`](crate::Errno::Notsup) where no permissions are kept, as below a folder of
    /// the host.
    pub fn set_mode_at(&self, fd: Fd, path: &[u8], permissions: u32) -> Result<()> {
        let act = |dir: &dyn Dir, path: RelativePath<'_>| dir.set_mode_at(path, permissions);
        self.table.below(fd, RelativePath::parse(path)?, true, act)
    }

    /// Checks whether `path` below the directory `fd` can be used in this way.
    ///
    /// The errors are those of `path_filestat_get`, and [`Errno::Acces`](crate::Errno::Acces) or
    /// [`Errno::Perm`](crate::Errno::Perm) if it cannot.
    pub fn access_at(&self, fd: Fd, path: &[u8], follow: bool, access: Access) -> Result<()> {
        let act = |dir: &dyn Dir, path: RelativePath<'_>| dir.access_at(path, follow, access);
        self.table.below(fd, RelativePath::parse(path)?, follow, act)
    }

    /// Returns the absolute path that a link on `path`, an absolute path of the guest, leads to, if nothing
    /// was granted there: the reason for an [`Errno::Perm`](crate::Errno::Perm) that a person should be told.
    /// The guest may know it, because it can read the link.
    pub fn ungranted_target(&self, path: &str) -> Option<String> {
        self.table.ungranted_target(path)
    }

    /// Returns whether `path`, an absolute path of the guest, lies below a preopen that is a tree in memory
    /// and shows nothing of the host.
    pub fn is_in_memory(&self, path: &str) -> bool {
        let granted = self.table.granted(path);
        granted.is_some_and(|(dir, _)| dir.find::<MemoryDir>().is_some() && Overlay::find(dir).is_none())
    }
}
