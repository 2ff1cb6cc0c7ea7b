//! Calls on sockets. Preview1 can accept, receive and send, but not open a socket, so the embedder grants
//! open ones.

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fs::{File, Socket};
use crate::layout::Iovecs;
use crate::memory::{Buffers, GuestMemory};
use crate::stop::Failure;
use crate::sys::PollFlags;
use crate::table::{Descriptor, OpenFile, Origin, Table};
use crate::types::{Fd, FdFlags, RiFlags, SdFlags};

/// Takes the next connection of the listener `fd`, with `flags` as its own, and returns its number.
///
/// [`Errno::Notsock`] if `fd` is not a socket, [`Errno::Inval`] for a connection or any flag but
/// `nonblock`, [`Errno::Mfile`] if no number is free.
/// See [POSIX `accept`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/accept.html).
pub(super) fn sock_accept(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    flags: FdFlags,
) -> Result<Fd, Failure> {
    let has_room = ctx.table.has_room();
    let file = socket_file(&mut ctx.table, fd)?;
    if !FdFlags::NONBLOCK.contains(flags) {
        return Err(Errno::Inval.into());
    }
    if !has_room {
        return Err(Errno::Mfile.into());
    }
    ctx.run.watch.await_ready(file, PollFlags::IN)?;
    let file = socket(file)?.accept(flags)?;
    Ok(ctx.table.insert(Descriptor::File(OpenFile {
        file,
        read: true,
        write: true,
        origin: Origin::Opened,
    }))?)
}

/// Receives from the socket `fd` into the buffers `iovs`; `flags` can peek, or wait for full buffers.
/// Returns the bytes received, 0 at the end, and flags, of which the only one ("data was cut off") is never
/// set for a stream.
///
/// [`Errno::Notsock`] if `fd` is not a socket, [`Errno::Notconn`] for a listener.
/// See [POSIX `recvmsg`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/recvmsg.html).
pub(super) fn sock_recv(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    iovs: Iovecs,
    flags: RiFlags,
) -> Result<(u32, u16), Failure> {
    let regions = iovs.regions(mem)?;
    let file = socket_file(&mut ctx.table, fd)?;
    let mut total = 0;
    for region in regions {
        let ready = ctx.run.watch.await_ready(file, PollFlags::IN);
        let outcome = ready.and_then(|()| mem.fill(region, |buffer| Ok(socket(file)?.recv(buffer, flags)?)));
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
    ctx.run.stats.bytes_read += total as u64;
    Ok((u32::try_from(total).map_err(|_| Errno::Overflow)?, 0))
}

/// Sends the buffers `iovs` over the socket `fd`. Returns the bytes sent, perhaps fewer.
///
/// [`Errno::Notsock`] if `fd` is not a socket, [`Errno::Inval`] for any `flags`, [`Errno::Pipe`] when the
/// other end is closed.
/// See [POSIX `sendmsg`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/sendmsg.html).
pub(super) fn sock_send(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    iovs: Iovecs,
    flags: u16,
) -> Result<u32, Failure> {
    let mut buffers = Buffers::new();
    iovs.gather(mem, &mut buffers)?;
    let file = socket_file(&mut ctx.table, fd)?;
    if flags != 0 {
        return Err(Errno::Inval.into());
    }
    ctx.run.watch.await_ready(file, PollFlags::OUT)?;
    let count = socket(file)?.send(&buffers)?;
    ctx.run.stats.bytes_written += count as u64;
    Ok(u32::try_from(count).map_err(|_| Errno::Overflow)?)
}

/// Closes one or both directions of the socket `fd`.
///
/// [`Errno::Notsock`] if `fd` is not a socket, [`Errno::Inval`] for no direction.
/// See [POSIX `shutdown`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/shutdown.html).
pub(super) fn sock_shutdown(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    how: SdFlags,
) -> Result<(), Failure> {
    let file = socket_file(&mut ctx.table, fd)?;
    if how.is_empty() {
        return Err(Errno::Inval.into());
    }
    Ok(socket(file)?.shutdown(how)?)
}

/// Returns the file at `fd`. [`Errno::Notsock`] if it is not a socket.
fn socket_file(table: &mut Table, fd: Fd) -> Result<&mut dyn File> {
    let file = &mut *table.file(fd, Errno::Notsock)?.file;
    socket(file)?;
    Ok(file)
}

fn socket(file: &mut dyn File) -> Result<&mut dyn Socket> {
    file.socket().ok_or(Errno::Notsock)
}
