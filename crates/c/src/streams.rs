//! `python_wasm_stream`: a callback that gets what Python prints, at once.

use std::ffi::{c_char, c_int, c_void};
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use crate::callback::{Finalize, UserData};
use crate::failure::Failure;
use crate::structs::Grows;

/// Takes bytes that Python has printed. Returns 0, or an `errno` that Python raises as an `OSError`.
pub type StreamCallback =
    unsafe extern "C" fn(user_data: *mut c_void, bytes: *const c_char, size: usize) -> c_int;

/// `python_wasm_stream`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct Stream {
    pub size: usize,
    pub write: Option<StreamCallback>,
    pub user_data: *mut c_void,
    pub finalize: Option<Finalize>,
}

// SAFETY: `repr(C)`, the size comes first, and NULL is a value of all other fields.
unsafe impl Grows for Stream {
    const NAME: &str = "python_wasm_stream";
    const FIRST: usize = size_of::<Self>();
}

/// A stream of C as a writer of Rust.
#[derive(Debug)]
pub(crate) struct Receiver {
    write: Option<StreamCallback>,
    user_data: UserData,
}

impl Receiver {
    /// Takes the user data over, whether or not there is a callback.
    pub(crate) fn new(stream: &Stream) -> Self {
        Self { write: stream.write, user_data: UserData::new(stream.user_data, stream.finalize) }
    }

    /// Checks that there is something to call.
    pub(crate) fn check(&self, what: &str) -> Result<(), Failure> {
        self.write.map(|_| ()).ok_or_else(|| Failure::argument(format!("{what}->write is NULL")))
    }
}

impl Write for Receiver {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(write) = self.write else { return Ok(bytes.len()) };
        // SAFETY: a callback is good, and gets as many bytes as are there.
        match unsafe { write(self.user_data.pointer(), bytes.as_ptr().cast(), bytes.len()) } {
            0 => Ok(bytes.len()),
            errno if errno > 0 => Err(io::Error::from_raw_os_error(errno)),
            _ => Err(io::Error::from_raw_os_error(libc::EIO)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was printed to a stream without a callback, beside one that has one. The interpreter's call writes it, and takes
/// it when it ends: the lock is never waited for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    /// Takes it as text; bytes that are not UTF-8 are replaced.
    pub(crate) fn take(&self) -> String {
        let bytes = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
