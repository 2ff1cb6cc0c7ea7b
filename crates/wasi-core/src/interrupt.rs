//! Requests to a running guest from outside: an interrupt (Ctrl-C), or the end.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

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
/// Cloning shares the request. The thread that runs the guest shares with the holders of handles one flag, a
/// condition variable and, once the guest has waited for a descriptor of the host, a socket pair that wakes
/// this wait.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    request: AtomicU8,
    waiting: Mutex<()>,
    changed: Condvar,
    waker: OnceLock<(UnixStream, UnixStream)>,
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
        // Under the lock, so that no request comes between a waiter's look at the flag and its wait.
        let guard = self.lock();
        self.0.request.fetch_max(request as u8, Ordering::AcqRel);
        drop(guard);
        self.0.changed.notify_all();
        if let Some((_, sender)) = self.0.waker.get() {
            // If the socket is full, the waiter is awake already.
            let _woken = (&mut &*sender).write(&[1]);
        }
    }

    /// Waits for a request, at most until `until`, and returns it.
    pub(crate) fn sleep(&self, until: Option<Instant>) -> Option<Request> {
        let mut guard = self.lock();
        loop {
            if let Some(request) = self.pending() {
                return Some(request);
            }
            guard = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.0.changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return None,
                Some(left) => {
                    self.0.changed.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Returns a descriptor that becomes readable when a request is made, to be polled beside others.
    pub(crate) fn waker(&self) -> io::Result<BorrowedFd<'_>> {
        if let Some((receiver, _)) = self.0.waker.get() {
            return Ok(receiver.as_fd());
        }
        let pair = UnixStream::pair()?;
        pair.0.set_nonblocking(true)?;
        pair.1.set_nonblocking(true)?;
        Ok(self.0.waker.get_or_init(|| pair).0.as_fd())
    }

    /// Empties the waker after a wait.
    pub(crate) fn drain_waker(&self) {
        if let Some((receiver, _)) = self.0.waker.get() {
            let mut bytes = [0; 64];
            while (&mut &*receiver).read(&mut bytes).is_ok_and(|count| count == bytes.len()) {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn a_sleep_without_end_is_woken_from_another_thread() {
        let interrupt = Interrupt::default();
        let handle = interrupt.clone();
        let thread = std::thread::spawn(move || handle.interrupt());
        assert_eq!(interrupt.sleep(None), Some(Request::Interrupt));
        thread.join().unwrap();
    }

    #[test]
    fn a_waker_made_late_is_readable_after_a_request() {
        let interrupt = Interrupt::default();
        let waker = interrupt.waker().unwrap();
        interrupt.interrupt();
        let mut fds = [rustix::event::PollFd::new(&waker, rustix::event::PollFlags::IN)];
        assert_eq!(rustix::event::poll(&mut fds, None).unwrap(), 1);
    }
}
