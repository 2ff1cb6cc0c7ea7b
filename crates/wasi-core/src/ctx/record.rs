//! A context that records its calls, or answers them from a recording.

use std::io::{self, IoSlice};

use rustix::event::PollFlags;

use super::context::WasiCtx;
use crate::layout::Iovecs;
use crate::memory::{Buffers, GuestMemory, Region};
use crate::record::{Recording, writes};
use crate::stop::Stop;
use crate::table::{Descriptor, Origin};
use crate::types::Fd;

impl WasiCtx {
    /// Completes the recording, if there is one, and tells what went wrong with it.
    pub fn finish_recording(&mut self) -> io::Result<()> {
        match &mut self.run.record {
            Recording::Recorder(recorder) => recorder.finish(),
            _ => Ok(()),
        }
    }

    /// How the guest went another way than its recording, asked when it has ended: none if it did not.
    pub fn divergence(&mut self) -> Option<String> {
        match &mut self.run.record {
            Recording::Replay(replay) => replay.divergence(),
            _ => None,
        }
    }

    /// Answers a call of the embedder's own, beside WASI's, from the recording that is replayed:
    /// none if there is none. The caller answers it itself then, and says so by [`note`](Self::note).
    pub fn replayed(&mut self, name: &str, arguments: &[u64], memory: &mut [u8]) -> Option<i32> {
        self.is_replaying().then(|| {
            let answer = self.answer(name, arguments, &mut GuestMemory::new(memory));
            // The guest is stopped before it sees this: see `check_stop`.
            answer.unwrap_or(-1)
        })
    }

    /// Records such a call: what it answered, and what it wrote into the guest's memory.
    pub fn note(&mut self, name: &str, arguments: &[u64], answer: i32, written: &[(u32, &[u8])]) {
        if let Recording::Recorder(recorder) = &mut self.run.record {
            recorder.note(name, arguments, Ok(answer), written, None);
        }
    }

    pub(crate) fn set_recording(&mut self, record: Recording) {
        self.run.record = record;
    }

    /// Whether calls are neither kept nor answered from what was kept.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.run.record, Recording::None)
    }

    pub(crate) fn is_recording(&self) -> bool {
        matches!(self.run.record, Recording::Recorder(_))
    }

    pub(crate) fn is_replaying(&self) -> bool {
        matches!(self.run.record, Recording::Replay(_))
    }

    /// Whether a replay went another way.
    pub(super) fn is_diverged(&self) -> bool {
        matches!(&self.run.record, Recording::Replay(replay) if replay.is_diverged())
    }

    /// The standard stream that a descriptor writes to.
    pub(crate) fn output_stream(&self, fd: u64) -> Option<u32> {
        match self.table.get(Fd(fd as u32)).ok()? {
            Descriptor::File(open) if open.origin == Origin::Output => Some(1),
            Descriptor::File(open) if open.origin == Origin::Error => Some(2),
            _ => None,
        }
    }

    /// Records a call that was answered.
    pub(crate) fn keep(
        &mut self,
        name: &str,
        arguments: &[u64],
        outcome: Result<i32, Stop>,
        memory: &GuestMemory<'_>,
        regions: &[Region],
        stream: Option<u32>,
    ) {
        if let Recording::Recorder(recorder) = &mut self.run.record {
            recorder.note(name, arguments, outcome, &writes(memory, regions), stream);
        }
    }

    /// Answers a call from the recording.
    pub(crate) fn answer(
        &mut self,
        name: &str,
        arguments: &[u64],
        memory: &mut GuestMemory<'_>,
    ) -> Result<i32, Stop> {
        // Taken out so that output finds the whole context.
        let mut record = std::mem::take(&mut self.run.record);
        let outcome = match &mut record {
            Recording::Replay(replay) => replay.answer(name, arguments, memory, |stream, count, memory| {
                self.show(stream, count as usize, arguments, memory);
            }),
            _ => Err(Stop::Diverged),
        };
        self.run.record = record;
        outcome
    }

    /// Writes what a recorded `fd_write` wrote to a standard stream. If that does not take it, it is
    /// no matter of the guest's.
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
