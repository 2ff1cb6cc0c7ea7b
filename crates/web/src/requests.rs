//! Python's questions about descriptors and files that WASI does not answer: requests of `host_call`.
#![allow(unsafe_code, reason = "the names of exports")]

use python_wasm_contract::host_call::{
    ACCESS, DUP, FIND_LOCK, FLOCK, LOCK_NONE, LOCK_READ, LOCK_WRITE, MODE, SET_LOCK, SET_MODE, TERMINAL_SIZE,
    UNAVAILABLE,
};
use wasi_core::fs::{Lock, LockKind};
use wasi_core::types::{Access, Fd};
use wasi_core::{Errno, Result, WasiCtx};

use crate::buffer::take;
use crate::state;

/// Answers a request: one number, or the negated errno. [`NONSENSE`] for a question that makes no sense, or that is
/// JavaScript's to answer.
#[unsafe(no_mangle)]
extern "C" fn request(request: i32, address: *mut u8, len: usize) -> i32 {
    let input = take(address, len);
    state::with(|state| state.ctx.as_mut().and_then(|ctx| answer(ctx, request, &input)).unwrap_or(NONSENSE))
}

/// No errno and no answer.
const NONSENSE: i32 = i32::MIN;
const _: () = assert!(NONSENSE < UNAVAILABLE, "it is none of the refusals");

fn answer(ctx: &mut WasiCtx, request: i32, input: &[u8]) -> Option<i32> {
    let (fd, rest) = descriptor(input)?;
    let answer = match (request, rest) {
        (DUP, []) => ctx.duplicate(fd).map(|fd| fd.0 as i32),
        (DUP, rest) => {
            let (to, []) = descriptor(rest)? else { return None };
            ctx.duplicate_to(fd, to).map(|()| to.0 as i32)
        }
        (MODE, []) => ctx.mode_of(fd).map(|mode| mode.bits() as i32),
        (MODE, [follow, path @ ..]) => ctx.mode_at(fd, path, *follow != 0).map(|mode| mode.bits() as i32),
        (ACCESS, [follow, access, path @ ..]) => {
            ctx.access_at(fd, path, *follow != 0, Access::from_bits(*access)?).map(|()| 0)
        }
        (SET_MODE, rest) => {
            let (permissions, path) = rest.split_first_chunk()?;
            ctx.set_mode_at(fd, path, u32::from_le_bytes(*permissions)).map(|()| 0)
        }
        (SET_LOCK, rest) => lock(rest)?.and_then(|lock| ctx.set_lock(fd, lock)).map(|()| 0),
        (FIND_LOCK, rest) => lock(rest)?.and_then(|lock| ctx.find_lock(fd, lock)).map(kind_of),
        (FLOCK, kind) => self::kind(kind.try_into().ok()?).and_then(|kind| ctx.flock(fd, kind)).map(|()| 0),
        (TERMINAL_SIZE, []) => ctx.terminal_size(fd).map(|(columns, rows)| {
            let [columns, rows] = [columns, rows].map(|count| i32::from(count.min(i16::MAX as u16)));
            rows << 16 | columns
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|errno| -i32::from(errno.raw())))
}

fn descriptor(input: &[u8]) -> Option<(Fd, &[u8])> {
    let (number, rest) = input.split_first_chunk()?;
    Some((Fd(u32::from_le_bytes(*number)), rest))
}

fn kind_of(found: Option<Lock>) -> i32 {
    match found.map(|lock| lock.kind) {
        Some(LockKind::Read) => LOCK_READ,
        Some(LockKind::Write) => LOCK_WRITE,
        Some(LockKind::Unlock) | None => LOCK_NONE,
    }
}

/// Reads a lock, or what is wrong with it; `None` for another length.
fn lock(input: &[u8]) -> Option<Result<Lock>> {
    let (kind, rest) = input.split_first_chunk()?;
    let (start, rest) = rest.split_first_chunk()?;
    let len = u64::from_le_bytes(rest.try_into().ok()?);
    let start = u64::from_le_bytes(*start);
    Some(self::kind(*kind).map(|kind| Lock { kind, start, len }))
}

fn kind(number: [u8; 4]) -> Result<LockKind> {
    match i32::from_le_bytes(number) {
        LOCK_READ => Ok(LockKind::Read),
        LOCK_WRITE => Ok(LockKind::Write),
        LOCK_NONE => Ok(LockKind::Unlock),
        _ => Err(Errno::Inval),
    }
}
