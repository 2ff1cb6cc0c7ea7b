//! Recordings of runs, and their replay.
//!
//! A recording is a magic number, a version and one frame of Zstandard with its checksum. The frame contains
//! a header of the embedder and one record for each call: the function, its arguments, its answer, and what
//! it wrote into the guest's memory. A replay answers the guest's calls from these records. It touches
//! nothing else, except for standard output and error, which it writes.
//!
//! Only calls are recorded, not interrupts between calls or a time limit that ends there.

use std::fmt::Write as _;
use std::io::{self, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::memory::{GuestMemory, Region};
use crate::stop::Stop;

const MAGIC: [u8; 8] = *b"wasi-rec";

/// The version of the format. Any other one is refused.
const VERSION: u32 = 1;

/// One call.
#[derive(Debug, Serialize, Deserialize)]
struct CallRecord {
    /// The function's index in WASI's table. The table's length stands for functions of the embedder.
    function: u16,
    arguments: Vec<u64>,
    outcome: Result<i32, Stop>,
    /// The addresses that it wrote to, and the bytes.
    writes: Vec<(u32, Bytes)>,
    /// The number of the standard stream that it wrote to, if it did.
    stream: Option<u32>,
}

/// What a context does besides serving calls.
#[derive(Default)]
pub(crate) enum Recording {
    #[default]
    None,
    Recorder(Recorder),
    Replay(Replay),
}

/// Writes a recording.
pub(crate) struct Recorder {
    /// `None` after an error, which [`finish`](Self::finish) returns.
    to: Option<zstd::Encoder<'static, Box<dyn Write + Send>>>,
    error: Option<io::Error>,
    names: Names,
}

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

/// Returns the regions that a call changed, with their bytes.
pub(crate) fn writes<'a>(memory: &'a GuestMemory<'_>, regions: &[Region]) -> Vec<(u32, &'a [u8])> {
    let found = regions.iter().filter(|region| !region.is_empty());
    found.filter_map(|&region| Some((region.start(), memory.bytes(region).ok()?))).collect()
}

/// The functions that a recording knows by number, in the order of the numbers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Names(&'static [&'static str]);

impl Names {
    pub(crate) fn new(names: &'static [&'static str]) -> Self {
        Self(names)
    }

    /// Returns the number of a function. Functions of the embedder, which have no name here, share the last
    /// number.
    fn number(self, name: &str) -> u16 {
        self.0.iter().position(|other| *other == name).unwrap_or(self.0.len()) as u16
    }

    fn name(self, number: u16) -> &'static str {
        self.0.get(usize::from(number)).copied().unwrap_or("a call to the host")
    }
}

/// Returns a call as text.
fn call_text(name: &str, arguments: &[u64]) -> String {
    let mut text = format!("{name}(");
    for (index, argument) in arguments.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _infallible = write!(text, "{separator}{argument}");
    }
    text.push(')');
    text
}
