//! Time, entropy and waiting, as JavaScript has them.

use wasi_core::types::{ClockId, Timestamp};
use wasi_core::{Errno, Interrupt, PollFlags, Result, System};

use crate::imports;
use crate::stream::errno;

/// The one system that there is.
pub(crate) struct JavaScript;

/// What [`imports::wait`] returns for a request to the guest.
const INTERRUPT: u32 = 1;
const TERMINATE: u32 = 2;

/// The step of the clocks that browsers promise to isolated pages, in nanoseconds.
const RESOLUTION: Timestamp = 5_000;

impl System for JavaScript {
    fn now(&self, id: ClockId) -> Timestamp {
        imports::now(id as u32)
    }

    fn resolution(&self, _id: ClockId) -> Timestamp {
        RESOLUTION
    }

    fn entropy(&self, bytes: &mut [u8]) -> Result<()> {
        match imports::entropy(bytes) {
            0 => Ok(()),
            _ => Err(Errno::Io),
        }
    }

    fn wait(
        &self,
        interrupt: &Interrupt,
        sources: &[(u32, PollFlags)],
        end: Option<Timestamp>,
    ) -> Vec<PollFlags> {
        let mut asked = Vec::with_capacity(sources.len() * 5);
        for (source, flags) in sources {
            asked.extend(source.to_le_bytes());
            asked.push(flags.bits());
        }
        let mut ready = vec![0; sources.len()];
        let end = end.map_or(-1, |end| i64::try_from(end).unwrap_or(i64::MAX));
        match imports::wait(&asked, &mut ready, end) {
            INTERRUPT => interrupt.interrupt(),
            TERMINATE => interrupt.terminate(),
            _ => {}
        }
        ready.into_iter().map(PollFlags::from_bits_truncate).collect()
    }

    fn window_size(&self, source: u32) -> Result<(u16, u16)> {
        let size = imports::window_size(source);
        if size < 0 {
            return Err(errno(size));
        }
        Ok((size as u16, (size >> 16) as u16))
    }
}
