//! Answers the calls of a guest from a recording.

use std::io::{self, BufReader, Read};

use super::call::{CallRecord, Names, Slice, call_text, longest_record};
use super::{HEADER_MAX, MAGIC, VERSION};
use crate::memory::GuestMemory;
use crate::stop::Stop;

/// A recording that answers the calls of a guest.
///
/// The guest must be the same module in the same engine, with the same limits on memory and fuel. The
/// embedder can note them in the header.
pub struct Replay {
    from: BufReader<zstd::Decoder<'static, BufReader<Box<dyn Read + Send>>>>,
    header: Vec<u8>,
    /// The most bytes that the next record can have.
    longest: usize,
    /// The number of calls that were answered.
    calls: u64,
    divergence: Option<String>,
    /// Empty until a context replays it.
    names: Names,
}

/// The largest window of the compression that is accepted, as a power of two: a recording has 2 MiB.
const WINDOW_LOG_MAX: u32 = 23;

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
        let mut from = zstd::Decoder::with_buffer(from)?;
        from.window_log_max(WINDOW_LOG_MAX)?;
        let mut replay = Self {
            from: BufReader::new(from),
            header: Vec::new(),
            longest: longest_record(0, 0),
            calls: 0,
            divergence: None,
            names: Names::default(),
        };
        let missing = || io::Error::from(io::ErrorKind::UnexpectedEof);
        replay.header = replay.part(HEADER_MAX)?.ok_or_else(missing)?;
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

    /// Reads the next part, of at most `longest` bytes. `None` at the end.
    ///
    /// A few bytes of a compressed file can stand for gigabytes, so its word on the length is not taken.
    fn part(&mut self, longest: usize) -> io::Result<Option<Vec<u8>>> {
        let mut len = [0; 4];
        if self.from.read(&mut len[..1])? == 0 {
            return Ok(None);
        }
        self.from.read_exact(&mut len[1..])?;
        let len = u32::from_le_bytes(len);
        if len as usize > longest {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a part has {len} bytes, and no more than {longest} are possible"),
            ));
        }
        let mut bytes = Vec::new();
        self.from.by_ref().take(len.into()).read_to_end(&mut bytes)?;
        if bytes.len() == len as usize { Ok(Some(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Answers a call as it was answered when it was recorded. Calls `output` for a write to a standard
    /// stream; it may stop the guest.
    ///
    /// `call_bytes` is the limit on the bytes that one call moves. [`Stop::Diverged`] if another call was
    /// recorded, or one that no guest with this memory and limit can have made.
    pub(crate) fn answer(
        &mut self,
        name: &str,
        arguments: &[u64],
        memory: &mut GuestMemory<'_>,
        call_bytes: usize,
        output: impl FnOnce(u32, u32, &GuestMemory<'_>) -> Result<(), Stop>,
    ) -> Result<i32, Stop> {
        let now = || call_text(name, arguments);
        self.longest = longest_record(memory.len(), call_bytes);
        let calls = self.calls;
        let unreadable = |error| format!("it cannot be read after {calls} calls: {error}");
        let bytes = match self.part(self.longest) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                return Err(self.diverge(format!(
                    "it ends after {calls} calls, and the program goes on with {}",
                    now()
                )));
            }
            Err(error) => return Err(self.diverge(unreadable(error))),
        };
        let call = match CallRecord::parse(&bytes) {
            Ok(call) => call,
            Err(error) => return Err(self.diverge(unreadable(error))),
        };
        self.calls += 1;
        if call.function != self.names.number(name) || call.arguments != arguments {
            let number = self.calls;
            let then = call_text(self.names.name(call.function), &call.arguments);
            return Err(self.diverge(format!("call {number} was {then}, and is {} now", now())));
        }
        let mut written = 0;
        for (address, Slice(bytes)) in &call.writes {
            if memory.write(*address, bytes).is_err() {
                let number = self.calls;
                return Err(self.diverge(format!("call {number}, {}, wrote past the end of memory", now())));
            }
            written = bytes.first_chunk().map_or(0, |count| u32::from_le_bytes(*count));
        }
        if let (Ok(0), Some(stream)) = (call.outcome, call.stream) {
            output(stream, written, memory)?;
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
            let next = self.part(self.longest);
            let names = self.names;
            let next = next.and_then(|bytes| {
                let call = bytes.as_deref().map(CallRecord::parse).transpose()?;
                Ok(call.map(|call| call_text(names.name(call.function), &call.arguments)))
            });
            match next {
                Ok(None) => {}
                Ok(Some(then)) => {
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
