//! An opened archive: its bytes, its index, and the files that are unpacked now.

use std::borrow::Cow;
use std::collections::HashMap;
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
/// a whole when it is opened, checked against its CRC-32, and kept in memory while anyone has it open.
///
/// Cloning shares the archive. It never changes, so guests on any thread can read it at the same time.
#[derive(Clone, Debug)]
pub struct Archive(pub(super) Arc<Data>);

#[derive(Debug)]
pub(super) struct Data {
    pub(super) bytes: Cow<'static, [u8]>,
    pub(super) index: Index,
    device: u64,
    /// Files that are open now, so that a file opened several times is in memory once. The guests that share
    /// the archive take the lock, which guards only the map, at each open.
    unpacked: Mutex<HashMap<MemberId, Weak<Vec<u8>>>>,
}

/// The device numbers of archives begin here; the lower bits distinguish them.
const DEVICE: u64 = 1 << 49;

impl Archive {
    /// Reads the index of an archive.
    ///
    /// Each of these has its own error: bytes that are not a ZIP archive or a truncated one, ZIP64,
    /// encryption, other compression methods, files above 256 MiB, names that are not plain relative UTF-8
    /// paths, duplicate names.
    pub fn open(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, ArchiveError> {
        let bytes = bytes.into();
        let (index, checksum) = Index::parse(&bytes)?;
        let device = DEVICE | u64::from(checksum);
        Ok(Self(Arc::new(Data { bytes, index, device, unpacked: Mutex::default() })))
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
    pub(super) fn unpack(&self, id: MemberId, entry: &Entry) -> Result<Arc<Vec<u8>>> {
        let unpacked = || self.0.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = unpacked().get(&id).and_then(Weak::upgrade) {
            return Ok(content);
        }
        let content = Arc::new(entry.unpack(&self.0.bytes)?);
        unpacked().insert(id, Arc::downgrade(&content));
        Ok(content)
    }
}
