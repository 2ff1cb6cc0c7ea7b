//! The bytes of files in memory, and their charge.

use std::sync::Arc;

use super::tree::{Content, Ino, Tree};
use crate::errno::{Errno, Result};

/// The largest file. A hole costs as much memory as data here, so a large offset must not be enough to use it
/// up.
const FILE_MAX: u64 = 1 << 32;

impl Tree {
    /// Returns the bytes of a file. [`Errno::Inval`] for anything else.
    pub(super) fn bytes(&self, ino: Ino) -> Result<&[u8]> {
        match &self.inode(ino)?.content {
            Content::File(bytes) => Ok(bytes),
            _ => Err(Errno::Inval),
        }
    }

    /// Returns the bytes of a file for a change that keeps its size.
    pub(super) fn bytes_mut(&mut self, ino: Ino) -> Result<&mut [u8]> {
        self.file_mut(ino).map(Vec::as_mut_slice)
    }

    /// Returns the bytes for this tree alone, and copies them if a fork shares them. [`Errno::Nospc`] if the
    /// host has no memory for that.
    fn file_mut(&mut self, ino: Ino) -> Result<&mut Vec<u8>> {
        let Content::File(bytes) = &mut self.inode_mut(ino)?.content else { return Err(Errno::Inval) };
        if Arc::get_mut(bytes).is_none() {
            let mut copy = Vec::new();
            copy.try_reserve_exact(bytes.len()).map_err(|_| Errno::Nospc)?;
            copy.extend_from_slice(bytes);
            *bytes = Arc::new(copy);
        }
        Arc::get_mut(bytes).ok_or(Errno::Io)
    }

    /// Cuts a file, or adds zeros. Growth is charged and its memory reserved first.
    ///
    /// [`Errno::Fbig`] past 4 GiB, [`Errno::Nospc`] past the quota or the host's memory.
    pub(super) fn resize(&mut self, ino: Ino, size: u64) -> Result<()> {
        let before = self.bytes(ino)?.len() as u64;
        if size > before.max(FILE_MAX) {
            return Err(Errno::Fbig);
        }
        let growth = size.saturating_sub(before);
        self.quota.grow(growth)?;
        let reserved = usize::try_from(growth)
            .map_err(|_| Errno::Nospc)
            .and_then(|growth| self.file_mut(ino)?.try_reserve(growth).map_err(|_| Errno::Nospc));
        if let Err(error) = reserved {
            self.quota.shrink(growth);
            return Err(error);
        }
        let bytes = self.file_mut(ino)?;
        bytes.resize(size as usize, 0);
        if size < before {
            bytes.shrink_to_fit();
        }
        // The first bytes are the gift. Cutting them refunds nothing, because they were never charged.
        let gift = &mut self.inode_mut(ino)?.gift.bytes;
        let given_back = before.saturating_sub(size.max(*gift));
        *gift = size.min(*gift);
        self.quota.shrink(given_back);
        self.touch(ino);
        Ok(())
    }
}
