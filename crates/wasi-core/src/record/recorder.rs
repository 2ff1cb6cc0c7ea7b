//! Writes recordings.

use std::io::{self, Write};

use super::call::{ARGUMENTS_MAX, CallRecord, Names, Slice, WRITES_MAX};
use super::event::{Event, Record};
use super::{HEADER_MAX, MAGIC, VERSION};
use crate::stop::Stop;
use crate::sys::{self, Packer};

/// Writes a recording.
pub(crate) struct Recorder {
    /// `None` after an error, which [`finish`](Self::finish) returns.
    to: Option<Packer<Counter>>,
    /// How many bytes it may have. The call that finds them used up is stopped, and is the last one in it.
    limit: u64,
    /// A call or an event has ended the guest.
    ended: bool,
    error: Option<io::Error>,
    names: Names,
}

impl Recorder {
    pub(crate) fn begin(
        mut to: Box<dyn Write + Send>,
        header: &[u8],
        limit: u64,
        names: Names,
    ) -> io::Result<Self> {
        if header.len() > HEADER_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the header is longer than 1 MiB"));
        }
        to.write_all(&MAGIC)?;
        to.write_all(&VERSION.to_le_bytes())?;
        let to = sys::packer(Counter { to, bytes: 0 })?;
        let mut recorder = Self { to: Some(to), limit, ended: false, error: None, names };
        recorder.part(header);
        Ok(recorder)
    }

    /// Whether it has as many bytes as it may have. What was compressed and not written yet does not count.
    pub(crate) fn is_full(&self) -> bool {
        self.to.as_ref().is_some_and(|to| to.get_ref().bytes >= self.limit)
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
        if arguments.len() > ARGUMENTS_MAX || writes.len() > WRITES_MAX {
            return self.failed(io::Error::other(format!("a call of {name} is too large to be recorded")));
        }
        let writes = writes.iter().map(|&(address, bytes)| (address, Slice(bytes)));
        let (function, writes) = (self.names.number(name), writes.collect());
        self.ended |= outcome.is_err();
        let call = CallRecord { function, arguments: arguments.to_vec(), outcome, writes, stream };
        self.record(&Record::Call(call));
    }

    /// Records an interrupt at the end of the last call, or when so much fuel was used.
    pub(crate) fn note_interrupt(&mut self, fuel: Option<u64>) {
        self.record(&Record::Event(Event::Interrupt(fuel)));
    }

    /// Records that the guest was stopped, unless its last call has stopped it.
    pub(crate) fn note_stop(&mut self, stop: Stop) {
        if !std::mem::replace(&mut self.ended, true) {
            self.record(&Record::Event(Event::Stop(stop)));
        }
    }

    fn record(&mut self, record: &Record<'_>) {
        match postcard::to_stdvec(record) {
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
    ///
    /// [`StorageFull`](io::ErrorKind::StorageFull) if it reached its limit. It is complete up to there.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let (full, limit) = (self.is_full(), self.limit);
        if let Some(to) = self.to.take() {
            to.finish()?.flush()?;
        }
        if full {
            let text =
                format!("it has reached its limit of {limit} bytes, and the program was stopped there");
            return Err(io::Error::new(io::ErrorKind::StorageFull, text));
        }
        Ok(())
    }
}

/// Counts what is written.
struct Counter {
    to: Box<dyn Write + Send>,
    bytes: u64,
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _nobody_asked = self.finish();
    }
}
