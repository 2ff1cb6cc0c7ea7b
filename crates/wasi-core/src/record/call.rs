//! One call in a recording, and the names of the functions.

use std::fmt::Write as _;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lists::at_most;
use crate::memory::{GuestMemory, Region};
use crate::stop::Stop;

/// The most arguments that a call has. The functions of WASI have at most nine.
pub(super) const ARGUMENTS_MAX: usize = 256;

/// The most regions that a call writes to: one for each iovec or event, and the results.
pub(super) const WRITES_MAX: usize = 1 << 20;

/// Bytes of a record besides what it wrote to memory.
const RECORD_REST: usize = 1 << 20;

/// One call.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CallRecord<'a> {
    /// The function's index in WASI's table. The table's length stands for functions of the embedder.
    pub(super) function: u16,
    #[serde(deserialize_with = "at_most::<_, _, ARGUMENTS_MAX>")]
    pub(super) arguments: Vec<u64>,
    pub(super) outcome: Result<i32, Stop>,
    /// The addresses that it wrote to, and the bytes.
    #[serde(borrow, deserialize_with = "at_most::<_, _, WRITES_MAX>")]
    pub(super) writes: Vec<(u32, Slice<'a>)>,
    /// The number of the standard stream that it wrote to, if it did.
    pub(super) stream: Option<u32>,
}

/// Bytes of a record or of the guest's memory.
#[derive(Debug)]
pub(super) struct Slice<'a>(pub(super) &'a [u8]);

impl Serialize for Slice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Slice<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(Self)
    }
}

/// Returns the most bytes that a record of a call can have: it wrote to each byte of `memory` at most once,
/// except through iovecs, which move at most `call_bytes`.
pub(super) fn longest_record(memory: usize, call_bytes: usize) -> usize {
    memory.saturating_add(call_bytes).saturating_add(RECORD_REST)
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
    pub(super) fn number(self, name: &str) -> u16 {
        self.0.iter().position(|other| *other == name).unwrap_or(self.0.len()) as u16
    }

    pub(super) fn name(self, number: u16) -> &'static str {
        self.0.get(usize::from(number)).copied().unwrap_or("a call to the host")
    }
}

/// Returns the regions that a call changed, with their bytes.
pub(crate) fn writes<'a>(memory: &'a GuestMemory<'_>, regions: &[Region]) -> Vec<(u32, &'a [u8])> {
    let found = regions.iter().filter(|region| !region.is_empty());
    found.filter_map(|&region| Some((region.start(), memory.bytes(region).ok()?))).collect()
}

/// Returns a call as text.
pub(super) fn call_text(name: &str, arguments: &[u64]) -> String {
    let mut text = format!("{name}(");
    for (index, argument) in arguments.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _infallible = write!(text, "{separator}{argument}");
    }
    text.push(')');
    text
}
