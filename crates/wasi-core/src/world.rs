//! The saved state of a guest: for a file, from which another process resumes it.
//!
//! The format is a magic number, a version, the length and CRC-32 of the rest, and the [`World`] in
//! [postcard's format](https://postcard.jamesmunns.com/wire-format). It can only describe what a guest could
//! have done itself: every number in it is checked, and nothing in it names a file of the host.

use serde::{Deserialize, Serialize};

use crate::clock::SavedClock;
use crate::fs::saved::SavedFiles;
use crate::limits::Limits;
use crate::random::SavedRandom;
use crate::table::SavedTable;
use crate::world_error::{VERSION, WorldError};

/// The first bytes of the format.
const MAGIC: [u8; 8] = *b"wasi-wld";

/// Bytes of magic number, version, length and checksum.
const HEADER: usize = MAGIC.len() + 4 + 8 + 4;

/// The saved state of a guest, made by [`WasiCtx::save`](crate::WasiCtx::save).
///
/// It contains arguments, environment, limits and what is used of them, the state of a fixed clock and of
/// seeded randomness, all trees in memory with the content of their files, and the descriptors with their
/// numbers and offsets.
///
/// It does not contain what belongs to a machine. Directories of the host and archives are known by the names
/// under which they were granted ([`grants`](Self::grants)), and have to be granted again. Files, streams and
/// directories that the guest opened below a directory of the host, and sockets, come back as a
/// [`Tombstone`](crate::fs::Tombstone): their numbers stay taken, and every call but `fd_close` is
/// [`Errno::Io`](crate::Errno::Io). A file below an overlay that nobody has written is opened again by its
/// path.
///
/// Cloning is cheap, because it shares the content of files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) limits: Limits,
    pub(crate) output_left: u64,
    pub(crate) clock: SavedClock,
    pub(crate) random: SavedRandom,
    pub(crate) files: SavedFiles,
    pub(crate) table: SavedTable,
    /// Names of overlays, and the numbers of their trees.
    pub(crate) overlays: Vec<(String, u32)>,
    pub(crate) grants: Vec<String>,
}

impl World {
    /// Lists the names of the directories that have to be granted again: those of the host, those below
    /// overlays, and archives.
    pub fn grants(&self) -> impl Iterator<Item = &str> {
        self.grants.iter().map(String::as_str)
    }

    /// Lowers the limits that the guest goes on with: of each pair, the smaller one counts.
    ///
    /// `limits` are compared with the saved ones and with the output that is left; numbers of descriptors that
    /// were in use once stay usable. `disk_bytes` and `disk_files` bound each [`Quota`](crate::fs::Quota), with
    /// what is used of it already. Call it before [`resume`](Self::resume), because a file from elsewhere may
    /// grant itself anything.
    pub fn restrict(&mut self, limits: &Limits, disk_bytes: u64, disk_files: u64) {
        let Limits { open_files, output, call_bytes, subscriptions } = limits;
        let own = &mut self.limits;
        own.open_files = own.open_files.min((*open_files).max(self.table.numbers()));
        own.output = own.output.min(*output);
        own.call_bytes = own.call_bytes.min(*call_bytes);
        own.subscriptions = own.subscriptions.min(*subscriptions);
        self.output_left = self.output_left.min(*output);
        self.files.restrict(disk_bytes, disk_files);
    }

    /// Returns the world as bytes. The same world always gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WorldError> {
        let room = vec![0; HEADER];
        let mut bytes =
            postcard::to_extend(self, room).map_err(|_| WorldError::Unsavable("a world of this size"))?;
        let body = bytes.get(HEADER..).unwrap_or_default();
        let (len, checksum) = (body.len() as u64, crc32fast::hash(body));
        let header =
            [&MAGIC[..], &VERSION.to_le_bytes(), &len.to_le_bytes(), &checksum.to_le_bytes()].concat();
        if let Some(place) = bytes.get_mut(..HEADER) {
            place.copy_from_slice(&header);
        }
        Ok(bytes)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote. [`WorldError::Damaged`] if bytes follow it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WorldError> {
        let (magic, rest) = bytes.split_first_chunk().ok_or(WorldError::NotAWorld)?;
        if *magic != MAGIC {
            return Err(WorldError::NotAWorld);
        }
        let (version, rest) = rest.split_first_chunk().ok_or(WorldError::Damaged)?;
        match u32::from_le_bytes(*version) {
            VERSION => {}
            version => return Err(WorldError::Version(version)),
        }
        let (len, rest) = rest.split_first_chunk().ok_or(WorldError::Damaged)?;
        let (checksum, body) = rest.split_first_chunk().ok_or(WorldError::Damaged)?;
        if u64::from_le_bytes(*len) != body.len() as u64
            || u32::from_le_bytes(*checksum) != crc32fast::hash(body)
        {
            return Err(WorldError::Damaged);
        }
        match postcard::take_from_bytes(body) {
            Ok((world, [])) => Ok(world),
            _ => Err(WorldError::Damaged),
        }
    }
}
