//! The bytes of files in memory, and what is charged for them.

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
        Ok(self.file_mut(ino)?)
    }

    fn file_mut(&mut self, ino: Ino) -> Result<&mut Vec<u8>> {
        match &mut self.inode_mut(ino)?.content {
            Content::File(bytes) => Ok(bytes),
            _ => Err(Errno::Inval),
        }
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
        let bytes = self.file_mut(ino)?;
        if usize::try_from(growth).is_err() || bytes.try_reserve(growth as usize).is_err() {
            self.quota.shrink(growth);
            return Err(Errno::Nospc);
        }
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
