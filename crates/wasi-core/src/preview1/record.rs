//! Where a recording and a replay begin: here, where the names of the functions are known.

use std::io::{self, Write};

use super::table::NAMES;
use crate::ctx::WasiCtx;
use crate::record::{Names, Recorder, Recording, Replay};

impl WasiCtx {
    /// Writes everything that comes to the guest through its calls from now on to `to`, behind a
    /// header of the embedder's. To be set before the first call.
    pub fn record(&mut self, to: impl Write + Send + 'static, header: &[u8]) -> io::Result<()> {
        let recorder = Recorder::begin(Box::new(to), header, Names::new(&NAMES))?;
        self.set_recording(Recording::Recorder(recorder));
        Ok(())
    }

    /// Answers all calls from a recording. Only standard output and error are written.
    ///
    /// A guest that makes another call than was recorded is stopped with [`Stop::Diverged`](crate::Stop::Diverged).
    pub fn replay(&mut self, replay: Replay) {
        self.set_recording(Recording::Replay(replay.with_names(Names::new(&NAMES))));
    }
}
