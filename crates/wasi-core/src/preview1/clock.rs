//! Clocks: what time it is, and how exactly.

use crate::ctx::WasiCtx;
use crate::errno::Result;
use crate::memory::GuestMemory;
use crate::stop::Failure;
use crate::types::{ClockId, Timestamp};

pub(super) fn clock_res_get(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    id: ClockId,
) -> Result<Timestamp, Failure> {
    Ok(ctx.clock.resolution(id)?)
}

/// The precision is how late the answer may be; it is never late.
pub(super) fn clock_time_get(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    id: ClockId,
    _precision: Timestamp,
) -> Result<Timestamp, Failure> {
    Ok(ctx.clock.now(id)?)
}
