//! Answers the calls of a guest from a recording.

use std::io::{self, BufReader, Read};

use super::call::{CallRecord, Names, call_text};
use super::{MAGIC, VERSION};
use crate::bytes::Bytes;
use crate::memory::GuestMemory;
use crate::stop::Stop;

/// A recording that answers the calls of a guest.
///
/// The guest must be the same module in the same engine, with the same limits on memory and fuel. The
/// embedder can note them in the header.
pub struct Replay {
    from: BufReader<zstd::Decoder<'static, BufReader<Box<dyn Read + Send>>>>,
    header: Vec<u8>,
    /// The number of calls that were answered.
    calls: u64,
    divergence: Option<String>,
    /// Empty until a context replays it.
    names: Names,
}

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The bytes are something else.
    #[error("this is not a recording")]
    NotARecording,
    /// Another version of this program wrote it.
    #[error("the recording has version {0}, and only version {VERSION} can be read")]
    Version(u32),
    /// It cannot be read.
    #[error("the recording cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl Replay {
    /// Opens a recording and reads its header.
    pub fn open(from: impl Read + Send + 'static) -> Result<Self, ReplayError> {
        let mut from: BufReader<Box<dyn Read + Send>> = BufReader::new(Box::new(from));
        let mut magic = [0; MAGIC.len()];
        let mut version = [0; 4];
        let begun = from.read_exact(&mut magic).and_then(|()| from.read_exact(&mut version));
        match begun {
            Ok(()) if magic == MAGIC => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error.into()),
            _ => return Err(ReplayError::NotARecording),
        }
        match u32::from_le_bytes(version) {
            VERSION => {}
            version => return Err(ReplayError::Version(version)),
        }
        let from = BufReader::new(zstd::Decoder::with_buffer(from)?);
        let mut replay =
            Self { from, header: Vec::new(), calls: 0, divergence: None, names: Names::default() };
        let missing = || io::Error::from(io::ErrorKind::UnexpectedEof);
        replay.header = replay.part()?.ok_or_else(missing)?;
        Ok(replay)
    }

    /// Returns the header, which the embedder wrote.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Sets the names of the functions.
    pub(crate) fn with_names(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// Reads the next part. `None` at the end.
    fn part(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut len = [0; 4];
        if self.from.read(&mut len[..1])? == 0 {
            return Ok(None);
        }
        self.from.read_exact(&mut len[1..])?;
        let len = u32::from_le_bytes(len);
        let mut bytes = Vec::new();
        self.from.by_ref().take(len.into()).read_to_end(&mut bytes)?;
        if bytes.len() == len as usize { Ok(Some(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn next_call(&mut self) -> io::Result<Option<CallRecord>> {
        let Some(bytes) = self.part()? else { return Ok(None) };
        postcard::from_bytes(&bytes).map(Some).map_err(io::Error::other)
    }

    /// Answers a call as it was answered when it was recorded. Calls `output` for a write to a standard
    /// stream.
    ///
    /// [`Stop::Diverged`] if another call was recorded.
    pub(crate) fn answer(
        &mut self,
        name: &str,
        arguments: &[u64],
        memory: &mut GuestMemory<'_>,
        output: impl FnOnce(u32, u32, &GuestMemory<'_>),
    ) -> Result<i32, Stop> {
        let now = || call_text(name, arguments);
        let call = match self.next_call() {
            Ok(Some(call)) => call,
            Ok(None) => {
                let calls = self.calls;
                return Err(self.diverge(format!(
                    "it ends after {calls} calls, and the program goes on with {}",
                    now()
                )));
            }
            Err(error) => {
                let calls = self.calls;
                return Err(self.diverge(format!("it cannot be read after {calls} calls: {error}")));
            }
        };
        self.calls += 1;
        if call.function != self.names.number(name) || call.arguments != arguments {
            let number = self.calls;
            let then = call_text(self.names.name(call.function), &call.arguments);
            return Err(self.diverge(format!("call {number} was {then}, and is {} now", now())));
        }
        let mut written = 0;
        for (address, Bytes(bytes)) in &call.writes {
            if memory.write(*address, bytes).is_err() {
                let number = self.calls;
                return Err(self.diverge(format!("call {number}, {}, wrote past the end of memory", now())));
            }
            written = bytes.first_chunk().map_or(0, |count| u32::from_le_bytes(*count));
        }
        if let (Ok(0), Some(stream)) = (call.outcome, call.stream) {
            output(stream, written, memory);
        }
        call.outcome
    }

    fn diverge(&mut self, text: String) -> Stop {
        self.divergence.get_or_insert(text);
        Stop::Diverged
    }

    /// Returns how the program departed from the recording, once it has ended.
    pub(crate) fn divergence(&mut self) -> Option<String> {
        if self.divergence.is_none() {
            match self.next_call() {
                Ok(None) => {}
                Ok(Some(call)) => {
                    let then = call_text(self.names.name(call.function), &call.arguments);
                    self.diverge(format!("it goes on with {then}, and the program has ended"));
                }
                Err(error) => drop(self.diverge(format!("it cannot be read to its end: {error}"))),
            }
        }
        self.divergence.clone()
    }

    /// Returns whether the program has departed from the recording.
    pub(crate) fn is_diverged(&self) -> bool {
        self.divergence.is_some()
    }
}
