//! Recordings of runs, and their replay.
//!
//! A recording is a magic number, a version and one frame of Zstandard with its checksum. The frame contains
//! a header of the embedder and one record for each call: the function, its arguments, its answer, and what
//! it wrote into the guest's memory. A replay answers the guest's calls from these records. It touches
//! nothing else, except for standard output and error, which it writes.
//!
//! What came to the guest between two calls has a record, too: an interrupt, with the fuel that the guest had
//! used until then, and the stop that ended it. A replay is stopped as soon as no call is left before the
//! stop, because nobody can see what the guest did after its last call.

mod call;
mod event;
mod recorder;
mod replay;

pub(crate) use call::{Names, writes};
pub(crate) use recorder::Recorder;
pub use replay::{Replay, ReplayError};

const MAGIC: [u8; 8] = *b"wasi-rec";

/// The version of the format. Any other one is refused.
const VERSION: u32 = 2;

/// The longest header, in bytes.
const HEADER_MAX: usize = 1 << 20;

/// What a context does besides serving calls.
#[derive(Default)]
pub(crate) enum Recording {
    #[default]
    None,
    Recorder(Recorder),
    Replay(Replay),
}
