//! The standard library, which JavaScript loads when Python first looks into it.

use std::sync::OnceLock;

use wasi_core::fs::{Archive, ArchiveDir, Dir, Entries, Node, OpenOptions, RelativePath};
use wasi_core::types::{FileType, Filestat, Mode, SetTime};
use wasi_core::{Errno, Result};

use crate::imports;

/// The library of this instance, for `/usr`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Library;

/// Returns the library, loaded first if it is not.
pub(crate) fn archive() -> Result<ArchiveDir> {
    static LOADED: OnceLock<Archive> = OnceLock::new();
    if let Some(archive) = LOADED.get() {
        return Ok(archive.dir());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(imports::library_size()).map_err(|_| Errno::Nomem)?;
    bytes.resize(bytes.capacity(), 0);
    imports::library_read(&mut bytes);
    let archive = Archive::open(bytes).map_err(|_damaged| Errno::Badmsg)?;
    Ok(LOADED.get_or_init(|| archive).dir())
}

impl Dir for Library {
    /// Answers for the folder itself without the library: every Python asks when it starts.
    fn filestat(&self) -> Result<Filestat> {
        let filetype = FileType::Directory;
        let mode = Mode::new(filetype, 0o555);
        Ok(Filestat { dev: 1 << 49, ino: 1, filetype, nlink: 1, size: 0, atim: 0, mtim: 0, ctim: 0, mode })
    }

    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node> {
        archive()?.open(path, options)
    }

    fn filestat_at(&self, path: RelativePath<'_>, follow: bool) -> Result<Filestat> {
        archive()?.filestat_at(path, follow)
    }

    fn set_times_at(&self, path: RelativePath<'_>, follow: bool, atim: SetTime, mtim: SetTime) -> Result<()> {
        archive()?.set_times_at(path, follow, atim, mtim)
    }

    fn set_times(&self, atim: SetTime, mtim: SetTime) -> Result<()> {
        archive()?.set_times(atim, mtim)
    }

    fn entries(&self) -> Result<Entries> {
        archive()?.entries()
    }

    fn create_dir(&self, path: RelativePath<'_>) -> Result<()> {
        archive()?.create_dir(path)
    }

    fn remove_dir(&self, path: RelativePath<'_>) -> Result<()> {
        archive()?.remove_dir(path)
    }

    fn unlink(&self, path: RelativePath<'_>) -> Result<()> {
        archive()?.unlink(path)
    }

    fn read_link(&self, path: RelativePath<'_>) -> Result<String> {
        archive()?.read_link(path)
    }

    fn symlink(&self, target: RelativePath<'_>, path: RelativePath<'_>) -> Result<()> {
        archive()?.symlink(target, path)
    }

    fn link(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()> {
        archive()?.link(path, new_dir, new_path)
    }

    fn rename(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()> {
        archive()?.rename(path, new_dir, new_path)
    }

    fn reopen(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(*self))
    }

    fn writable(&self) -> bool {
        false
    }
}
