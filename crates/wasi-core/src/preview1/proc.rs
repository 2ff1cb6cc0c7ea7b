//! The process: its end, signals, and yielding.

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::memory::GuestMemory;
use crate::stop::{Failure, Stop};

/// Ends the guest with `status`. The whole status reaches the embedder; a shell sees its low eight bits.
///
/// See [POSIX `_Exit`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/_Exit.html).
pub(super) fn proc_exit(_ctx: &mut WasiCtx, status: u32) -> Failure {
    Stop::Exit(status).into()
}

/// Would raise a signal; always [`Errno::Notsup`]. libc emulates signals without the host.
/// See [POSIX `raise`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/raise.html).
pub(super) fn proc_raise(
    _ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    _signal: u32,
) -> Result<(), Failure> {
    Err(Errno::Notsup.into())
}

/// Lets other threads of the host run first.
/// See [POSIX `sched_yield`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/sched_yield.html).
pub(super) fn sched_yield(_ctx: &mut WasiCtx, _mem: &mut GuestMemory<'_>) -> Result<(), Failure> {
    std::thread::yield_now();
    Ok(())
}
