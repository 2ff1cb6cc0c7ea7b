//! Writers of the embedding program that fail in one way or another: Python is told, and nothing hangs.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use python_wasm::{Error, Python};

/// A writer that does one thing.
struct Does<F>(F);

impl<F: FnMut(&[u8]) -> io::Result<usize>> Write for Does<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn with_writer(write: impl FnMut(&[u8]) -> io::Result<usize> + Send + 'static) -> Python {
    Python::builder().stdout_writer(Does(write)).build().unwrap()
}

/// What `print()` raises for a line.
const PRINT: &str = "
try:
    print('a line')
except OSError as error:
    raised = error.errno, error.strerror";

#[test]
fn a_writer_that_does_not_write_is_an_error_for_python_and_for_the_caller() {
    type Write = fn(&[u8]) -> io::Result<usize>;
    let writers: [(Write, &str); 4] = [
        (|_| panic!("as it was written"), "the writer panicked: as it was written"),
        (|_| Ok(0), "the writer takes nothing"),
        (|bytes| Ok(bytes.len() + 1), "the writer claims to have taken 8 bytes of 7"),
        (|_| Err(ErrorKind::Interrupted.into()), "the writer was interrupted 100 times"),
    ];
    for (write, expected) in writers {
        let mut py = with_writer(write);
        // Python has handled it, but the line is nowhere.
        match py.exec(PRINT) {
            Err(Error::Io(error)) => assert_eq!(error.to_string(), expected),
            other => panic!("{expected}: {other:?}"),
        }
        assert!(py.is_usable());
        let error = py.exec("print('a line')").unwrap_err();
        assert!(error.is_exception("OSError"), "{error:?}");
    }
}

#[test]
fn an_error_keeps_its_number() {
    let mut py = with_writer(|_| Err(io::Error::from_raw_os_error(28)));
    assert!(matches!(py.exec(PRINT), Err(Error::Io(error)) if error.raw_os_error() == Some(28)));
    let mut py = with_writer(|_| Err(ErrorKind::BrokenPipe.into()));
    assert!(py.exec("print('a line')").unwrap_err().is_exception("BrokenPipeError"));
}

#[test]
fn a_part_of_a_line_that_cannot_be_written_is_an_error_of_the_call() {
    let mut py = with_writer(|_| Err(io::Error::other("no room")));
    match py.exec("print('a part', end='')") {
        Err(Error::Io(error)) => assert_eq!(error.to_string(), "no room"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_writer_that_recovers_gets_everything() {
    let (fails, written) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
    let (failing, kept) = (Arc::clone(&fails), Arc::clone(&written));
    let mut py = with_writer(move |bytes| {
        if failing.load(Ordering::SeqCst) {
            return Err(io::Error::other("not now"));
        }
        kept.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    });
    assert!(matches!(py.exec("print('first', end='')"), Err(Error::Io(_))));
    fails.store(false, Ordering::SeqCst);
    py.exec("print('second')").unwrap();
    assert_eq!(*written.lock().unwrap(), b"firstsecond\n");
}

#[test]
fn a_writer_that_takes_little_gets_all() {
    let written = Arc::new(Mutex::new(Vec::<u8>::new()));
    let kept = Arc::clone(&written);
    let mut py = with_writer(move |bytes| {
        kept.lock().unwrap().extend(bytes.first());
        Ok(1)
    });
    py.exec("print('letter by letter')").unwrap();
    assert_eq!(*written.lock().unwrap(), b"letter by letter\n");
}
