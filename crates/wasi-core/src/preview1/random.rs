//! Random bytes.

use super::door::Buffer;
use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::interrupt::Request;
use crate::memory::GuestMemory;
use crate::stop::Failure;

/// Bytes between two checks for an interrupt, because a guest may ask for gigabytes.
const CHUNK: usize = 1 << 20;

/// Fills `buf` with random bytes.
///
/// [`Errno::Intr`] when an interrupt comes before a large buffer is full, [`Errno::Io`] if the host has no
/// entropy.
/// See [`getentropy`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/getentropy.html).
pub(super) fn random_get(ctx: &mut WasiCtx, mem: &mut GuestMemory<'_>, buf: Buffer) -> Result<(), Failure> {
    for (index, chunk) in mem.bytes_mut(buf.0)?.chunks_mut(CHUNK).enumerate() {
        ctx.run.watch.check_stop()?;
        if index > 0 && ctx.run.watch.interrupt().pending() == Some(Request::Interrupt) {
            return Err(Errno::Intr.into());
        }
        ctx.random.fill(chunk)?;
    }
    Ok(())
}
