//! A context that records its calls, or answers them from a recording.

use std::io::{self, IoSlice};

use super::context::{WasiCtx, charge_output};
use crate::layout::Iovecs;
use crate::memory::{Buffers, GuestMemory, Region};
use crate::record::{Recording, writes};
use crate::stop::Stop;
use crate::sys::PollFlags;
use crate::table::{Descriptor, Origin};
use crate::types::Fd;

impl WasiCtx {
    /// Completes the recording, if there is one. Returns the first error that writing it met.
    pub fn finish_recording(&mut self) -> io::Result<()> {
        match &mut self.run.record {
            Recording::Recorder(recorder) => recorder.finish(),
            _ => Ok(()),
        }
    }

    /// Returns how the guest departed from its recording, once it has ended; `None` if it did not.
    pub fn divergence(&mut self) -> Option<String> {
        match &mut self.run.record {
            Recording::Replay(replay) => replay.divergence(),
            _ => None,
        }
    }

    /// Answers a call to a function of the embedder from the recording that is replayed.
    ///
    /// `None` if none is replayed: the embedder then answers the call itself and records it by
    /// [`note`](Self::note).
    pub fn replayed(&mut self, name: &str, arguments: &[u64], memory: &mut [u8]) -> Option<i32> {
        self.is_replaying().then(|| {
            let answer = self.answer(name, arguments, &mut GuestMemory::new(memory));
            // `check_stop` ends the guest before it sees this.
            answer.unwrap_or(-1)
        })
    }

    /// Records a call to a function of the embedder: its answer, and what it wrote into the guest's memory.
    /// More than 256 arguments end the recording with an error.
    pub fn note(&mut self, name: &str, arguments: &[u64], answer: i32, written: &[(u32, &[u8])]) {
        if let Recording::Recorder(recorder) = &mut self.run.record {
            recorder.note(name, arguments, Ok(answer), written, None);
        }
    }

    /// Records that the guest is interrupted now: at the end of its last call, or after it has used so many
    /// units of `fuel`. An engine calls it before it tells the guest.
    pub fn note_interrupted(&mut self, fuel: Option<u64>) {
        if let Recording::Recorder(recorder) = &mut self.run.record {
            recorder.note_interrupt(fuel);
        }
    }

    /// Takes the interrupt that was recorded at this place, and returns whether there was one. During a
    /// replay an engine asks here, at the same places as when it recorded.
    pub fn replayed_interrupt(&mut self, fuel: Option<u64>) -> bool {
        match &mut self.run.record {
            Recording::Replay(replay) => replay.interrupt(fuel),
            _ => false,
        }
    }

    /// Records that the guest was stopped between two calls, as [`check_stop`](Self::check_stop) said. One
    /// that a call has stopped was recorded with the call.
    pub fn note_stop(&mut self, stop: Stop) {
        if let Recording::Recorder(recorder) = &mut self.run.record {
            recorder.note_stop(stop);
        }
    }

    /// Returns how the recorded run was stopped, if this is a replay that has come to that place.
    pub fn recorded_stop(&self) -> Option<Stop> {
        match &self.run.record {
            Recording::Replay(replay) => replay.stop(),
            _ => None,
        }
    }

    pub(crate) fn set_recording(&mut self, record: Recording) {
        self.run.record = record;
    }

    /// Whether calls are neither recorded nor replayed.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.run.record, Recording::None)
    }

    pub(crate) fn is_recording(&self) -> bool {
        matches!(self.run.record, Recording::Recorder(_))
    }

    /// Returns whether calls are answered from a recording.
    pub fn is_replaying(&self) -> bool {
        matches!(self.run.record, Recording::Replay(_))
    }

    /// Whether the guest has departed from the recording.
    pub(super) fn is_diverged(&self) -> bool {
        matches!(&self.run.record, Recording::Replay(replay) if replay.is_diverged())
    }

    /// Returns the number of the standard stream that `fd` writes to, if it does.
    pub(crate) fn output_stream(&self, fd: u64) -> Option<u32> {
        match self.table.get(Fd(fd as u32)).ok()? {
            Descriptor::File(open) if open.origin == Origin::Output => Some(1),
            Descriptor::File(open) if open.origin == Origin::Error => Some(2),
            _ => None,
        }
    }

    /// Whether a recording has reached its limit.
    pub(super) fn is_recording_full(&self) -> bool {
        matches!(&self.run.record, Recording::Recorder(recorder) if recorder.is_full())
    }

    /// Records a call to a function of WASI, and returns its outcome: [`Stop::RecordingLimit`] if the
    /// recording has reached its limit. A replay ends with it, too.
    pub(crate) fn keep(
        &mut self,
        name: &str,
        arguments: &[u64],
        outcome: Result<i32, Stop>,
        memory: &GuestMemory<'_>,
        regions: &[Region],
        stream: Option<u32>,
    ) -> Result<i32, Stop> {
        let Recording::Recorder(recorder) = &mut self.run.record else { return outcome };
        let outcome = if recorder.is_full() { outcome.and(Err(Stop::RecordingLimit)) } else { outcome };
        recorder.note(name, arguments, outcome, &writes(memory, regions), stream);
        outcome
    }

    /// Answers a call to a function of WASI from the recording.
    pub(crate) fn answer(
        &mut self,
        name: &str,
        arguments: &[u64],
        memory: &mut GuestMemory<'_>,
    ) -> Result<i32, Stop> {
        // Taken out, because output needs the whole context.
        let mut record = std::mem::take(&mut self.run.record);
        let outcome = match &mut record {
            Recording::Replay(replay) => {
                let call_bytes = self.limits.call_bytes;
                replay.answer(name, arguments, memory, call_bytes, |stream, count, memory| {
                    charge_output(&mut self.output_left, count as usize)?;
                    self.show(stream, count as usize, arguments, memory);
                    Ok(())
                })
            }
            _ => Err(Stop::Diverged),
        };
        self.run.record = record;
        outcome
    }

    /// Writes to a standard stream what a recorded `fd_write` wrote. The guest does not see an error there.
    fn show(&mut self, stream: u32, count: usize, arguments: &[u64], memory: &GuestMemory<'_>) {
        let &[_, pointer, number, ..] = arguments else { return };
        let iovecs = Iovecs::new(pointer as u32, number as u32, self.limits.call_bytes);
        let mut buffers = Buffers::new();
        if iovecs.gather(memory, &mut buffers).is_err() {
            return;
        }
        let all: Vec<u8> = buffers.iter().flat_map(|slice| slice.iter().copied()).collect();
        let mut left = all.get(..count).unwrap_or(&all);
        while !left.is_empty() {
            let Ok(Descriptor::File(open)) = self.table.get_mut(Fd(stream)) else { return };
            if self.run.watch.await_ready(&*open.file, PollFlags::OUT).is_err() {
                return;
            }
            match open.file.write(&[IoSlice::new(left)]) {
                Ok(written) if written > 0 => left = left.get(written..).unwrap_or_default(),
                _ => return,
            }
        }
    }
}
