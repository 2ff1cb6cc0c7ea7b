//! Requests to a running guest from outside: an interrupt (Ctrl-C), or the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::errno::Result;
use crate::sys::{Bell, Instant, PollFlags, Source};

/// What another thread asks of a running guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Request {
    /// Interrupts it as SIGINT does: a waiting call returns `intr`.
    Interrupt = 1,
    /// Ends it: a waiting call, and every later one, stops the guest.
    Terminate = 2,
}

/// A handle that interrupts or ends one guest, from any thread and at any time.
///
/// Cloning shares the request: the thread that runs the guest shares with the holders of handles one flag, and what
/// wakes its waits.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    request: AtomicU8,
    bell: Bell,
}

impl Interrupt {
    /// Requests an interrupt, unless [`Request::Terminate`] is pending.
    pub fn interrupt(&self) {
        self.request(Request::Interrupt);
    }

    /// Requests the end.
    pub fn terminate(&self) {
        self.request(Request::Terminate);
    }

    /// Returns the request that was made and not taken yet. Costs one atomic load.
    pub fn pending(&self) -> Option<Request> {
        match self.0.request.load(Ordering::Acquire) {
            0 => None,
            1 => Some(Request::Interrupt),
            _ => Some(Request::Terminate),
        }
    }

    /// Takes a pending interrupt, so that it is delivered once, and returns whether there was one.
    /// [`Request::Terminate`] stays pending.
    pub fn take_interrupt(&self) -> bool {
        self.0.request.compare_exchange(1, 0, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Drops every request, before the next run.
    pub fn clear(&self) {
        self.0.request.store(0, Ordering::Release);
    }

    fn request(&self, request: Request) {
        self.0.bell.ring(|| {
            self.0.request.fetch_max(request as u8, Ordering::AcqRel);
        });
    }

    /// Waits until one of `fds` is ready, a request is pending, or `end` has passed. Returns what each is ready for.
    pub(crate) fn wait(
        &self,
        fds: &[(Source<'_>, PollFlags)],
        end: Option<Instant>,
    ) -> Result<Vec<PollFlags>> {
        self.0.bell.wait(self, fds, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupt_is_delivered_once_and_the_end_stays() {
        let interrupt = Interrupt::default();
        interrupt.interrupt();
        assert!(interrupt.take_interrupt());
        assert!(!interrupt.take_interrupt());
        interrupt.terminate();
        interrupt.interrupt();
        assert!(!interrupt.take_interrupt());
        assert_eq!(interrupt.pending(), Some(Request::Terminate));
    }

    #[cfg(feature = "host")]
    #[test]
    fn a_sleep_without_end_is_woken_from_another_thread() {
        let interrupt = Interrupt::default();
        let handle = interrupt.clone();
        let thread = std::thread::spawn(move || handle.interrupt());
        assert_eq!(interrupt.wait(&[], None), Ok(Vec::new()));
        assert_eq!(interrupt.pending(), Some(Request::Interrupt));
        thread.join().unwrap();
    }
}
