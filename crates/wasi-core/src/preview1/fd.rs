//! Calls on an open descriptor.

use std::io::IoSlice;

use super::door::Buffer;
use crate::ctx::{WasiCtx, Watch, charge_output};
use crate::errno::{Errno, Result};
use crate::fs::{File, Readiness};
use crate::layout::{Fdstat, Iovecs, PRESTAT_SIZE, prestat_dir};
use crate::memory::{Buffers, GuestMemory, Region};
use crate::stop::Failure;
use crate::sys::PollFlags;
use crate::table::{Descriptor, OpenFile, Table};
use crate::types::{
    Advice, ClockId, Fd, FdFlags, FileType, Filestat, FstFlags, Rights, SetTime, Timestamp, Whence,
};

/// Announces how `len` bytes of the file `fd` from `offset` on will be used.
///
/// [`Errno::Badf`] for a directory or a stream, [`Errno::Inval`] past `i64::MAX`, because POSIX's offsets
/// are signed. A range past the end of the file is fine.
/// See [POSIX `posix_fadvise`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/posix_fadvise.html).
pub(super) fn fd_advise(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    offset: u64,
    len: u64,
    advice: Advice,
) -> Result<(), Failure> {
    let open = ctx.table.file(fd, Errno::Badf)?;
    if i64::try_from(offset.max(len)).is_err() {
        return Err(Errno::Inval.into());
    }
    Ok(open.file.advise(offset, len, advice)?)
}

/// Refuses to reserve space for the file `fd`: always [`Errno::Notsup`], or [`Errno::Badf`] for a directory.
///
/// Only Linux can, and not on every file system, so wasmtime removed support, too
/// ([#6217](https://github.com/bytecodealliance/wasmtime/pull/6217)). libc then writes zeros.
/// See [POSIX `posix_fallocate`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/posix_fallocate.html).
pub(super) fn fd_allocate(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    _offset: u64,
    _len: u64,
) -> Result<(), Failure> {
    ctx.table.file(fd, Errno::Badf)?;
    Err(Errno::Notsup.into())
}

/// Frees the number `fd`, and closes its file if no other number stands for it. Preopens can be closed,
/// too.
///
/// [`Errno::Badf`] if `fd` is not open.
/// See [POSIX `close`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/close.html).
pub(super) fn fd_close(ctx: &mut WasiCtx, _mem: &mut GuestMemory<'_>, fd: Fd) -> Result<(), Failure> {
    Ok(ctx.table.close(fd)?)
}

/// Brings the data of the file `fd` to the device.
///
/// [`Errno::Badf`] for a directory, [`Errno::Inval`] for a stream.
/// See [POSIX `fdatasync`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/fdatasync.html).
pub(super) fn fd_datasync(ctx: &mut WasiCtx, _mem: &mut GuestMemory<'_>, fd: Fd) -> Result<(), Failure> {
    Ok(ctx.table.file(fd, Errno::Badf)?.file.sync(true)?)
}

/// Brings data and attributes of the file `fd` to the device.
///
/// [`Errno::Badf`] for a directory, [`Errno::Inval`] for a stream.
/// See [POSIX `fsync`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/fsync.html).
pub(super) fn fd_sync(ctx: &mut WasiCtx, _mem: &mut GuestMemory<'_>, fd: Fd) -> Result<(), Failure> {
    Ok(ctx.table.file(fd, Errno::Badf)?.file.sync(false)?)
}

/// Returns kind, flags and rights of `fd`.
///
/// [`Errno::Badf`] if `fd` is not open.
/// See [POSIX `fcntl`, `F_GETFL`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/fcntl.html).
pub(super) fn fd_fdstat_get(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
) -> Result<Fdstat, Failure> {
    let descriptor = ctx.table.get(fd)?;
    let (rights_base, rights_inheriting) = descriptor.rights();
    let (filetype, flags) = match descriptor {
        Descriptor::File(open) => (open.file.filetype(), open.file.fdflags()),
        Descriptor::Dir(_) => (FileType::Directory, FdFlags::empty()),
    };
    Ok(Fdstat { filetype, flags, rights_base, rights_inheriting })
}

/// Sets the flags of the file `fd`: `append` and `nonblock`, where the file has them.
///
/// [`Errno::Badf`] for a directory, [`Errno::Notsup`] for a flag that cannot be changed.
/// See [POSIX `fcntl`, `F_SETFL`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/fcntl.html).
pub(super) fn fd_fdstat_set_flags(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    flags: FdFlags,
) -> Result<(), Failure> {
    Ok(ctx.table.file(fd, Errno::Badf)?.file.set_fdflags(flags)?)
}

/// Refuses to drop rights of `fd`: [`Errno::Notsup`], or [`Errno::Badf`] if it is not open.
///
/// Rights are reported and never enforced, so none can be dropped (RATIONALE.md, "Why no enforced
/// rights?").
pub(super) fn fd_fdstat_set_rights(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    _base: Rights,
    _inheriting: Rights,
) -> Result<(), Failure> {
    ctx.table.get(fd)?;
    Err(Errno::Notsup.into())
}

/// Returns the attributes of the file or directory `fd`.
///
/// [`Errno::Badf`] if `fd` is not open.
/// See [POSIX `fstat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/fstat.html).
pub(super) fn fd_filestat_get(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
) -> Result<Filestat, Failure> {
    Ok(match ctx.table.get(fd)? {
        Descriptor::File(open) => open.file.filestat()?,
        Descriptor::Dir(open) => open.dir.filestat()?,
    })
}

/// Makes the file `fd` `size` bytes long: cuts it, or adds zeros.
///
/// [`Errno::Badf`] for a directory, [`Errno::Inval`] unless it is open for writing or past `i64::MAX`,
/// [`Errno::Nospc`] past the quota.
/// See [POSIX `ftruncate`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/ftruncate.html).
pub(super) fn fd_filestat_set_size(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    size: u64,
) -> Result<(), Failure> {
    let open = ctx.table.file(fd, Errno::Badf)?;
    if !open.write || i64::try_from(size).is_err() {
        return Err(Errno::Inval.into());
    }
    Ok(open.file.set_size(size)?)
}

/// Sets the access and modification time of `fd` to `atim` and `mtim` or to now, as `flags` say.
///
/// [`Errno::Inval`] for a time and "now" at once, or a stream.
/// See [POSIX `futimens`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/futimens.html).
pub(super) fn fd_filestat_set_times(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    atim: Timestamp,
    mtim: Timestamp,
    flags: FstFlags,
) -> Result<(), Failure> {
    let (atim, mtim) = times(ctx, atim, mtim, flags)?;
    match ctx.table.get_mut(fd)? {
        Descriptor::File(open) => open.file.set_times(atim, mtim)?,
        Descriptor::Dir(open) => open.dir.set_times(atim, mtim)?,
    }
    Ok(())
}

/// Returns the two times that the flags ask for. [`Errno::Inval`] for a time and "now" at once.
pub(super) fn times(
    ctx: &WasiCtx,
    atim: Timestamp,
    mtim: Timestamp,
    flags: FstFlags,
) -> Result<(SetTime, SetTime)> {
    let one = |given: FstFlags, now: FstFlags, time| match (flags.contains(given), flags.contains(now)) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(SetTime::To(time)),
        (false, true) => ctx.clock.now(ClockId::Realtime).map(SetTime::To),
        (false, false) => Ok(SetTime::Keep),
    };
    Ok((one(FstFlags::ATIM, FstFlags::ATIM_NOW, atim)?, one(FstFlags::MTIM, FstFlags::MTIM_NOW, mtim)?))
}

/// Returns that `fd` is a preopen, and how long its name is.
///
/// [`Errno::Badf`] for everything else: libc counts up from 3 until it meets that.
pub(super) fn fd_prestat_get(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
) -> Result<[u8; PRESTAT_SIZE], Failure> {
    let name = preopen_name(ctx, fd)?;
    Ok(prestat_dir(u32::try_from(name.len()).map_err(|_| Errno::Overflow)?))
}

/// Writes the name of the preopen `fd` to `path`, without a NUL.
///
/// [`Errno::Badf`] unless `fd` is a preopen, [`Errno::Nametoolong`] if the buffer is too short.
pub(super) fn fd_prestat_dir_name(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Buffer,
) -> Result<(), Failure> {
    let name = preopen_name(ctx, fd)?.as_bytes();
    if path.0.len() < name.len() {
        return Err(Errno::Nametoolong.into());
    }
    Ok(mem.put(path.0, name)?)
}

/// Returns the name of a preopen. [`Errno::Badf`] for everything else.
fn preopen_name(ctx: &WasiCtx, fd: Fd) -> Result<&str> {
    match ctx.table.get(fd)? {
        Descriptor::Dir(open) => open.preopen.as_deref().ok_or(Errno::Badf),
        Descriptor::File(_) => Err(Errno::Badf),
    }
}

/// Moves the file of `fd` to the number `to`, and closes what was open there.
///
/// [`Errno::Badf`] unless both are open.
/// See [POSIX `dup2`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/dup.html).
pub(super) fn fd_renumber(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    to: Fd,
) -> Result<(), Failure> {
    Ok(ctx.table.renumber(fd, to)?)
}

/// Moves the offset of the file `fd` by `offset` bytes from `whence`, and returns it.
///
/// [`Errno::Badf`] for a directory, [`Errno::Spipe`] for a stream, [`Errno::Inval`] for an offset below 0,
/// [`Errno::Overflow`] past `i64::MAX`.
/// See [POSIX `lseek`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/lseek.html).
pub(super) fn fd_seek(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
    fd: Fd,
    offset: i64,
    whence: Whence,
) -> Result<u64, Failure> {
    Ok(ctx.table.file(fd, Errno::Badf)?.file.seek(offset, whence)?)
}

/// Returns the offset of the file `fd`.
///
/// [`Errno::Badf`] for a directory, [`Errno::Spipe`] for a stream.
/// See [POSIX `lseek`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/lseek.html).
pub(super) fn fd_tell(ctx: &mut WasiCtx, _mem: &mut GuestMemory<'_>, fd: Fd) -> Result<u64, Failure> {
    Ok(ctx.table.file(fd, Errno::Badf)?.file.seek(0, Whence::Cur)?)
}

/// Reads from `fd` at its offset into the buffers `iovs` and moves the offset. Returns the bytes read, 0 at
/// the end.
///
/// [`Errno::Badf`] unless `fd` is a file open for reading, [`Errno::Intr`] when an interrupt ends the wait,
/// [`Errno::Again`] for a non-blocking stream without data.
/// See [POSIX `readv`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/readv.html).
pub(super) fn fd_read(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    iovs: Iovecs,
) -> Result<u32, Failure> {
    let regions = iovs.regions(mem)?;
    let open = readable(&mut ctx.table, fd)?;
    if !regions.is_empty() {
        ctx.run.watch.await_ready(&*open.file, PollFlags::IN)?;
    }
    // A second read from a stream might wait.
    let once = open.file.filetype() != FileType::RegularFile;
    let count = fill(mem, &regions, once, |buffer, _| open.file.read(buffer))?;
    ctx.run.stats.bytes_read += u64::from(count);
    Ok(count)
}

/// Reads from `fd` at `offset` into the buffers `iovs`, and leaves the descriptor's own offset. Returns the
/// bytes read.
///
/// [`Errno::Badf`] unless `fd` is a file open for reading, [`Errno::Spipe`] for a stream, [`Errno::Inval`]
/// for a range past `i64::MAX`.
/// See [POSIX `pread`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/read.html).
pub(super) fn fd_pread(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    iovs: Iovecs,
    offset: u64,
) -> Result<u32, Failure> {
    let regions = iovs.regions(mem)?;
    let open = readable(&mut ctx.table, fd)?;
    check_range(offset, regions.iter().map(|region| region.len()))?;
    if regions.is_empty() {
        // A stream has to fail even if nothing is read.
        open.file.read_at(&mut [], offset)?;
    }
    let count = fill(mem, &regions, false, |buffer, done| {
        open.file.read_at(buffer, offset.checked_add(done).ok_or(Errno::Inval)?)
    })?;
    ctx.run.stats.bytes_read += u64::from(count);
    Ok(count)
}

/// [`Errno::Inval`] for a range past `i64::MAX`, because POSIX's offsets are signed.
fn check_range(offset: u64, lengths: impl Iterator<Item = usize>) -> Result<()> {
    let len = lengths.fold(0, |sum: u64, len| sum.saturating_add(len as u64));
    i64::try_from(offset.saturating_add(len)).map(drop).map_err(|_| Errno::Inval)
}

/// Reads into the regions in order, until one is not filled. Once something was read, an error only ends it.
fn fill(
    mem: &mut GuestMemory<'_>,
    regions: &[Region],
    once: bool,
    mut read: impl FnMut(&mut [u8], u64) -> Result<usize>,
) -> Result<u32> {
    let mut total = 0;
    for &region in regions {
        match mem.fill(region, |buffer| read(buffer, total)) {
            Ok(count) => {
                total += count as u64;
                if once || count < region.len() {
                    break;
                }
            }
            Err(errno) if total == 0 => return Err(errno),
            Err(_reported_by_the_next_read) => break,
        }
    }
    u32::try_from(total).map_err(|_| Errno::Overflow)
}

/// Returns the file at `fd`, if it was opened for reading. [`Errno::Badf`] for a directory, as in wasmtime;
/// POSIX has `EISDIR`.
fn readable(table: &mut Table, fd: Fd) -> Result<&mut OpenFile> {
    let open = table.file(fd, Errno::Badf)?;
    if open.read { Ok(open) } else { Err(Errno::Badf) }
}

/// Returns the file at `fd`, if it was opened for writing.
fn writable(table: &mut Table, fd: Fd) -> Result<&mut OpenFile> {
    let open = table.file(fd, Errno::Badf)?;
    if open.write { Ok(open) } else { Err(Errno::Badf) }
}

/// Writes the buffers `iovs` to `fd` at its offset, or at the end with `append`. Returns the bytes written.
///
/// [`Errno::Badf`] unless `fd` is a file open for writing, [`Errno::Nospc`] past the quota, [`Errno::Pipe`]
/// when nobody reads, [`Errno::Intr`] when an interrupt ends the wait. Output past its limit stops the
/// guest.
/// See [POSIX `writev`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/writev.html).
#[inline]
pub(super) fn fd_write(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    iovs: Iovecs,
) -> Result<u32, Failure> {
    let mut buffers = Buffers::new();
    iovs.gather(mem, &mut buffers)?;
    let open = writable(&mut ctx.table, fd)?;
    if open.is_output() {
        charge_output(&mut ctx.output_left, buffers.iter().map(|buffer| buffer.len()).sum())?;
    }
    let count = match open.file.readiness() {
        Readiness::Always => open.file.write(&buffers)?,
        Readiness::Host(_) => write_all(&ctx.run.watch, &mut *open.file, &mut buffers)?,
    };
    ctx.run.stats.bytes_written += count as u64;
    Ok(u32::try_from(count).map_err(|_| Errno::Overflow)?)
}

/// Writes all buffers, as a blocking `writev` does, but does not wait past an interrupt or the deadline.
///
/// Once something was written, an error only ends it, and so does a stream that takes nothing.
fn write_all(watch: &Watch, file: &mut dyn File, mut rest: &mut [IoSlice<'_>]) -> Result<usize, Failure> {
    let once = file.fdflags().contains(FdFlags::NONBLOCK);
    let mut total: usize = 0;
    loop {
        match watch.await_ready(file, PollFlags::OUT).and_then(|()| Ok(file.write(rest)?)) {
            Ok(count) => {
                total += count;
                IoSlice::advance_slices(&mut rest, count);
                if rest.is_empty() || count == 0 || once {
                    break;
                }
            }
            Err(Failure::Errno(_reported_by_the_next_write)) if total > 0 => break,
            Err(failure) => return Err(failure),
        }
    }
    Ok(total)
}

/// Writes the buffers `iovs` to `fd` at `offset`, and leaves the descriptor's own offset. Returns the bytes
/// written.
///
/// [`Errno::Badf`] unless `fd` is a file open for writing, [`Errno::Spipe`] for a stream, [`Errno::Inval`]
/// for a range past `i64::MAX`, [`Errno::Nospc`] past the quota.
/// See [POSIX `pwrite`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/write.html).
pub(super) fn fd_pwrite(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    iovs: Iovecs,
    offset: u64,
) -> Result<u32, Failure> {
    let mut buffers = Buffers::new();
    iovs.gather(mem, &mut buffers)?;
    let open = writable(&mut ctx.table, fd)?;
    check_range(offset, buffers.iter().map(|buffer| buffer.len()))?;
    let count = open.file.write_at(&buffers, offset)?;
    ctx.run.stats.bytes_written += count as u64;
    Ok(u32::try_from(count).map_err(|_| Errno::Overflow)?)
}
