//! One call in a recording, and the names of the functions.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::memory::{GuestMemory, Region};
use crate::stop::Stop;

/// One call.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CallRecord {
    /// The function's index in WASI's table. The table's length stands for functions of the embedder.
    pub(super) function: u16,
    pub(super) arguments: Vec<u64>,
    pub(super) outcome: Result<i32, Stop>,
    /// The addresses that it wrote to, and the bytes.
    pub(super) writes: Vec<(u32, Bytes)>,
    /// The number of the standard stream that it wrote to, if it did.
    pub(super) stream: Option<u32>,
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
