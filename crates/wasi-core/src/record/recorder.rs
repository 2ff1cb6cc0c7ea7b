//! Writes recordings.

use std::io::{self, Write};

use super::call::{CallRecord, Names};
use super::{MAGIC, VERSION};
use crate::bytes::Bytes;
use crate::stop::Stop;

/// Writes a recording.
pub(crate) struct Recorder {
    /// `None` after an error, which [`finish`](Self::finish) returns.
    to: Option<zstd::Encoder<'static, Box<dyn Write + Send>>>,
    error: Option<io::Error>,
    names: Names,
}

impl Recorder {
    pub(crate) fn begin(mut to: Box<dyn Write + Send>, header: &[u8], names: Names) -> io::Result<Self> {
        to.write_all(&MAGIC)?;
        to.write_all(&VERSION.to_le_bytes())?;
        let mut to = zstd::Encoder::new(to, 3)?;
        to.include_checksum(true)?;
        let mut recorder = Self { to: Some(to), error: None, names };
        recorder.part(header);
        Ok(recorder)
    }

    /// Records one call. An error ends the recording, but not the guest.
    pub(crate) fn note(
        &mut self,
        name: &str,
        arguments: &[u64],
        outcome: Result<i32, Stop>,
        writes: &[(u32, &[u8])],
        stream: Option<u32>,
    ) {
        let writes = writes.iter().map(|&(address, bytes)| (address, Bytes::from(bytes)));
        let (function, writes) = (self.names.number(name), writes.collect());
        let call = CallRecord { function, arguments: arguments.to_vec(), outcome, writes, stream };
        match postcard::to_stdvec(&call) {
            Ok(bytes) => self.part(&bytes),
            Err(error) => self.failed(io::Error::other(error)),
        }
    }

    fn part(&mut self, bytes: &[u8]) {
        let Some(to) = &mut self.to else { return };
        let len = u32::try_from(bytes.len()).map_err(io::Error::other);
        let written = len.and_then(|len| to.write_all(&len.to_le_bytes())).and_then(|()| to.write_all(bytes));
        if let Err(error) = written {
            self.failed(error);
        }
    }

    fn failed(&mut self, error: io::Error) {
        self.to = None;
        self.error.get_or_insert(error);
    }

    /// Completes the recording, or returns the error that ended it.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        match self.to.take() {
            Some(to) => to.finish()?.flush(),
            None => Ok(()),
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _nobody_asked = self.finish();
    }
}
