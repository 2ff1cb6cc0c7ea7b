//! Folders that a guest is given: of the host, in memory, or made by the runner.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use wasi_core::Errno;
use wasi_core::fs::{Archive, Dir, HostDir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource};

use crate::grants::Grant;
use crate::place::make_places;

/// A folder for a guest, not yet under a name.
pub struct Mount(Source);

enum Source {
    Host {
        dir: cap_std::fs::Dir,
        path: PathBuf,
        access: Access,
        through: Option<Through>,
    },
    Memory,
    /// What is in an archive, and what that is.
    Archive {
        archive: Archive,
        what: &'static str,
        through: Option<Through>,
    },
    /// A folder that the runner made, and what it is.
    Made {
        dir: Box<dyn Dir>,
        what: &'static str,
    },
}

/// What a folder passes through on its way to a guest, which sees what this makes of it. The threads of all guests
/// share it.
pub type Through = Arc<dyn Fn(Box<dyn Dir>) -> Box<dyn Dir> + Send + Sync>;

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Grant { what, host, .. } = self.grant("");
        f.debug_struct("Mount").field("what", &what).field("host", &host).finish_non_exhaustive()
    }
}

/// What a guest may do in a folder of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It reads.
    ReadOnly,
    /// It reads and changes.
    ReadWrite,
    /// It reads and changes, but its changes are kept aside and the folder itself stays as it is.
    Overlay,
}

impl Access {
    /// Opens a folder of the host for a guest that may do this.
    pub fn mount(self, path: &Path) -> Result<Mount, MountError> {
        let dir = cap_std::fs::Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|source| MountError { path: path.into(), source })?;
        Ok(Mount(Source::Host { dir, path: path.into(), access: self, through: None }))
    }

    /// Describes it in words, for a person.
    pub fn described(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read, write",
            Self::Overlay => "writes kept aside",
        }
    }
}

/// A folder that cannot be granted.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the folder {}: {source}", path.display())]
pub struct MountError {
    path: PathBuf,
    source: io::Error,
}

impl Mount {
    /// Opens a folder of the host for reading. The mount is this folder from now on, whatever happens to
    /// its name.
    pub fn read_only(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Access::ReadOnly.mount(path.as_ref())
    }

    /// Opens a folder of the host for reading and writing.
    pub fn read_write(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Access::ReadWrite.mount(path.as_ref())
    }

    /// Opens a folder of the host that only seems to change: what the guest writes is kept in memory.
    pub fn overlay(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Access::Overlay.mount(path.as_ref())
    }

    /// Makes an empty folder in memory.
    pub fn memory() -> Self {
        Self(Source::Memory)
    }

    /// Makes a folder of what is in an archive; `what` describes it to a person.
    pub fn archive(archive: Archive, what: &'static str) -> Self {
        Self(Source::Archive { archive, what, through: None })
    }

    pub(crate) fn made(dir: Box<dyn Dir>, what: &'static str) -> Self {
        Self(Source::Made { dir, what })
    }

    /// Lets the folder pass through something if it is one of the host that is only read, or an archive.
    pub fn pass_read_only(&mut self, passed: &Through) {
        if let Source::Host { access: Access::ReadOnly, through, .. } | Source::Archive { through, .. } =
            &mut self.0
        {
            *through = Some(passed.clone());
        }
    }

    /// Whether the folder at `rest` in this one is that folder of the host.
    pub(crate) fn leads_to(&self, rest: &str, host: &Path) -> bool {
        let Source::Host { path, .. } = &self.0 else { return false };
        matches!((path.join(rest).canonicalize(), host.canonicalize()), (Ok(one), Ok(other)) if one == other)
    }

    /// Returns what a guest finds under `name`.
    pub(crate) fn grant(&self, name: &str) -> Grant {
        let (what, host) = match &self.0 {
            Source::Made { what, .. } | Source::Archive { what, .. } => (*what, None),
            Source::Memory => ("in memory", None),
            Source::Host { path, access, .. } => (access.described(), Some(path.clone())),
        };
        Grant { name: name.to_owned(), what, host }
    }

    /// Opens a folder of the host, or an archive, for a guest that goes on from a file; `None` for any other folder.
    ///
    /// The file holds the changes that an overlay kept aside, so the guest only reads the folder below it.
    pub(crate) fn for_resuming(self, quota: &Quota) -> Option<Box<dyn Dir>> {
        let (dir, access, through) = match self.0 {
            Source::Host { dir, access, through, .. } => (dir, access, through),
            Source::Archive { archive, through, .. } => {
                return Some(passed(through, Box::new(archive.dir())));
            }
            Source::Memory | Source::Made { .. } => return None,
        };
        let dir = HostDir::new(dir, quota.clone());
        Some(passed(
            through,
            match access {
                Access::ReadWrite => Box::new(dir),
                Access::ReadOnly => Box::new(ReadOnly::new(Box::new(dir))),
                Access::Overlay => Box::new(ReadOnly::below_overlay(Box::new(dir))),
            },
        ))
    }

    /// Opens the folder for a guest that has it as `name`. One in memory gets empty folders on the way
    /// to `places` below it.
    pub(crate) fn open(
        self,
        name: &str,
        places: &[String],
        quota: &Quota,
        time: &TimeSource,
    ) -> Result<Box<dyn Dir>, Errno> {
        Ok(match self.0 {
            Source::Made { dir, .. } => dir,
            Source::Archive { archive, through, .. } => passed(through, Box::new(archive.dir())),
            Source::Memory => {
                let dir = MemoryDir::new(quota.clone(), time.clone());
                make_places(&dir, name, places)?;
                Box::new(dir)
            }
            Source::Host { dir, access, through, .. } => {
                let dir = HostDir::new(dir, quota.clone());
                passed(
                    through,
                    match access {
                        Access::ReadOnly => Box::new(ReadOnly::new(Box::new(dir))),
                        Access::ReadWrite => Box::new(dir),
                        Access::Overlay => {
                            Box::new(Overlay::new(Box::new(dir), quota.clone(), time.clone()).dir())
                        }
                    },
                )
            }
        })
    }
}

fn passed(through: Option<Through>, dir: Box<dyn Dir>) -> Box<dyn Dir> {
    match through {
        Some(through) => through(dir),
        None => dir,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = Mount::read_only("/no/such/folder").unwrap_err();
        assert!(error.to_string().starts_with("cannot open the folder /no/such/folder: "), "{error}");
    }
}
