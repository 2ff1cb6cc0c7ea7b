//! Arguments and environment: lists of NUL-terminated strings.

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::memory::{GuestMemory, Pointer};
use crate::stop::Failure;

/// Writes the arguments, each with a NUL, one after the other to `argv_buf`, and their addresses to `argv`.
///
/// [`Errno::Fault`] if either does not fit into memory; [`args_sizes_get`] says how much they take.
/// See [POSIX `exec`, `argv`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/exec.html).
pub(super) fn args_get(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    argv: Pointer,
    argv_buf: Pointer,
) -> Result<(), Failure> {
    Ok(write_strings(mem, &ctx.args, argv, argv_buf)?)
}

/// Returns the number of arguments and the bytes that [`args_get`] writes, NULs included.
pub(super) fn args_sizes_get(ctx: &mut WasiCtx, _mem: &mut GuestMemory<'_>) -> Result<(u32, u32), Failure> {
    Ok(sizes(&ctx.args)?)
}

/// Writes the environment as `KEY=value` with a NUL each to `environ_buf`, and the addresses to `environ`.
///
/// [`Errno::Fault`] if either does not fit into memory; [`environ_sizes_get`] says how much they take.
/// See [POSIX `environ`](https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html).
pub(super) fn environ_get(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    environ: Pointer,
    environ_buf: Pointer,
) -> Result<(), Failure> {
    Ok(write_strings(mem, &ctx.env, environ, environ_buf)?)
}

/// Returns the number of variables and the bytes that [`environ_get`] writes, NULs included.
pub(super) fn environ_sizes_get(
    ctx: &mut WasiCtx,
    _mem: &mut GuestMemory<'_>,
) -> Result<(u32, u32), Failure> {
    Ok(sizes(&ctx.env)?)
}

/// Returns the number of strings, and of their bytes with a NUL each.
fn sizes(strings: &[Vec<u8>]) -> Result<(u32, u32)> {
    let bytes: usize = strings.iter().map(|string| string.len() + 1).sum();
    let fits = |number: usize| u32::try_from(number).map_err(|_| Errno::Overflow);
    Ok((fits(strings.len())?, fits(bytes)?))
}

/// Writes the strings to `buffer`, and their addresses to `table`.
fn write_strings(
    mem: &mut GuestMemory<'_>,
    strings: &[Vec<u8>],
    table: Pointer,
    buffer: Pointer,
) -> Result<()> {
    let (count, bytes) = sizes(strings)?;
    mem.region(table, count.checked_mul(4).ok_or(Errno::Fault)?)?;
    mem.region(buffer, bytes)?;
    let (mut entry, mut place) = (table, buffer);
    for string in strings {
        mem.write_u32(entry, place)?;
        mem.write(place, string)?;
        mem.write(place + string.len() as u32, &[0])?;
        entry += 4;
        place += string.len() as u32 + 1;
    }
    Ok(())
}
