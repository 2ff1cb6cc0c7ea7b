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
    let mut rest = buf.0;
    while !rest.is_empty() {
        ctx.run.watch.check_stop()?;
        if rest != buf.0 && ctx.run.watch.interrupt().pending() == Some(Request::Interrupt) {
            return Err(Errno::Intr.into());
        }
        let count = mem.fill(rest.first(CHUNK), |chunk| ctx.random.fill(chunk).map(|()| chunk.len()))?;
        rest = rest.behind(count);
    }
    Ok(())
}
