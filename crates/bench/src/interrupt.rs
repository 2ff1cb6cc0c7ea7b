//! Ctrl-C as a flag: the measurement stops and reports what it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user wants the measurement to stop. Clones share one flag: the thread that handles signals
/// sets it, the thread that measures reads it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Returns a flag that Ctrl-C, SIGTERM and SIGHUP set from now on, even if the process was started with
    /// them ignored, as a shell script's background jobs are.
    pub(crate) fn on_signals() -> Result<Self, ctrlc::Error> {
        let interrupt = Self::default();
        let flag = interrupt.clone();
        ctrlc::set_handler(move || flag.set())?;
        Ok(interrupt)
    }

    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
