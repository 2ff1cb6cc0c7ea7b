//! An opened archive: its bytes, its index, and the files that are unpacked now.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::error::ArchiveError;
use super::index::{Index, Kind, Member, MemberId};
use super::zip::Entry;
use crate::errno::{Errno, Result};
use crate::types::{FileType, Filestat, Mode};

/// A ZIP archive ([APPNOTE 6.3.10](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT)) whose files
/// are stored or compressed by Zstandard.
///
/// Opening an archive reads only its index. Stored files are read in place. A compressed file is unpacked as
/// a whole when it is opened, checked against its CRC-32, and kept in memory while anyone has it open. All that are
/// open at once may have 512 MiB: [`Errno::Nomem`] beyond that.
///
/// Cloning shares the archive. It never changes, so guests on any thread can read it at the same time.
#[derive(Clone, Debug)]
pub struct Archive(pub(super) Arc<Data>);

pub(super) struct Data {
    bytes: Box<dyn AsRef<[u8]> + Send + Sync>,
    pub(super) index: Index,
    device: u64,
    /// Files that are open now, so that a file opened several times is in memory once. The guests that share
    /// the archive take the lock, which guards only the map, at each open.
    unpacked: Mutex<HashMap<MemberId, Weak<Unpacked>>>,
    /// The bytes of all that are unpacked.
    in_memory: Arc<AtomicUsize>,
}

/// The most bytes that are unpacked at once. An archive of a few MB can name files of many GB.
const MOST_UNPACKED: usize = 512 << 20;

/// The content of a file that is unpacked, which counts while it is there.
pub(super) struct Unpacked {
    content: Vec<u8>,
    charged: usize,
    in_memory: Arc<AtomicUsize>,
}

impl Unpacked {
    /// Makes room for `size` bytes.
    fn room(size: usize, in_memory: &Arc<AtomicUsize>) -> Result<Self> {
        let more = |bytes: usize| bytes.checked_add(size).filter(|&bytes| bytes <= MOST_UNPACKED);
        in_memory.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).map_err(|_full| Errno::Nomem)?;
        Ok(Self { content: Vec::new(), charged: size, in_memory: in_memory.clone() })
    }
}

impl Deref for Unpacked {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.content
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        self.in_memory.fetch_sub(self.charged, Ordering::Relaxed);
    }
}

impl Data {
    pub(super) fn bytes(&self) -> &[u8] {
        (*self.bytes).as_ref()
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").field("size", &self.bytes().len()).finish_non_exhaustive()
    }
}

/// The device numbers of archives begin here; the lower bits distinguish them.
const DEVICE: u64 = 1 << 49;

impl Archive {
    /// Reads the index of an archive.
    ///
    /// Each of these has its own error: bytes that are not a ZIP archive or a truncated one, ZIP64,
    /// encryption, other compression methods, files above 256 MiB, names that are not plain relative UTF-8
    /// paths, duplicate names.
    pub fn open(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self, ArchiveError> {
        let (index, checksum) = Index::parse(bytes.as_ref())?;
        let device = DEVICE | u64::from(checksum);
        let (bytes, unpacked, in_memory) = (Box::new(bytes), Mutex::default(), Arc::default());
        Ok(Self(Arc::new(Data { bytes, index, device, unpacked, in_memory })))
    }

    /// Returns the device number, which distinguishes it from archives with other indexes.
    pub(in crate::fs) fn device(&self) -> u64 {
        self.0.device
    }

    pub(super) fn node(&self, id: MemberId) -> Result<&Member> {
        self.0.index.node(id).ok_or(Errno::Io)
    }

    pub(super) fn filestat(&self, id: MemberId) -> Result<Filestat> {
        let node = self.node(id)?;
        let (filetype, size) = match &node.kind {
            Kind::Dir(_) => (FileType::Directory, 0),
            Kind::File(entry) => (FileType::RegularFile, u64::from(entry.size)),
        };
        let time = node.time;
        let ino = u64::from(id) + 1;
        let mode = Mode::of_new(filetype).read_only();
        let (dev, nlink, atim, mtim, ctim) = (self.0.device, 1, time, time, time);
        Ok(Filestat { dev, ino, filetype, nlink, size, atim, mtim, ctim, mode })
    }

    /// Unpacks a compressed file, or returns the content that is unpacked already.
    pub(super) fn unpack(&self, id: MemberId, entry: &Entry) -> Result<Arc<Unpacked>> {
        let unpacked = || self.0.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = unpacked().get(&id).and_then(Weak::upgrade) {
            return Ok(content);
        }
        let mut content = Unpacked::room(entry.size as usize, &self.0.in_memory)?;
        content.content = entry.unpack(self.0.bytes())?;
        let content = Arc::new(content);
        unpacked().insert(id, Arc::downgrade(&content));
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unpacked_at_once_is_bounded() {
        let in_memory = Arc::default();
        let room = |size| Unpacked::room(size, &in_memory);
        let first = room(MOST_UNPACKED - 1).unwrap();
        assert_eq!(room(2).err(), Some(Errno::Nomem));
        let second = room(1).unwrap();
        drop(first);
        assert!(room(MOST_UNPACKED - 1).is_ok());
        drop(second);
        assert!(room(MOST_UNPACKED).is_ok());
    }
}
