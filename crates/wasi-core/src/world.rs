//! A guest's world at rest: what a context holds, to be kept in a file and taken up again elsewhere.
//!
//! The format is a magic number, a version, the length and CRC-32 of what
//! follows, and then the [`World`] in postcard's format. It says of a guest
//! what the guest could have done itself: every number in it is checked, and
//! nothing in it names a file of the host.

use serde::{Deserialize, Serialize};

use crate::clock::SavedClock;
use crate::fs::saved::SavedFiles;
use crate::limits::Limits;
use crate::random::SavedRandom;
use crate::table::SavedTable;
use crate::world_error::{VERSION, WorldError};

/// The first bytes of a world in a file.
const MAGIC: [u8; 8] = *b"wasi-wld";

/// Magic number, version, length and checksum.
const HEADER: usize = MAGIC.len() + 4 + 8 + 4;

/// The world of a guest at rest, made by [`WasiCtx::save`](crate::WasiCtx::save).
///
/// It holds arguments, environment, limits and what is used of them, the state of a fixed clock and
/// of seeded randomness, all trees in memory with what is in their files, and the descriptors by
/// number, with their offsets. It does not hold what belongs to a machine: folders of the host and
/// archives are known by the names under which they were granted ([`grants`](Self::grants)), and
/// are granted again to the guest that goes on. Files, streams and folders that the guest opened
/// below a folder of the host, and sockets, come back as [`Tombstone`](crate::fs::Tombstone): their numbers are taken, and all
/// calls but `fd_close` are [`Errno::Io`](crate::Errno::Io). Files below an overlay that nobody has written are
/// opened again by their path.
///
/// Cloning is cheap: what files hold is shared.
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
    /// Names of overlays, and their trees.
    pub(crate) overlays: Vec<(String, u32)>,
    pub(crate) grants: Vec<String>,
}

impl World {
    /// The names of the folders that have to be granted again: those of the host, what lies below
    /// overlays, and archives.
    pub fn grants(&self) -> impl Iterator<Item = &str> {
        self.grants.iter().map(String::as_str)
    }

    /// The world as bytes. The same world is always the same bytes.
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

    /// Reads what [`to_bytes`](Self::to_bytes) wrote. Nothing may follow it.
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
