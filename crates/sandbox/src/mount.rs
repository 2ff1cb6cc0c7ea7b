//! Folders that a guest is given: of the host, in memory, or of the runner's own making.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use wasi_core::Errno;
use wasi_core::fs::{Dir, HostDir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource};

use crate::grants::Grant;
use crate::sandbox::make_places;

/// A folder for a guest, not yet under a name.
#[derive(Debug)]
pub struct Mount(Source);

#[derive(Debug)]
enum Source {
    Host { dir: cap_std::fs::Dir, path: PathBuf, access: Access },
    Memory,
    Given(Given),
}

/// A folder of the runner's own making, and what it is.
struct Given(Box<dyn Dir>, &'static str);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given")
    }
}

/// What a guest may do in a folder of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    ReadOnly,
    ReadWrite,
    /// Everything, but what it changes is kept aside and the folder itself stays as it is.
    Overlay,
}

impl Access {
    /// In words.
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
    /// A folder of the host, to be read. It is opened now: what later happens to its name does not matter.
    pub fn read_only(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Self::host(path.as_ref(), Access::ReadOnly)
    }

    /// A folder of the host, to be read and changed.
    pub fn read_write(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Self::host(path.as_ref(), Access::ReadWrite)
    }

    /// A folder of the host that seems to change: what the guest writes is kept in memory.
    pub fn overlay(path: impl AsRef<Path>) -> Result<Self, MountError> {
        Self::host(path.as_ref(), Access::Overlay)
    }

    /// An empty folder in memory.
    pub fn memory() -> Self {
        Self(Source::Memory)
    }

    pub fn host(path: &Path, access: Access) -> Result<Self, MountError> {
        let dir = cap_std::fs::Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|source| MountError { path: path.into(), source })?;
        Ok(Self(Source::Host { dir, path: path.into(), access }))
    }

    /// Whether the folder at `rest` in this one is that folder of the host.
    pub(crate) fn leads_to(&self, rest: &str, host: &Path) -> bool {
        let same = |path: &Path| matches!((path.canonicalize(), host.canonicalize()), (Ok(one), Ok(other)) if one == other);
        matches!(&self.0, Source::Host { path, .. } if same(&path.join(rest)))
    }

    pub(crate) fn given(dir: Box<dyn Dir>, what: &'static str) -> Self {
        Self(Source::Given(Given(dir, what)))
    }

    /// What a guest finds under `name`.
    pub(crate) fn described(&self, name: &str) -> Grant {
        let (what, host) = match &self.0 {
            Source::Given(Given(_, what)) => (*what, None),
            Source::Memory => ("in memory", None),
            Source::Host { path, access, .. } => (access.described(), Some(path.clone())),
        };
        Grant { name: name.to_owned(), what, host }
    }

    /// The folder of the host, if it is one, for a guest that goes on from a file: changes that an
    /// overlay kept aside are in the file, and what lies below it is only read.
    pub(crate) fn of_host(self, quota: &Quota) -> Option<Box<dyn Dir>> {
        let Source::Host { dir, access, .. } = self.0 else { return None };
        let dir = HostDir::new(dir, quota.clone());
        Some(match access {
            Access::ReadWrite => Box::new(dir),
            Access::ReadOnly | Access::Overlay => Box::new(ReadOnly::new(Box::new(dir))),
        })
    }

    /// The folder for `name`. `places` are names that must be found in one that is made here.
    pub(crate) fn open(
        self,
        name: &str,
        places: &[String],
        quota: &Quota,
        time: &TimeSource,
    ) -> Result<Box<dyn Dir>, Errno> {
        Ok(match self.0 {
            Source::Given(Given(dir, _)) => dir,
            Source::Memory => {
                let dir = MemoryDir::new(quota.clone(), time.clone());
                make_places(&dir, name, places)?;
                Box::new(dir)
            }
            Source::Host { dir, access, .. } => {
                let dir = HostDir::new(dir, quota.clone());
                match access {
                    Access::ReadOnly => Box::new(ReadOnly::new(Box::new(dir))),
                    Access::ReadWrite => Box::new(dir),
                    Access::Overlay => {
                        Box::new(Overlay::new(Box::new(dir), quota.clone(), time.clone()).dir())
                    }
                }
            }
        })
    }
}
