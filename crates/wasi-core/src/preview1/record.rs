//! The beginning of a recording and of a replay, where the names of the functions are known.

use std::io::{self, Write};

use super::table::NAMES;
use crate::ctx::WasiCtx;
use crate::record::{Names, Recorder, Recording, Replay};

impl WasiCtx {
    /// Records to `to`, after a header of the embedder, everything that the guest's calls answer from now on.
    /// Call it before the guest's first call.
    pub fn record(&mut self, to: impl Write + Send + 'static, header: &[u8]) -> io::Result<()> {
        let recorder = Recorder::begin(Box::new(to), header, Names::new(&NAMES))?;
        self.set_recording(Recording::Recorder(recorder));
        Ok(())
    }

    /// Answers all calls from a recording. Only writes to standard output and error are carried out.
    ///
    /// A guest that makes a call other than the recorded one is stopped with
    /// [`Stop::Diverged`](crate::Stop::Diverged).
    pub fn replay(&mut self, replay: Replay) {
        self.set_recording(Recording::Replay(replay.with_names(Names::new(&NAMES))));
    }
}
