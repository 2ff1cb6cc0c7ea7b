//! A snapshot as the bytes of a file, which may come from anybody.
//!
//! It is a name, a version, the hash of the CPython that it is of, a checksum of the rest, and one frame of Zstandard:
//! the [`Parts`] in postcard's format, then the memory as the engine encodes it. A skippable frame follows with a
//! [`Description`] for those who only want to know what the file is for. Readers of frames pass over it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use postcard::de_flavors::Flavor;
use python_wasm_sandbox::Limits;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasi_core::World;

use super::embedded;
use super::snapshot_info::{DESCRIPTION_MAX, Description, Misfit, made_here};
use crate::error::Error;

/// The first bytes of a file.
pub(super) const MAGIC: &[u8; 20] = b"python-wasm snapshot";

/// The version of the format.
pub(super) const VERSION: u32 = 2;

/// The first four bytes of the frame with the description, a
/// [skippable frame](https://www.rfc-editor.org/rfc/rfc8878#name-skippable-frames).
const SKIPPABLE: [u8; 4] = 0x184d_2a50_u32.to_le_bytes();

/// The letters of a description that are shown.
const MADE_BY_MAX: usize = 200;

/// Bytes of that frame beside the description: its first four, its length, and the description's length at its end.
const FRAMING: usize = 12;

/// Bytes in a SHA-256 sum.
const SUM: usize = 32;

/// The level of compression: a low one, because a person waits.
const LEVEL: i32 = 3;

/// The largest window of the compression that is accepted, as a power of two.
const WINDOW_LOG_MAX: u32 = 23;

/// Bytes of a file beside the guest's memory and the content of its files.
const BESIDE: u64 = 64 << 20;

/// Bytes that describe one file or descriptor, beside its name and content.
const DESCRIPTION: u64 = 64;

/// Bytes that describe everything else.
const DESCRIPTIONS: u64 = 8 << 20;

/// What a file contains beside the memory.
#[derive(Serialize, Deserialize)]
pub(super) struct Parts {
    pub(super) args: Vec<String>,
    pub(super) mounts: Vec<String>,
    pub(super) world: World,
}

/// A frame that was unpacked.
pub(super) struct Unpacked(Vec<u8>);

/// Makes the bytes of a file.
pub(super) fn pack(parts: &Parts, memory: &[u8]) -> Result<Vec<u8>, Error> {
    let unsaved = |error: postcard::Error| Error::snapshot_because(error.to_string(), error);
    let mut body = postcard::to_stdvec(parts).map_err(unsaved)?;
    body.extend_from_slice(memory);
    let mut frames = zstd::encode_all(&body[..], LEVEL)?;
    // The first bytes of the memory are its length.
    let size = memory.first_chunk().map_or(0, |size| u64::from_le_bytes(*size));
    frames.extend(description(&parts.world, size).unwrap_or_default());
    Ok(sealed(&frames))
}

/// Makes the frame with the description. `None` if it is too long to be read, which costs only the description.
fn description(world: &World, memory: u64) -> Option<Vec<u8>> {
    let folders = world.grants().filter(|name| *name != "/usr").map(str::to_owned).collect();
    let text = postcard::to_stdvec(&Description { made_by: made_here(), memory, folders }).ok()?;
    let len = u32::try_from(text.len()).ok().filter(|_| text.len() + FRAMING <= DESCRIPTION_MAX)?;
    Some([&SKIPPABLE[..], &(len + 4).to_le_bytes(), &text, &len.to_le_bytes()].concat())
}

/// Reads the description from the end of a body, if there is one.
pub(super) fn described(body: &[u8]) -> Option<Description> {
    let (rest, len) = body.split_last_chunk()?;
    let len = u32::from_le_bytes(*len);
    let (rest, text) = rest.split_at_checked(rest.len().checked_sub(len as usize)?)?;
    let frame = [SKIPPABLE, len.checked_add(4)?.to_le_bytes()].concat();
    let is_described = text.len() + FRAMING <= DESCRIPTION_MAX && rest.ends_with(&frame);
    let (mut description, _) =
        is_described.then(|| postcard::take_from_bytes::<Description>(text).ok())??;
    // It may come from anybody, and is shown at terminals.
    let shown = description.made_by.chars().filter(|letter| !letter.is_control());
    description.made_by = shown.take(MADE_BY_MAX).collect();
    Some(description)
}

fn sealed(body: &[u8]) -> Vec<u8> {
    let sum = Sha256::digest(body);
    [&MAGIC[..], &VERSION.to_le_bytes(), &embedded::IDENTITY[..], &sum[..], body].concat()
}

/// Reads a file, but no more of it than what can be unpacked.
pub(crate) fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, Error> {
    read_all(File::open(path)?, limits)
}

/// Reads all that a reader has, but no more of it than what can be unpacked.
pub(super) fn read_all(reader: impl Read, limits: &Limits) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    reader.take(most(limits).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns how many bytes a sandbox with these limits can have in it.
fn most(limits: &Limits) -> u64 {
    limits.memory.saturating_add(limits.disk).saturating_add(BESIDE)
}

/// Checks a file and unpacks it. A few bytes can stand for gigabytes: no more are unpacked than a sandbox
/// with these limits can have.
pub(super) fn unpack(bytes: &[u8], limits: &Limits) -> Result<Unpacked, Error> {
    let rest =
        bytes.strip_prefix(MAGIC).ok_or_else(|| Error::snapshot("this is not a snapshot of python-wasm"))?;
    let (version, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(misfit(&Misfit::Format(version)));
    }
    let (identity, rest) = rest.split_first_chunk::<SUM>().ok_or_else(damaged)?;
    if *identity != embedded::IDENTITY[..] {
        let made_by = rest.get(SUM..).and_then(described).map(|description| description.made_by);
        return Err(misfit(&Misfit::Python { identity: *identity, made_by }));
    }
    let (sum, body) = rest.split_first_chunk::<SUM>().ok_or_else(damaged)?;
    if Sha256::digest(body)[..] != sum[..] {
        return Err(damaged());
    }
    let broken = |error: std::io::Error| Error::snapshot_because(DAMAGED, error);
    let mut decoder = zstd::Decoder::with_buffer(body).map_err(broken)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(broken)?;
    let most = most(limits);
    let mut unpacked = Vec::new();
    decoder.take(most.saturating_add(1)).read_to_end(&mut unpacked).map_err(broken)?;
    if unpacked.len() as u64 > most {
        let (memory, disk) = (limits.memory >> 20, limits.disk >> 20);
        return Err(Error::snapshot(format!(
            "the snapshot has more in it than the sandbox may have: {memory} MiB of memory, {disk} MiB of disk"
        )));
    }
    Ok(Unpacked(unpacked))
}

impl Unpacked {
    /// Returns the parts and the encoded memory.
    ///
    /// One byte can stand for a descriptor of a hundred: no more are read than describe what a sandbox with
    /// these limits can have.
    pub(super) fn parts(&self, limits: &Limits) -> Result<(Parts, &[u8]), Error> {
        let things = limits.files.saturating_add(limits.open_files.into());
        let left = things.saturating_mul(DESCRIPTION).saturating_add(DESCRIPTIONS);
        let mut from =
            postcard::Deserializer::from_flavor(Structure { bytes: &self.0, left, is_over: false });
        let parts = Parts::deserialize(&mut from);
        let (rest, is_over) = from.finalize().map_err(|_| damaged())?;
        match parts {
            Ok(parts) => Ok((parts, rest)),
            Err(_) if is_over => Err(Error::snapshot(format!(
                "the snapshot has more files than the sandbox may have: {}, of which {} are open",
                limits.files, limits.open_files
            ))),
            Err(error) => Err(Error::snapshot_because(DAMAGED, error)),
        }
    }
}

/// The source of the parts. It counts the bytes that are neither of a text nor of a file.
struct Structure<'a> {
    bytes: &'a [u8],
    left: u64,
    is_over: bool,
}

impl<'a> Flavor<'a> for Structure<'a> {
    type Remainder = (&'a [u8], bool);
    type Source = &'a [u8];

    fn pop(&mut self) -> postcard::Result<u8> {
        let Some(left) = self.left.checked_sub(1) else {
            self.is_over = true;
            return Err(postcard::Error::SerdeDeCustom);
        };
        self.left = left;
        let (first, rest) = self.bytes.split_first().ok_or(postcard::Error::DeserializeUnexpectedEnd)?;
        self.bytes = rest;
        Ok(*first)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.bytes.len())
    }

    fn try_take_n(&mut self, count: usize) -> postcard::Result<&'a [u8]> {
        let (taken, rest) =
            self.bytes.split_at_checked(count).ok_or(postcard::Error::DeserializeUnexpectedEnd)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn finalize(self) -> postcard::Result<(&'a [u8], bool)> {
        Ok((self.bytes, self.is_over))
    }
}

fn misfit(misfit: &Misfit) -> Error {
    Error::snapshot(misfit.to_string())
}

pub(super) const DAMAGED: &str = "the snapshot is damaged";

pub(super) fn damaged() -> Error {
    Error::snapshot(DAMAGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<T>(read: Result<T, Error>) -> String {
        match read {
            Err(error @ Error::Snapshot { .. }) => error.to_string(),
            Err(error) => panic!("{error:?}"),
            Ok(_) => panic!("it was read"),
        }
    }

    #[test]
    fn no_more_is_unpacked_than_the_limits_allow() {
        let limits = Limits::default().memory(2 << 20).disk(1 << 20);
        let bomb = |len| sealed(&zstd::encode_all(&vec![0; len][..], LEVEL).unwrap());
        assert!(unpack(&bomb(67 << 20), &limits).is_ok());
        let larger = bomb((67 << 20) + 1);
        assert!(larger.len() < 10_000, "{}", larger.len());
        let refusal = refusal(unpack(&larger, &limits));
        assert!(refusal.ends_with("than the sandbox may have: 2 MiB of memory, 1 MiB of disk"), "{refusal}");
    }

    #[test]
    fn no_more_is_described_than_the_limits_allow() {
        // A list of arguments without text, which take many times the memory that they have here.
        let list = [&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &vec![0; 40 << 20]].concat();
        let limits = Limits::default().files(100);
        assert!(
            refusal(Unpacked(list).parts(&limits)).contains("more files than the sandbox may have: 100,")
        );
    }

    #[test]
    fn what_was_packed_is_unpacked_with_the_memory_behind_it() {
        let world = wasi_core::WasiCtx::builder().build().unwrap().save().unwrap();
        let parts = Parts { args: vec!["a".into()], mounts: vec!["/m".into()], world };
        let bytes = pack(&parts, b"memory").unwrap();
        let unpacked = unpack(&bytes, &Limits::default()).unwrap();
        let (parts, memory) = unpacked.parts(&Limits::default()).unwrap();
        assert_eq!((&*parts.args[0], &*parts.mounts[0], memory), ("a", "/m", &b"memory"[..]));
    }
}
