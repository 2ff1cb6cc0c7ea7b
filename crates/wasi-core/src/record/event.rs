//! What a recording contains after its header: calls, and what came between them.

use std::io;

use serde::{Deserialize, Serialize};

use super::call::CallRecord;
use crate::stop::Stop;

/// The longest event, in bytes. A part that is longer is a call.
pub(super) const EVENT_MAX: u32 = 32;

/// One part of a recording.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Record<'a> {
    #[serde(borrow)]
    Call(CallRecord<'a>),
    Event(Event),
}

/// What came to the guest between two calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Event {
    /// An interrupt: at the end of the call before, or when so many units of fuel were used.
    Interrupt(Option<u64>),
    /// The end.
    Stop(Stop),
}

impl<'a> Record<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> io::Result<Self> {
        postcard::from_bytes(bytes).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_event_is_longer_than_the_longest() {
        for event in [Event::Interrupt(Some(u64::MAX)), Event::Stop(Stop::Exit(u32::MAX))] {
            assert!(postcard::to_stdvec(&Record::Event(event)).unwrap().len() <= EVENT_MAX as usize);
        }
    }
}
