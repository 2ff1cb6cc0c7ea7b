//! What a call prints: kept for its result, and passed on while it runs.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

/// One of the two outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// What was printed, in the order in which it came. Its writers share it with the session.
#[derive(Clone, Default)]
pub(crate) struct Transcript(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    pieces: Vec<(Stream, Vec<u8>)>,
    /// To whoever watches the call. What is sent is bounded by the limit on output.
    watcher: Option<UnboundedSender<Vec<u8>>>,
}

/// What a call has printed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Printed {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Both, as a terminal would show them.
    pub(crate) both: String,
}

impl Transcript {
    /// Begins a call, whose output the watcher gets while it runs.
    pub(crate) fn begin(&self, watcher: Option<UnboundedSender<Vec<u8>>>) {
        *self.lock() = Inner { pieces: Vec::new(), watcher };
    }

    /// Ends a call. Bytes that are not UTF-8 are replaced.
    pub(crate) fn end(&self) -> Printed {
        let Inner { pieces, .. } = mem::take(&mut *self.lock());
        let bytes = |wanted: Option<Stream>| {
            let chosen = pieces.iter().filter(|(stream, _)| wanted.is_none_or(|wanted| wanted == *stream));
            let bytes: Vec<u8> = chosen.flat_map(|(_, bytes)| bytes).copied().collect();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Printed { stdout: bytes(Some(Stream::Out)), stderr: bytes(Some(Stream::Err)), both: bytes(None) }
    }

    /// Returns the writer for one of the outputs.
    pub(crate) fn writer(&self, stream: Stream) -> impl Write + Send + 'static {
        Pen { transcript: self.clone(), stream }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Pen {
    transcript: Transcript,
    stream: Stream,
}

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut inner = self.transcript.lock();
        if let Some(watcher) = &inner.watcher {
            // Nobody watches any more when the request is cancelled.
            let _sent = watcher.send(bytes.to_vec());
        }
        match inner.pieces.last_mut() {
            Some((stream, last)) if *stream == self.stream => last.extend_from_slice(bytes),
            _ => inner.pieces.push((self.stream, bytes.to_vec())),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_outputs_are_kept_in_order_and_apart() {
        let transcript = Transcript::default();
        let (mut out, mut err) = (transcript.writer(Stream::Out), transcript.writer(Stream::Err));
        transcript.begin(None);
        out.write_all(b"a\nb").unwrap();
        err.write_all(b"bad\n").unwrap();
        out.write_all(b"\xc3").unwrap();
        out.write_all(b"\xa9\xff\n").unwrap();
        let printed = transcript.end();
        assert_eq!(printed.stdout, "a\nb\u{e9}\u{fffd}\n");
        assert_eq!(printed.stderr, "bad\n");
        assert_eq!(printed.both, "a\nbbad\n\u{e9}\u{fffd}\n");
        assert_eq!(transcript.end(), Printed::default());
    }
}
