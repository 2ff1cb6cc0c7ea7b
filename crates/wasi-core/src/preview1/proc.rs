//! The process: its end, signals that there are none of, and giving way.

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::memory::GuestMemory;
use crate::stop::{Failure, Stop};

/// The whole status crosses; a shell sees its low eight bits.
pub(super) fn proc_exit(_ctx: &mut WasiCtx, status: u32) -> Failure {
    Stop::Exit(status).into()
}

/// There are no signals to raise: libc's emulation does without the host.
pub(super) fn proc_raise(
    _ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    _signal: u32,
) -> Result<(), Failure> {
    Err(Errno::Notsup.into())
}

pub(super) fn sched_yield(_ctx: &mut WasiCtx, _mem: &mut GuestMemory<'_>) -> Result<(), Failure> {
    std::thread::yield_now();
    Ok(())
}
