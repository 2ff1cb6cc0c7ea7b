//! The beginning of a recording and of a replay, where the names of the functions are known.

use std::io::{self, Write};

use super::table::NAMES;
use crate::ctx::WasiCtx;
use crate::record::{Names, Recorder, Recording, Replay};

impl WasiCtx {
    /// Records to `to`, after a header of the embedder, everything that the guest's calls answer from now on.
    /// Call it before the guest's first call. The header has at most 1 MiB, else
    /// [`InvalidInput`](io::ErrorKind::InvalidInput).
    pub fn record(&mut self, to: impl Write + Send + 'static, header: &[u8]) -> io::Result<()> {
        self.record_at_most(u64::MAX, to, header)
    }

    /// Records as [`record`](Self::record) does, and stops the guest with
    /// [`Stop::RecordingLimit`](crate::Stop::RecordingLimit) when the recording has `bytes` bytes or more.
    ///
    /// What the guest does decides how large a recording gets: one that only asks for random bytes fills the
    /// disk at the speed of the disk. The recording is complete up to the stop, and a replay ends there, too.
    /// It may have more bytes by one call and what the compression holds back.
    pub fn record_at_most(
        &mut self,
        bytes: u64,
        to: impl Write + Send + 'static,
        header: &[u8],
    ) -> io::Result<()> {
        let recorder = Recorder::begin(Box::new(to), header, bytes, Names::new(&NAMES))?;
        self.set_recording(Recording::Recorder(recorder));
        Ok(())
    }

    /// Answers all calls from a recording. Only writes to standard output and error are carried out.
    ///
    /// A guest that makes a call other than the recorded one is stopped with
    /// [`Stop::Diverged`](crate::Stop::Diverged). The limits of this context count: one on output, and those on
    /// memory and [`Limits::call_bytes`](crate::Limits::call_bytes) bound what is read of the recording at once.
    pub fn replay(&mut self, replay: Replay) {
        self.set_recording(Recording::Replay(replay.with_names(Names::new(&NAMES))));
    }
}
