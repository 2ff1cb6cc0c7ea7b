//! The form in which open files and directories are saved.

use serde::{Deserialize, Serialize};

use crate::types::{FdFlags, Filestat};

/// An open directory at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SavedDir {
    pub(super) read_only: bool,
    pub(super) kind: DirKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum DirKind {
    /// Not in the world itself: granted again if it was granted by name, and else lost.
    Granted {
        /// The budget that its growth is charged to, where it has one.
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

/// An open file at rest.
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

/// A device at rest. Random ones name their source by its number.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum SavedDevice {
    Null,
    Zero,
    Random(u32),
}

/// What a device tells of itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct SavedStat {
    pub(super) dev: u64,
    pub(super) ino: u64,
    pub(super) nlink: u64,
    pub(super) times: [u64; 3],
}

impl SavedDir {
    /// The same without the right to change it.
    pub(super) fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// Whether it has to be granted again.
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
    /// One that the world cannot hold: it comes back as [`Tombstone`](super::Tombstone).
    pub(crate) fn lost() -> Self {
        Self { read_only: false, kind: FileKind::Lost }
    }

    /// The same without the right to change it.
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
