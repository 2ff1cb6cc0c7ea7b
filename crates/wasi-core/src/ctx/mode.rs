//! What POSIX knows of a file and preview1 does not: its mode, and who may use it.

use super::context::WasiCtx;
use crate::errno::Result;
use crate::fs::RelativePath;
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
        let open = self.table.dir(fd)?;
        Ok(open.dir.filestat_at(RelativePath::parse(path)?, follow)?.mode)
    }

    /// Checks whether `path` below the directory `fd` can be used in this way.
    ///
    /// The errors are those of `path_filestat_get`, and [`Errno::Acces`](crate::Errno::Acces) or
    /// [`Errno::Perm`](crate::Errno::Perm) if it cannot.
    pub fn access_at(&self, fd: Fd, path: &[u8], follow: bool, access: Access) -> Result<()> {
        let open = self.table.dir(fd)?;
        open.dir.access_at(RelativePath::parse(path)?, follow, access)
    }
}
