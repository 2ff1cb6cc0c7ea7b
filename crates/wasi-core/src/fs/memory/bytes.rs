//! The bytes of files in memory, and what is charged for them.

use std::sync::Arc;

use super::tree::{Content, Ino, Tree};
use crate::errno::{Errno, Result};

/// The largest file: an offset past it, however cheap it is to name, would have to be memory.
const FILE_MAX: u64 = 1 << 32;

impl Tree {
    /// The bytes of a file. [`Errno::Inval`] for anything else.
    pub(super) fn bytes(&self, ino: Ino) -> Result<&[u8]> {
        match &self.inode(ino)?.content {
            Content::File(bytes) => Ok(bytes),
            _ => Err(Errno::Inval),
        }
    }

    /// The bytes of a file, to be changed but not resized.
    pub(super) fn bytes_mut(&mut self, ino: Ino) -> Result<&mut [u8]> {
        self.file_mut(ino).map(Vec::as_mut_slice)
    }

    /// The bytes for this tree alone: those that a fork shares are copied now. [`Errno::Nospc`] if the
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

    /// Cuts a file or fills it up with zeros. The growth is charged, and the memory there, before it grows:
    /// [`Errno::Fbig`] past 4 GiB, [`Errno::Nospc`] past the quota or what the host has.
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
        // The bytes that were a gift are the first: what is cut of them was never charged.
        let gift = &mut self.inode_mut(ino)?.gift.bytes;
        let given_back = before.saturating_sub(size.max(*gift));
        *gift = size.min(*gift);
        self.quota.shrink(given_back);
        self.touch(ino);
        Ok(())
    }
}
