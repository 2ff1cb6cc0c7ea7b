//! A saved session as the bytes of a file: the same that the native program saves and resumes
//! (`crates/runner/src/python/snapshot_file.rs`), so that a session moves between a terminal and a page.
#![allow(unsafe_code, reason = "the names of exports")]

use std::io::Read;

use sha2::{Digest, Sha256};
use wasi_core::{WasiCtx, World};

use crate::buffer::take;
use crate::state::with;

/// The first bytes of a file.
const MAGIC: &[u8; 20] = b"python-wasm snapshot";

/// The version of the format.
const VERSION: u32 = 2;

/// Bytes in an identity and in a checksum.
const SUM: usize = 32;

/// Arguments, names of mounts, and the world.
type Parts<World> = (Vec<String>, Vec<String>, World);

/// Packs the context's state and a memory, as the engine encodes it. `names` are the mounts', each ended by a NUL.
/// Returns the bytes of the answer, or -1 if the state has no form in a file.
#[unsafe(no_mangle)]
extern "C" fn session_pack(
    identity: *mut u8,
    names: *mut u8,
    names_len: usize,
    memory: *mut u8,
    memory_len: usize,
) -> i32 {
    let (identity, names) = (take(identity, SUM), take(names, names_len));
    let memory = take(memory, memory_len);
    let mounts = String::from_utf8_lossy(&names).split_terminator('\0').map(str::to_owned).collect();
    with(|state| {
        let Some(packed) = state.ctx.as_ref().and_then(|ctx| pack(ctx, &identity, mounts, &memory)) else {
            return -1;
        };
        state.answer = packed;
        i32::try_from(state.answer.len()).unwrap_or(-1)
    })
}

fn pack(ctx: &WasiCtx, identity: &[u8], mounts: Vec<String>, memory: &[u8]) -> Option<Vec<u8>> {
    let parts: Parts<World> = (Vec::new(), mounts, ctx.save().ok()?);
    let mut body = postcard::to_stdvec(&parts).ok()?;
    body.extend_from_slice(memory);
    let frame = framed(&body);
    Some([&MAGIC[..], &VERSION.to_le_bytes(), identity, &Sha256::digest(&frame), &frame].concat())
}

/// Returns a frame of Zstandard with the bytes as they are: code that compresses would be a fifth of the core, on every
/// first visit. See [RFC 8878](https://www.rfc-editor.org/rfc/rfc8878#name-blocks).
fn framed(bytes: &[u8]) -> Vec<u8> {
    /// The most bytes of a block, which is also the window: a power of two, 2^(10 + 7).
    const BLOCK: usize = 128 << 10;
    // The magic number, no flags, and the window.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];
    let mut blocks = bytes.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let header = (block.len() as u32) << 3 | u32::from(blocks.peek().is_none());
        frame.extend(&header.to_le_bytes()[..3]);
        frame.extend(block);
    }
    frame
}

/// Unpacks a file of a session with this identity, of at most `most` bytes, and bounds what it may use by this context's
/// limits. Returns the bytes of the answer: the length of the saved world in four bytes, the world, and the memory; or
/// -1 with an answer that says what is wrong.
#[unsafe(no_mangle)]
extern "C" fn session_unpack(
    identity: *mut u8,
    file: *mut u8,
    len: usize,
    most: u64,
    disk: u64,
    files: u64,
) -> i32 {
    let (identity, file) = (take(identity, SUM), take(file, len));
    with(|state| {
        let Some(ctx) = &state.ctx else { return -1 };
        let unpacked = unpack(&identity, &file, most).map(|((_, _, mut world), memory)| {
            world.restrict(ctx.limits(), disk, files);
            (world, memory)
        });
        let answer = unpacked.and_then(|(world, memory)| {
            let world = world.to_bytes().map_err(|error| error.to_string())?;
            Ok([&(world.len() as u32).to_le_bytes()[..], &world, &memory].concat())
        });
        let is_whole = answer.is_ok();
        state.answer = answer.unwrap_or_else(String::into_bytes);
        if is_whole { i32::try_from(state.answer.len()).unwrap_or(-1) } else { -1 }
    })
}

fn unpack(identity: &[u8], file: &[u8], most: u64) -> Result<(Parts<World>, Vec<u8>), String> {
    let damaged = || "the saved session is damaged".to_owned();
    let rest = file.strip_prefix(MAGIC).ok_or("this is not a saved session")?;
    let (version, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(format!("the saved session has format {version}, and only {VERSION} can be read"));
    }
    let (own, rest) = rest.split_first_chunk::<SUM>().ok_or_else(damaged)?;
    if own != identity {
        return Err("the session was saved by another build of python-wasm".to_owned());
    }
    let (sum, frame) = rest.split_first_chunk::<SUM>().ok_or_else(damaged)?;
    if Sha256::digest(frame)[..] != sum[..] {
        return Err(damaged());
    }
    let decoder = ruzstd::decoding::StreamingDecoder::new(frame).map_err(|_| damaged())?;
    let mut body = Vec::new();
    decoder.take(most.saturating_add(1)).read_to_end(&mut body).map_err(|_| damaged())?;
    if body.len() as u64 > most {
        return Err(format!("the saved session has more in it than this sandbox may have: {most} bytes"));
    }
    let (parts, memory) = postcard::take_from_bytes(&body).map_err(|_| damaged())?;
    Ok((parts, memory.to_vec()))
}
