//! Answers the calls of a guest from a recording.

use std::io::{self, BufReader, Read};

use super::call::{Names, Slice, call_text, longest_record};
use super::event::{EVENT_MAX, Event, Record};
use super::{HEADER_MAX, MAGIC, VERSION};
use crate::memory::GuestMemory;
use crate::stop::Stop;
use crate::sys::{self, Unpacker};

/// A recording that answers the calls of a guest.
///
/// The guest must be the same module in the same engine, with the same limits on memory and fuel. The
/// embedder can note them in the header.
pub struct Replay {
    from: BufReader<Unpacker<BufReader<Box<dyn Read + Send>>>>,
    header: Vec<u8>,
    next: Next,
    /// How the guest was stopped by a call.
    stopped: Option<Stop>,
    /// The most bytes that the next record can have.
    longest: usize,
    /// The number of calls that were answered.
    calls: u64,
    divergence: Option<String>,
    /// Empty until a context replays it.
    names: Names,
}

/// The next part, as far as it was read.
enum Next {
    /// A part that may be an event.
    Short(Vec<u8>),
    /// The length of a call.
    Long(u32),
    End,
    Unreadable(io::Error),
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
        let mut replay = Self {
            from: BufReader::new(sys::unpacker(from)?),
            header: Vec::new(),
            next: Next::End,
            stopped: None,
            longest: longest_record(0, 0),
            calls: 0,
            divergence: None,
            names: Names::default(),
        };
        let missing = || io::Error::from(io::ErrorKind::UnexpectedEof);
        replay.look();
        replay.header = replay.part(HEADER_MAX)?.ok_or_else(missing)?;
        replay.look();
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

    /// Reads of the next part as much as tells whether it is an event.
    fn look(&mut self) {
        self.next = self.next_part().unwrap_or_else(Next::Unreadable);
    }

    fn next_part(&mut self) -> io::Result<Next> {
        let mut len = [0; 4];
        if self.from.read(&mut len[..1])? == 0 {
            return Ok(Next::End);
        }
        self.from.read_exact(&mut len[1..])?;
        let len = u32::from_le_bytes(len);
        Ok(if len > EVENT_MAX { Next::Long(len) } else { Next::Short(self.bytes(len)?) })
    }

    fn bytes(&mut self, len: u32) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.from.by_ref().take(len.into()).read_to_end(&mut bytes)?;
        if bytes.len() == len as usize { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Takes the next part, of at most `longest` bytes. `None` at the end.
    ///
    /// A few bytes of a compressed file can stand for gigabytes, so its word on the length is not taken.
    fn part(&mut self, longest: usize) -> io::Result<Option<Vec<u8>>> {
        match std::mem::replace(&mut self.next, Next::End) {
            Next::Short(bytes) => Ok(Some(bytes)),
            Next::Long(len) if len as usize > longest => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a part has {len} bytes, and no more than {longest} are possible"),
            )),
            Next::Long(len) => self.bytes(len).map(Some),
            Next::End => Ok(None),
            Next::Unreadable(error) => Err(error),
        }
    }

    /// Returns the event that comes before the next call, if there is one.
    fn event(&self) -> Option<Event> {
        match &self.next {
            Next::Short(bytes) => match Record::parse(bytes) {
                Ok(Record::Event(event)) => Some(event),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns how the recorded run was stopped, if no call is left before that.
    pub(crate) fn stop(&self) -> Option<Stop> {
        self.stopped.or(match self.event() {
            Some(Event::Stop(stop)) => Some(stop),
            _ => None,
        })
    }

    /// Takes the interrupt that was recorded at the end of the last call, or when so much fuel was used.
    /// Returns whether there is one.
    pub(crate) fn interrupt(&mut self, fuel: Option<u64>) -> bool {
        match (self.event(), fuel) {
            (Some(Event::Interrupt(then)), now) if then == now => {
                self.look();
                true
            }
            (Some(Event::Interrupt(Some(then))), Some(now)) if then < now => {
                self.diverge(format!("an interrupt came after {then} units of fuel, and {now} are used now"));
                false
            }
            _ => false,
        }
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
        if let Some(Event::Stop(stop)) = self.event() {
            return Err(stop);
        }
        self.longest = longest_record(usize::try_from(memory.len()).unwrap_or(usize::MAX), call_bytes);
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
        let call = match Record::parse(&bytes) {
            Ok(Record::Call(call)) => call,
            Ok(Record::Event(_)) => {
                let next = calls + 1;
                return Err(self.diverge(format!("an interrupt came before call {next}, {}", now())));
            }
            Err(error) => return Err(self.diverge(unreadable(error))),
        };
        self.look();
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
        self.stopped = call.outcome.err();
        call.outcome
    }

    fn diverge(&mut self, text: String) -> Stop {
        self.divergence.get_or_insert(text);
        Stop::Diverged
    }

    /// Returns how the program departed from the recording, once it has ended.
    pub(crate) fn divergence(&mut self) -> Option<String> {
        if self.divergence.is_none() {
            if let Some(Event::Stop(_)) = self.event() {
                self.look();
            }
            let next = self.part(self.longest);
            let names = self.names;
            let next = next.and_then(|bytes| {
                let record = bytes.as_deref().map(Record::parse).transpose()?;
                Ok(record.map(|record| match record {
                    Record::Call(call) => call_text(names.name(call.function), &call.arguments),
                    Record::Event(Event::Interrupt(_)) => "an interrupt".to_owned(),
                    Record::Event(Event::Stop(stop)) => format!("its end: {stop}"),
                }))
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
