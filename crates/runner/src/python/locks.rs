//! Locks that Python asks the host for.

use python_wasm_contract::host_call::{LOCK_NONE, LOCK_READ, LOCK_WRITE};
use wasi_core::fs::{Lock, LockKind};
use wasi_core::types::Fd;
use wasi_core::{Errno, WasiCtx};

/// Sets or releases a lock: 0 or the negated errno; `None` for a question that makes no sense.
pub(super) fn set(wasi: &mut WasiCtx, input: &[u8]) -> Option<i32> {
    let (fd, lock) = read(input)?;
    Some(lock.and_then(|lock| wasi.set_lock(fd, lock)).map_or_else(negated, |()| 0))
}

/// Sets or releases a lock on a whole file: 0 or the negated errno; `None` for a question that makes no sense.
pub(super) fn whole(wasi: &mut WasiCtx, input: &[u8]) -> Option<i32> {
    let (fd, rest) = input.split_first_chunk()?;
    let kind = kind(rest.try_into().ok()?);
    let fd = Fd(u32::from_le_bytes(*fd));
    Some(kind.and_then(|kind| wasi.flock(fd, kind)).map_or_else(negated, |()| 0))
}

/// Looks for a lock of somebody else: its kind, or the negated errno; `None` for a question that makes no sense.
pub(super) fn find(wasi: &WasiCtx, input: &[u8]) -> Option<i32> {
    let (fd, lock) = read(input)?;
    let found = lock.and_then(|lock| wasi.find_lock(fd, lock));
    Some(found.map_or_else(negated, |found| match found.map(|lock| lock.kind) {
        Some(LockKind::Read) => LOCK_READ,
        Some(LockKind::Write) => LOCK_WRITE,
        Some(LockKind::Unlock) | None => LOCK_NONE,
    }))
}

/// Returns the descriptor, and the lock or what is wrong with it; `None` for a request of another length.
fn read(input: &[u8]) -> Option<(Fd, Result<Lock, Errno>)> {
    let (fd, rest) = input.split_first_chunk()?;
    let (kind, rest) = rest.split_first_chunk()?;
    let (start, rest) = rest.split_first_chunk()?;
    let length = rest.try_into().ok()?;
    let kind = self::kind(*kind);
    // A negative number is larger than the largest offset.
    let (start, len) = (u64::from_le_bytes(*start), u64::from_le_bytes(length));
    Some((Fd(u32::from_le_bytes(*fd)), kind.map(|kind| Lock { kind, start, len })))
}

fn kind(number: [u8; 4]) -> Result<LockKind, Errno> {
    match i32::from_le_bytes(number) {
        LOCK_READ => Ok(LockKind::Read),
        LOCK_WRITE => Ok(LockKind::Write),
        LOCK_NONE => Ok(LockKind::Unlock),
        _ => Err(Errno::Inval),
    }
}

fn negated(errno: Errno) -> i32 {
    -i32::from(errno.raw())
}
