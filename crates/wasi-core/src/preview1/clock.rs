//! Clocks and their resolution.

use crate::ctx::WasiCtx;
use crate::errno::Result;
use crate::memory::GuestMemory;
use crate::stop::Failure;
use crate::types::{ClockId, Timestamp};

/// Returns the smallest step of the clock `id`, in nanoseconds.
///
/// [`Errno::Inval`](crate::Errno::Inval) for an unknown clock.
/// See [POSIX `clock_getres`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/clock_getres.html).
pub(super) fn clock_res_get(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    id: ClockId,
) -> Result<Timestamp, Failure> {
    Ok(ctx.clock.resolution(id)?)
}

/// Returns the time of the clock `id`, in nanoseconds. `_precision` says how late the answer may be; it is
/// never late.
///
/// [`Errno::Inval`](crate::Errno::Inval) for an unknown clock.
/// See [POSIX `clock_gettime`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/clock_getres.html).
pub(super) fn clock_time_get(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    id: ClockId,
    _precision: Timestamp,
) -> Result<Timestamp, Failure> {
    Ok(ctx.clock.now(id)?)
}
