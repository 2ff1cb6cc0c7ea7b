//! `python_wasm_pool`: sandboxes made in advance.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use python_wasm::Pool;

use crate::error::CallError;
use crate::failure::{Failure, Status};
use crate::handle::{find, handled, issue, withdraw};
use crate::interpreter::{Held, Interpreter, admit};
use crate::memory::{clear, guarded, needed};
use crate::snapshots::State;

/// `python_wasm_pool`. Threads share it: those that take a sandbox out read it, the one that frees it writes.
#[derive(Debug)]
pub struct Sandboxes(RwLock<Option<Pool>>);

handled!(Sandboxes, "the pool");

/// Makes a pool of interpreters that go on from a snapshot.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_pool_new(
    snapshot: *const State,
    size: usize,
    pool: *mut *mut Sandboxes,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(pool);
        guarded(error, || {
            let place = needed(pool, "the pool")?;
            let made = Pool::new(find(snapshot)?.0.clone(), size)?;
            *place = issue(Arc::new(Sandboxes(RwLock::new(Some(made)))));
            Ok(())
        })
    }
}

/// Takes an interpreter out, if one is ready within this time.
///
/// # Safety
/// As [`python_wasm_pool_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_pool_checkout(
    pool: *const Sandboxes,
    wait_ms: u64,
    python: *mut *mut Interpreter,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(python);
        guarded(error, || {
            let place = needed(python, "the interpreter")?;
            let sandboxes = find(pool)?;
            let pool = sandboxes.0.read().unwrap_or_else(PoisonError::into_inner);
            let pool = pool.as_ref().ok_or_else(|| Failure::argument("the pool was freed"))?;
            let taken = pool.checkout_within(Duration::from_millis(wait_ms))?;
            let python = taken.ok_or_else(|| {
                Failure::new(Status::Empty, format!("no sandbox of the pool was ready within {wait_ms} ms"))
            })?;
            *place = admit(Held::Pooled(Box::new(python)), None);
            Ok(())
        })
    }
}

/// Frees a pool. Waits for those that wait for an interpreter.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_pool_free(pool: *mut Sandboxes) -> Status {
    if pool.is_null() {
        return Status::Ok;
    }
    // SAFETY: there is no place for an error.
    unsafe {
        guarded(std::ptr::null_mut(), || {
            let sandboxes = withdraw(pool.cast_const())?;
            let pool = sandboxes.0.write().unwrap_or_else(PoisonError::into_inner).take();
            drop(pool);
            Ok(())
        })
    }
}
