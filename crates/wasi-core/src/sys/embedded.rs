//! A system that the embedder describes, such as a WebAssembly engine without files, threads and sockets.

use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::Duration;

use crate::errno::{Errno, Result};
use crate::interrupt::Interrupt;
use crate::types::{ClockId, Timestamp};

/// What the embedder's system can do. [`install`] names it, once.
pub trait System: Send + Sync {
    /// Returns the time of a clock in nanoseconds.
    fn now(&self, id: ClockId) -> Timestamp;

    /// Returns the smallest step of a clock in nanoseconds, at least 1.
    fn resolution(&self, id: ClockId) -> Timestamp;

    /// Fills the buffer with entropy that is fit for keys. [`Errno::Io`] if there is none.
    fn entropy(&self, bytes: &mut [u8]) -> Result<()>;

    /// Waits until one of `sources` is ready, something is asked of the guest through `interrupt`, or `end`, a time
    /// of [`ClockId::Monotonic`], has passed. Returns what each source is ready for; nothing at all means that the
    /// wait has ended for another reason. The system itself makes the requests that came meanwhile.
    fn wait(
        &self,
        interrupt: &Interrupt,
        sources: &[(u32, PollFlags)],
        end: Option<Timestamp>,
    ) -> Vec<PollFlags>;

    /// Returns the columns and rows of a terminal. [`Errno::Notty`] if it is not one.
    fn window_size(&self, source: u32) -> Result<(u16, u16)>;
}

static SYSTEM: OnceLock<Box<dyn System>> = OnceLock::new();

/// Names the system for all contexts. The first one stays.
pub fn install(system: impl System + 'static) {
    SYSTEM.get_or_init(|| Box::new(system));
}

/// [`Errno::Nosys`] before [`install`].
fn system() -> Result<&'static dyn System> {
    SYSTEM.get().map(|system| &**system).ok_or(Errno::Nosys)
}

bitflags::bitflags! {
    /// What a source is or can be ready for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PollFlags: u8 {
        /// Data can be read, or the end.
        const IN = 1;
        /// Data can be written.
        const OUT = 2;
        /// The other end is closed.
        const HUP = 4;
    }
}

/// What a wait can be for: a number that the embedder's [`System`] knows.
#[derive(Clone, Copy)]
pub struct Source<'a>(u32, PhantomData<&'a ()>);

impl Source<'_> {
    /// Returns the source of this number.
    pub fn new(number: u32) -> Self {
        Self(number, PhantomData)
    }
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A moment of the clock that deadlines go by, [`ClockId::Monotonic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(Timestamp);

impl Instant {
    /// Returns the moment now.
    pub fn now() -> Self {
        Self(now(ClockId::Monotonic).unwrap_or(0))
    }

    /// Returns the moment after a time. `None` if it leaves the clock's range.
    pub fn checked_add(self, time: Duration) -> Option<Self> {
        self.0.checked_add(Timestamp::try_from(time.as_nanos()).ok()?).map(Self)
    }

    /// Returns the time that has passed since then.
    pub fn elapsed(self) -> Duration {
        Duration::from_nanos(Self::now().0.saturating_sub(self.0))
    }
}

pub(crate) fn now(id: ClockId) -> Result<Timestamp> {
    Ok(system()?.now(id))
}

pub(crate) fn resolution(id: ClockId) -> Result<Timestamp> {
    Ok(system()?.resolution(id))
}

pub(crate) fn entropy(bytes: &mut [u8]) -> Result<()> {
    system()?.entropy(bytes)
}

pub(crate) fn window_size(terminal: Source<'_>) -> Result<(u16, u16)> {
    system()?.window_size(terminal.0)
}

/// Unpacks a frame of Zstandard into the room that `content` has. [`Errno::Io`] if it is damaged or larger.
pub(crate) fn unpack(packed: &[u8], content: &mut Vec<u8>) -> Result<()> {
    let mut decoder = ruzstd::decoding::FrameDecoder::new();
    decoder.decode_all_to_vec(packed, content).map_err(|_| Errno::Io)
}

/// Packs nothing: there are no recordings without a host.
pub(crate) struct Packer<W>(W);

/// Unpacks nothing.
pub(crate) type Unpacker<R> = R;

pub(crate) fn packer<W: Write>(_to: W) -> io::Result<Packer<W>> {
    Err(no_recording())
}

pub(crate) fn unpacker<R>(_from: R) -> io::Result<Unpacker<R>> {
    Err(no_recording())
}

fn no_recording() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "a recording needs wasi-core's feature `host`")
}

impl<W: Write> Packer<W> {
    pub(crate) fn get_ref(&self) -> &W {
        &self.0
    }

    #[expect(clippy::unnecessary_wraps, reason = "that of a host writes its end")]
    pub(crate) fn finish(self) -> io::Result<W> {
        Ok(self.0)
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Makes requests known to the guest's thread, which is the only one: the system asks for them when it waits.
#[derive(Debug, Default)]
pub(crate) struct Bell;

impl Bell {
    #[expect(clippy::unused_self, reason = "the bell of a host has a state")]
    pub(crate) fn ring(&self, request: impl FnOnce()) {
        request();
    }

    #[expect(clippy::unused_self, reason = "the bell of a host has a state")]
    pub(crate) fn wait(
        &self,
        interrupt: &Interrupt,
        fds: &[(Source<'_>, PollFlags)],
        end: Option<Instant>,
    ) -> Result<Vec<PollFlags>> {
        let none = || vec![PollFlags::empty(); fds.len()];
        let passed = |end: Instant| Instant::now() >= end;
        let sources: Vec<(u32, PollFlags)> = fds.iter().map(|(source, flags)| (source.0, *flags)).collect();
        loop {
            // A request ends a wait, but not before what is ready at once was looked at.
            let pending = interrupt.pending().is_some();
            let until = if pending { Some(0) } else { end.map(|end| end.0) };
            let ready = system()?.wait(interrupt, &sources, until);
            let is_ready = ready.iter().any(|flags| !flags.is_empty());
            if is_ready || pending || interrupt.pending().is_some() || end.is_some_and(passed) {
                return Ok(if ready.len() == fds.len() { ready } else { none() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::Request;

    /// A system in which time passes only in waits, and which interrupts the third of them.
    #[derive(Default)]
    struct Simulated {
        now: Mutex<Timestamp>,
        waits: Mutex<u32>,
    }

    impl System for Simulated {
        fn now(&self, _id: ClockId) -> Timestamp {
            *self.now.lock().unwrap()
        }

        fn resolution(&self, _id: ClockId) -> Timestamp {
            1
        }

        fn entropy(&self, bytes: &mut [u8]) -> Result<()> {
            bytes.fill(7);
            Ok(())
        }

        fn wait(
            &self,
            interrupt: &Interrupt,
            sources: &[(u32, PollFlags)],
            end: Option<Timestamp>,
        ) -> Vec<PollFlags> {
            let mut waits = self.waits.lock().unwrap();
            *waits += 1;
            if *waits == 3 {
                interrupt.interrupt();
            } else if let Some(end) = end {
                let mut now = self.now.lock().unwrap();
                *now = end.max(*now);
            }
            sources
                .iter()
                .map(|(source, flags)| if *source == 5 { *flags } else { PollFlags::empty() })
                .collect()
        }

        fn window_size(&self, source: u32) -> Result<(u16, u16)> {
            if source == 5 { Ok((80, 24)) } else { Err(Errno::Notty) }
        }
    }

    #[test]
    fn a_wait_ends_for_a_source_a_moment_or_an_interrupt() {
        install(Simulated::default());
        let interrupt = Interrupt::default();
        let ready = interrupt.wait(&[(Source::new(4), PollFlags::IN), (Source::new(5), PollFlags::IN)], None);
        assert_eq!(ready, Ok(vec![PollFlags::empty(), PollFlags::IN]));
        let begun = Instant::now();
        assert_eq!(interrupt.wait(&[], begun.checked_add(Duration::from_secs(2))), Ok(Vec::new()));
        assert_eq!(begun.elapsed(), Duration::from_secs(2));
        assert_eq!(interrupt.wait(&[(Source::new(4), PollFlags::IN)], None), Ok(vec![PollFlags::empty()]));
        assert_eq!(interrupt.pending(), Some(Request::Interrupt));
        assert_eq!(
            (window_size(Source::new(5)), window_size(Source::new(1))),
            (Ok((80, 24)), Err(Errno::Notty))
        );
    }

    #[test]
    fn a_frame_of_zstandard_is_unpacked_and_a_damaged_one_refused() {
        // `printf hello | zstd`
        let packed = [
            0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x29, 0x00, 0x00, b'h', b'e', b'l', b'l', b'o', 0xa3, 0x6d,
            0x9f, 0x88,
        ];
        let mut content = Vec::with_capacity(5);
        assert_eq!((unpack(&packed, &mut content), &*content), (Ok(()), &b"hello"[..]));
        assert_eq!(unpack(&packed[..9], &mut Vec::with_capacity(5)), Err(Errno::Io));
        assert_eq!(unpack(b"nonsense", &mut Vec::with_capacity(5)), Err(Errno::Io));
    }
}
