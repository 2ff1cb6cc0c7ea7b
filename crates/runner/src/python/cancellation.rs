//! The end of a call that nobody waits for any more, from another thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wasi_core::{Interrupt, TimeLimit, WasiCtx};

use crate::error::Error;

/// The time that a program has to end by itself after its call was cancelled. It is interrupted at the beginning, in
/// the middle and after three quarters, and stopped at the end.
const GRACE: Duration = Duration::from_secs(1);

/// The time that a start may still take after its call was cancelled. It cannot be interrupted and go on later.
const START: Duration = Duration::from_secs(2);

/// Whether a call was cancelled. The thread that runs Python shares it with the future of the call.
#[derive(Clone, Default)]
pub(crate) struct Cancellation(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_cancelled: bool,
    run: Option<Run>,
}

/// What runs.
struct Run {
    interrupt: Interrupt,
    limit: TimeLimit,
    is_start: bool,
}

impl Cancellation {
    /// Notes that a request to the guest of this context begins. [`Error::Interrupted`] if it must not.
    pub(super) fn begin(&self, wasi: &WasiCtx) -> Result<(), Error> {
        self.note(wasi, false)
    }

    /// Notes that Python starts. [`Error::Interrupted`] if it must not.
    pub(super) fn begin_start(&self, wasi: &WasiCtx) -> Result<(), Error> {
        self.note(wasi, true)
    }

    fn note(&self, wasi: &WasiCtx, is_start: bool) -> Result<(), Error> {
        let mut state = self.lock();
        if state.is_cancelled {
            return Err(Error::Interrupted);
        }
        let (interrupt, limit) = (wasi.interrupt().clone(), wasi.time_limit().clone());
        state.run = Some(Run { interrupt, limit, is_start });
        Ok(())
    }

    /// Notes that nothing runs.
    pub(super) fn end(&self) {
        self.lock().run = None;
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.lock().is_cancelled
    }

    /// Interrupts what runs, stops it if it does not end, and lets nothing more begin.
    pub(super) fn cancel(&self) {
        let mut state = self.lock();
        state.is_cancelled = true;
        if let Some(run) = &state.run {
            run.stop();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    fn stop(&self) {
        let (first, grace) = if self.is_start { (START, GRACE) } else { (GRACE / 2, GRACE / 2) };
        // First the limit, because the interrupt wakes a guest that then looks at it.
        self.limit.warn_at(Instant::now() + first, Some(grace));
        if !self.is_start {
            self.interrupt.interrupt();
        }
    }
}
