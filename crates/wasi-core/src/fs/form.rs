//! The form in which open files and directories are saved.

use serde::{Deserialize, Serialize};

use crate::types::{FdFlags, Filestat};

/// A saved open directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SavedDir {
    pub(super) read_only: bool,
    pub(super) kind: DirKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum DirKind {
    /// Outside of the world: granted again if it was granted by name, else lost.
    Granted {
        /// The budget that its growth is charged to, if it has one.
        quota: Option<u32>,
    },
    Memory {
        tree: u32,
        ino: u64,
    },
    Archive {
        device: u64,
        node: u32,
    },
}

/// A saved open file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SavedFile {
    pub(super) read_only: bool,
    pub(super) kind: FileKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum FileKind {
    Lost,
    Memory { tree: u32, ino: u64, offset: u64, flags: u16 },
    Archive { device: u64, node: u32, offset: u64, flags: u16 },
    Device { device: SavedDevice, stat: SavedStat, flags: u16 },
}

/// A saved device. A random one names the number of its source.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum SavedDevice {
    Null,
    Zero,
    Random(u32),
    Descriptor(u32),
}

/// The attributes of a saved device.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct SavedStat {
    pub(super) dev: u64,
    pub(super) ino: u64,
    pub(super) nlink: u64,
    pub(super) times: [u64; 3],
}

impl SavedDir {
    /// Returns the form of the same thing behind [`ReadOnly`](super::ReadOnly).
    pub(super) fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// Whether it is outside of the world, and has to be granted again.
    pub(crate) fn is_granted(&self) -> bool {
        !matches!(self.kind, DirKind::Memory { .. })
    }
}

impl From<DirKind> for SavedDir {
    fn from(kind: DirKind) -> Self {
        Self { read_only: false, kind }
    }
}

impl SavedFile {
    /// Returns the form of a file that cannot be saved: it comes back as a [`Tombstone`](super::Tombstone).
    pub(crate) fn lost() -> Self {
        Self { read_only: false, kind: FileKind::Lost }
    }

    /// Returns the form of the same thing behind [`ReadOnly`](super::ReadOnly).
    pub(super) fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    pub(super) fn archive(device: u64, node: u32, offset: u64, flags: FdFlags) -> Self {
        let kind = FileKind::Archive { device, node, offset, flags: flags.bits() };
        Self { read_only: false, kind }
    }

    pub(super) fn memory(tree: u32, ino: u64, offset: u64, flags: FdFlags) -> Self {
        Self { read_only: false, kind: FileKind::Memory { tree, ino, offset, flags: flags.bits() } }
    }

    pub(super) fn device(device: SavedDevice, stat: Filestat, flags: FdFlags) -> Self {
        let Filestat { dev, ino, nlink, atim, mtim, ctim, .. } = stat;
        let stat = SavedStat { dev, ino, nlink, times: [atim, mtim, ctim] };
        Self { read_only: false, kind: FileKind::Device { device, stat, flags: flags.bits() } }
    }
}
