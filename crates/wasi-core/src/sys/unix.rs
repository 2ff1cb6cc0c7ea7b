//! A host with POSIX.

use std::io::{self, BufRead, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use rand::TryRng;
use rand::rngs::SysRng;
pub(crate) use rustix::event::PollFlags;
use rustix::event::{PollFd, Timespec, poll};
use rustix::time::{ClockId as HostClock, clock_getres, clock_gettime};

use crate::errno::{Errno, Result};
use crate::interrupt::Interrupt;
use crate::types::{ClockId, Timestamp};

/// A moment of the clock that deadlines go by.
pub type Instant = std::time::Instant;

/// What a wait can be for: a descriptor of the host.
pub type Source<'a> = BorrowedFd<'a>;

/// The largest window of a recording's compression that is accepted, as a power of two: a recording has 2 MiB.
const WINDOW_LOG_MAX: u32 = 23;

/// Returns the time of one of the host's clocks.
pub(crate) fn now(id: ClockId) -> Result<Timestamp> {
    nanoseconds(clock_gettime(host_clock(id)))
}

/// Returns the smallest step of one of the host's clocks.
pub(crate) fn resolution(id: ClockId) -> Result<Timestamp> {
    // Kept, because it never changes and costs a call of the host.
    static KNOWN: [OnceLock<Timestamp>; 4] = [const { OnceLock::new() }; 4];
    let known = KNOWN.get(id as usize).ok_or(Errno::Badf)?;
    if let Some(step) = known.get() {
        return Ok(*step);
    }
    let step = nanoseconds(clock_getres(host_clock(id)))?.max(1);
    Ok(*known.get_or_init(|| step))
}

fn host_clock(id: ClockId) -> HostClock {
    match id {
        ClockId::Realtime => HostClock::Realtime,
        ClockId::Monotonic => HostClock::Monotonic,
        ClockId::ProcessCputime => HostClock::ProcessCPUTime,
        ClockId::ThreadCputime => HostClock::ThreadCPUTime,
    }
}

/// Converts a time of the host. [`Errno::Overflow`] before 1970.
fn nanoseconds(time: Timespec) -> Result<Timestamp> {
    let seconds = u64::try_from(time.tv_sec).map_err(|_| Errno::Overflow)?;
    let nanos = u64::try_from(time.tv_nsec).map_err(|_| Errno::Overflow)?;
    seconds.checked_mul(1_000_000_000).and_then(|ns| ns.checked_add(nanos)).ok_or(Errno::Overflow)
}

/// Fills the buffer with the host's entropy. [`Errno::Io`] if it has none.
pub(crate) fn entropy(bytes: &mut [u8]) -> Result<()> {
    SysRng.try_fill_bytes(bytes).map_err(|_| Errno::Io)
}

/// Returns the columns and rows of a terminal. [`Errno::Notty`] if it is not one.
pub(crate) fn window_size(terminal: Source<'_>) -> Result<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(terminal)?;
    Ok((size.ws_col, size.ws_row))
}

/// Unpacks a frame of Zstandard into the room that `content` has. [`Errno::Io`] if it is damaged or larger.
pub(crate) fn unpack(packed: &[u8], content: &mut Vec<u8>) -> Result<()> {
    let mut decompressor = zstd::bulk::Decompressor::new()?;
    decompressor.decompress_to_buffer(packed, content).map(drop).map_err(|_| Errno::Io)
}

/// Packs what is written to it, as one frame of Zstandard with a checksum.
pub(crate) type Packer<W> = zstd::Encoder<'static, W>;

/// Unpacks what is read of it.
pub(crate) type Unpacker<R> = zstd::Decoder<'static, R>;

pub(crate) fn packer<W: Write>(to: W) -> io::Result<Packer<W>> {
    let mut to = zstd::Encoder::new(to, 3)?;
    to.include_checksum(true)?;
    Ok(to)
}

pub(crate) fn unpacker<R: BufRead + Read>(from: R) -> io::Result<Unpacker<R>> {
    let mut from = zstd::Decoder::with_buffer(from)?;
    from.window_log_max(WINDOW_LOG_MAX)?;
    Ok(from)
}

/// Wakes the thread that runs a guest when something is asked of it.
///
/// The holders of an [`Interrupt`] share it with that thread: a condition variable and, once the guest has waited
/// for a descriptor of the host, a socket pair that wakes this wait.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    waiting: Mutex<()>,
    changed: Condvar,
    waker: OnceLock<(UnixStream, UnixStream)>,
}

impl Bell {
    /// Makes a request and wakes the thread.
    pub(crate) fn ring(&self, request: impl FnOnce()) {
        // Under the lock, so that no request comes between a waiter's look at the flag and its wait.
        let guard = self.lock();
        request();
        drop(guard);
        self.changed.notify_all();
        if let Some((_, sender)) = self.waker.get() {
            // If the socket is full, the waiter is awake already.
            let _woken = (&mut &*sender).write(&[1]);
        }
    }

    /// Waits until one of `fds` is ready, a request is pending, or `end` has passed. Returns what each is ready for.
    pub(crate) fn wait(
        &self,
        interrupt: &Interrupt,
        fds: &[(Source<'_>, PollFlags)],
        end: Option<Instant>,
    ) -> Result<Vec<PollFlags>> {
        if fds.is_empty() {
            self.sleep(interrupt, end);
            return Ok(Vec::new());
        }
        self.wait_for_host(interrupt, fds, end)
    }

    fn sleep(&self, interrupt: &Interrupt, end: Option<Instant>) {
        let mut guard = self.lock();
        while interrupt.pending().is_none() {
            guard = match end.map(|end| end.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return,
                Some(left) => {
                    self.changed.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Polls the host until a descriptor is ready, a request is pending, or `end` has passed.
    ///
    /// A request from another thread wakes the poll through a socket, as in the
    /// [self-pipe trick](https://cr.yp.to/docs/selfpipe.html).
    fn wait_for_host(
        &self,
        interrupt: &Interrupt,
        fds: &[(Source<'_>, PollFlags)],
        end: Option<Instant>,
    ) -> Result<Vec<PollFlags>> {
        let waker = self.waker()?;
        let mut polled: Vec<PollFd<'_>> =
            fds.iter().map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
        polled.push(PollFd::from_borrowed_fd(waker, PollFlags::IN));
        loop {
            let pending = interrupt.pending().is_some();
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let timeout = match left {
                _ if pending => Some(Timespec { tv_sec: 0, tv_nsec: 0 }),
                None => None,
                // A wait that does not fit into the host's type is split up.
                Some(left) => Some(Timespec {
                    tv_sec: left.as_secs().min(1 << 30) as i64,
                    tv_nsec: left.subsec_nanos().into(),
                }),
            };
            match poll(&mut polled, timeout.as_ref()) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => self.drain_waker(),
                Err(error) => return Err(Errno::from(error)),
            }
            let ready: Vec<PollFlags> = polled.iter().take(fds.len()).map(PollFd::revents).collect();
            let over = end.is_some_and(|end| Instant::now() >= end);
            if pending || over || ready.iter().any(|flags| !flags.is_empty()) {
                return Ok(ready);
            }
        }
    }

    /// Returns a descriptor that becomes readable when a request is made, to be polled beside others.
    fn waker(&self) -> io::Result<BorrowedFd<'_>> {
        if let Some((receiver, _)) = self.waker.get() {
            return Ok(receiver.as_fd());
        }
        let pair = UnixStream::pair()?;
        pair.0.set_nonblocking(true)?;
        pair.1.set_nonblocking(true)?;
        Ok(self.waker.get_or_init(|| pair).0.as_fd())
    }

    /// Empties the waker after a wait.
    fn drain_waker(&self) {
        if let Some((receiver, _)) = self.waker.get() {
            let mut bytes = [0; 64];
            while (&mut &*receiver).read(&mut bytes).is_ok_and(|count| count == bytes.len()) {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waker_made_late_is_readable_after_a_request() {
        let bell = Bell::default();
        let waker = bell.waker().unwrap();
        bell.ring(|| {});
        let mut fds = [PollFd::new(&waker, PollFlags::IN)];
        assert_eq!(poll(&mut fds, None).unwrap(), 1);
    }
}
