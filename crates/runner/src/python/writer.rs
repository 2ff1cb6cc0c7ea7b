//! A writer of the embedding program as one of Python's outputs, whatever the writer does.

use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::panic::caught;

/// How often a writer may be interrupted before it takes something.
const MAX_INTERRUPTIONS: usize = 100;

/// A writer of the embedding program. Each stream that is made again uses it after the one before.
///
/// A writer that panics, or would let Python try again for ever, fails with an error instead.
#[derive(Clone)]
pub(crate) struct SharedWriter(Arc<Mutex<State>>);

struct State {
    writer: Box<dyn Write + Send>,
    /// The error of the last write, unless it succeeded.
    failure: Option<io::Error>,
}

impl SharedWriter {
    pub(crate) fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State { writer: Box::new(writer), failure: None })))
    }

    /// Takes the error of the last write, if it failed.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        self.lock().failure.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for SharedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().note(|writer| {
            let count = uninterrupted(|| writer.write(bytes))?;
            if count > bytes.len() {
                let message = format!("the writer claims to have taken {count} bytes of {}", bytes.len());
                return Err(io::Error::other(message));
            }
            if count == 0 && !bytes.is_empty() {
                return Err(io::Error::new(ErrorKind::WriteZero, "the writer takes nothing"));
            }
            Ok(count)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lock().note(|writer| uninterrupted(|| writer.flush()))
    }
}

impl State {
    /// Notes how a write ends.
    fn note<T>(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        let ended = write(&mut *self.writer);
        self.failure = ended.as_ref().err().map(copied);
        ended
    }
}

/// Tries again while the writer is interrupted, up to a bound.
fn uninterrupted<T>(mut write: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..MAX_INTERRUPTIONS {
        match caught(&mut write) {
            Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
            Ok(ended) => return ended,
            Err(text) => return Err(io::Error::other(format!("the writer {text}"))),
        }
    }
    Err(io::Error::other(format!("the writer was interrupted {MAX_INTERRUPTIONS} times")))
}

fn copied(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Action = fn(&[u8]) -> io::Result<usize>;

    /// A writer that does one thing.
    struct Does(Action);

    impl Write for Does {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            (self.0)(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_writer_that_does_not_write_fails_and_says_why() {
        let fails: [(Action, &str); 4] = [
            (|_| panic!("no more"), "the writer panicked: no more"),
            (|_| Ok(0), "the writer takes nothing"),
            (|bytes| Ok(bytes.len() + 1), "the writer claims to have taken 4 bytes of 3"),
            (|_| Err(ErrorKind::Interrupted.into()), "the writer was interrupted 100 times"),
        ];
        for (write, message) in fails {
            let mut writer = SharedWriter::new(Does(write));
            assert_eq!(writer.write(b"abc").unwrap_err().to_string(), message);
            assert_eq!(writer.take_failure().unwrap().to_string(), message);
            assert!(writer.take_failure().is_none());
        }
    }

    #[test]
    fn a_write_that_succeeds_makes_up_for_one_that_failed() {
        let mut writer = SharedWriter::new(Does(|bytes| match bytes {
            b"bad" => Err(ErrorKind::BrokenPipe.into()),
            good => Ok(good.len()),
        }));
        writer.write(b"bad").unwrap_err();
        assert_eq!(writer.write(b"good").unwrap(), 4);
        assert!(writer.take_failure().is_none());
    }
}
