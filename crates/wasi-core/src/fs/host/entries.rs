//! Lists a directory of the host, one buffer of the kernel at a time.

use cap_std::fs::Dir as CapDir;
use rustix::fs::{AtFlags, Dir as Stream, FileType as HostType, Mode, OFlags as HostFlags};

use super::attributes;
use crate::errno::Result;
use crate::fs::dir::{DirEntry, Entries};
use crate::types::FileType;

/// Begins a listing with a descriptor of its own, so that two listings do not disturb each other.
pub(super) fn list(dir: &CapDir) -> Result<Entries> {
    let flags = HostFlags::RDONLY | HostFlags::DIRECTORY | HostFlags::CLOEXEC;
    let own = rustix::fs::openat(dir, ".", flags, Mode::empty())?;
    Ok(Box::new(HostEntries(Stream::new(own)?)))
}

struct HostEntries(Stream);

impl Iterator for HostEntries {
    type Item = Result<DirEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.0.read()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let name = match entry.file_name().to_str() {
                Ok("." | "..") | Err(_) => continue,
                Ok(name) => name.to_owned(),
            };
            match self.filetype(&name, entry.file_type()) {
                Ok(Some(filetype)) => return Some(Ok(DirEntry { name, ino: entry.ino(), filetype })),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl HostEntries {
    /// Returns the kind, and asks for it if the file system left it out. `None` if the name is gone by now.
    fn filetype(&self, name: &str, listed: HostType) -> Result<Option<FileType>> {
        if listed != HostType::Unknown {
            return Ok(Some(attributes::wasi_type(listed)));
        }
        match rustix::fs::statat(self.0.fd()?, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(attributes::filetype(&stat))),
            Err(rustix::io::Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
