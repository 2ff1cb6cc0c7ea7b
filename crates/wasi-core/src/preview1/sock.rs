//! Sockets that were granted open: preview1 can accept, send and receive, and open none itself.

use rustix::event::PollFlags;

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fs::Socket;
use crate::layout::Iovecs;
use crate::memory::{Buffers, GuestMemory};
use crate::stop::Failure;
use crate::table::{Descriptor, OpenFile, Origin};
use crate::types::{Fd, FdFlags, RiFlags, SdFlags};

pub(super) fn sock_accept(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    flags: FdFlags,
) -> Result<Fd, Failure> {
    socket(ctx, fd)?;
    if !FdFlags::NONBLOCK.contains(flags) {
        return Err(Errno::Inval.into());
    }
    if !ctx.table.has_room() {
        return Err(Errno::Mfile.into());
    }
    ctx.await_ready(fd, PollFlags::IN)?;
    let file = socket(ctx, fd)?.accept(flags)?;
    Ok(ctx.table.insert(Descriptor::File(OpenFile {
        file,
        read: true,
        write: true,
        origin: Origin::Opened,
    }))?)
}

/// Returns the bytes received and the flags, of which there is only "data was cut off", never set on a stream.
pub(super) fn sock_recv(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    iovs: Iovecs,
    flags: RiFlags,
) -> Result<(u32, u16), Failure> {
    let regions = iovs.regions(mem)?;
    socket(ctx, fd)?;
    let mut total = 0;
    for region in regions {
        let outcome = ctx
            .await_ready(fd, PollFlags::IN)
            .and_then(|()| Ok(socket(ctx, fd)?.recv(mem.bytes_mut(region)?, flags)?));
        match outcome {
            Ok(count) => {
                total += count;
                if count < region.len() || !flags.contains(RiFlags::RECV_WAITALL) {
                    break;
                }
            }
            Err(Failure::Errno(_reported_by_the_next_call)) if total > 0 => break,
            Err(failure) => return Err(failure),
        }
    }
    ctx.stats.bytes_read += total as u64;
    Ok((u32::try_from(total).map_err(|_| Errno::Overflow)?, 0))
}

pub(super) fn sock_send(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    iovs: Iovecs,
    flags: u16,
) -> Result<u32, Failure> {
    let mut buffers = Buffers::new();
    iovs.gather(mem, &mut buffers)?;
    socket(ctx, fd)?;
    if flags != 0 {
        return Err(Errno::Inval.into());
    }
    ctx.await_ready(fd, PollFlags::OUT)?;
    let count = socket(ctx, fd)?.send(&buffers)?;
    ctx.stats.bytes_written += count as u64;
    Ok(u32::try_from(count).map_err(|_| Errno::Overflow)?)
}

pub(super) fn sock_shutdown(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    how: SdFlags,
) -> Result<(), Failure> {
    let socket = socket(ctx, fd)?;
    if how.is_empty() {
        return Err(Errno::Inval.into());
    }
    Ok(socket.shutdown(how)?)
}

/// [`Errno::Notsock`] for what is none.
fn socket(ctx: &mut WasiCtx, fd: Fd) -> Result<&mut dyn Socket> {
    ctx.table.file(fd, Errno::Notsock)?.file.socket().ok_or(Errno::Notsock)
}
