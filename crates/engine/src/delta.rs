//! What differs between an image and the memory of an instance that started from it.
//!
//! A page that differs is kept as those of its 64 chunks that do: most blocks of
//! Python touch dozens of pages, reference counts mostly, and change a few
//! hundred bytes. Pages that did not change since the snapshot before are shared
//! with it.

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use super::image::Image;
use super::pages::{self, PAGE};

/// Bytes in a chunk: a page has as many as a `u64` has bits.
pub(super) const CHUNK: usize = PAGE / 64;

/// Changed pages by their number, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Delta(Vec<(u32, Arc<Changed>)>);

/// The chunks of one page that differ from the image's.
#[derive(Debug)]
struct Changed {
    /// Bit n stands for chunk n.
    chunks: u64,
    /// Where their bytes lie in a buffer that the pages of one snapshot share.
    start: usize,
    buffer: Arc<Vec<u8>>,
}

/// Bytes in a large buffer. It goes when the last of its pages is not needed any more, so it is not as
/// large as it could be.
const BUFFER: usize = 16 << 20;

/// A buffer of more than this is made at once, for all that may come.
const SMALL: usize = 1 << 20;

impl Delta {
    /// What differs in `written`, which are ranges of whole pages of `memory`, as far as it has
    /// changed since `before`; the rest is shared with that.
    pub(super) fn of(memory: &[u8], written: &[Range<usize>], image: &Image, before: &Self) -> Self {
        let mut pages = Pages::default();
        let mut earlier = before.0.iter().peekable();
        let mut left = written.iter().map(ExactSizeIterator::len).sum();
        for range in written {
            for number in range.start / PAGE..range.end.div_ceil(PAGE) {
                let Some(page) = memory.get(number * PAGE..).and_then(|rest| rest.first_chunk()) else {
                    continue;
                };
                while earlier.next_if(|(other, _)| (*other as usize) < number).is_some() {}
                let known = earlier.next_if(|(other, _)| *other as usize == number);
                let base = image.page(number);
                match known {
                    Some((_, changed)) if changed.is(page, base) => {
                        pages.shared.push((number as u32, Arc::clone(changed)));
                    }
                    _ => pages.add(number as u32, base, page, left),
                }
                left = left.saturating_sub(PAGE);
            }
        }
        Self(pages.finish())
    }

    /// Changes `memory`, which is equal to the image, to what it was.
    pub(super) fn apply(&self, memory: &mut [u8]) {
        for (number, changed) in &self.0 {
            let start = *number as usize * PAGE;
            if let Some(page) = memory.get_mut(start..).and_then(|rest| rest.first_chunk_mut()) {
                changed.apply(page);
            }
        }
    }

    /// Bytes that it takes, shared ones included.
    pub(super) fn size(&self) -> usize {
        let fixed = size_of::<(u32, Arc<Changed>)>() + size_of::<Changed>() + 2 * size_of::<usize>();
        self.0.iter().map(|(_, changed)| fixed + changed.bytes().len()).sum()
    }

    /// Bytes that it takes and `before` does not.
    pub(super) fn added_to(&self, before: &Self) -> usize {
        let mut earlier = before.0.iter().peekable();
        let mut added = 0;
        for (number, changed) in &self.0 {
            while earlier.next_if(|(other, _)| other < number).is_some() {}
            let shared = earlier.next_if(|(other, _)| other == number);
            if !shared.is_some_and(|(_, shared)| Arc::ptr_eq(shared, changed)) {
                added += size_of::<Changed>() + 2 * size_of::<usize>() + changed.bytes().len();
            }
        }
        added + self.0.len() * size_of::<(u32, Arc<Changed>)>()
    }

    /// Bytes that are not shared with another delta.
    #[cfg(test)]
    fn own_pages(&self) -> usize {
        self.0.iter().filter(|(_, changed)| Arc::strong_count(changed) == 1).count()
    }

    /// Each changed page: its number, the mask of its chunks, their bytes.
    pub(super) fn pages(&self) -> impl ExactSizeIterator<Item = (u32, u64, &[u8])> {
        self.0.iter().map(|(number, changed)| (*number, changed.chunks, changed.bytes()))
    }

    /// The delta with these pages; none unless they are in order and as long as their masks say.
    pub(super) fn from_pages(pages: impl IntoIterator<Item = (u32, u64, Box<[u8]>)>) -> Option<Self> {
        let mut delta = Vec::new();
        let mut next = 0;
        for (number, chunks, bytes) in pages {
            if number < next || bytes.len() != chunks.count_ones() as usize * CHUNK {
                return None;
            }
            next = number.checked_add(1)?;
            delta.push((number, Arc::new(Changed { chunks, start: 0, buffer: Arc::new(bytes.into()) })));
        }
        Some(Self(delta))
    }
}

/// The pages of a delta that is being made.
#[derive(Default)]
struct Pages {
    shared: Vec<(u32, Arc<Changed>)>,
    /// Those of the present buffer: number, chunks and start.
    new: Vec<(u32, u64, usize)>,
    buffer: Vec<u8>,
}

impl Pages {
    /// Adds what differs; `left` bytes are still to be looked at.
    fn add(&mut self, number: u32, base: &[u8; PAGE], page: &[u8; PAGE], left: usize) {
        let chunks = differing(base, page);
        if chunks == 0 {
            return;
        }
        if self.buffer.len() + PAGE > BUFFER.min(self.buffer.capacity().max(SMALL)) {
            self.close();
            self.buffer.reserve_exact(left.min(BUFFER));
            pages::expect_fill(&mut self.buffer);
        }
        self.new.push((number, chunks, self.buffer.len()));
        if chunks == u64::MAX {
            self.buffer.extend_from_slice(page);
            return;
        }
        for (index, chunk) in page.chunks_exact(CHUNK).enumerate() {
            if chunks & (1 << index) != 0 {
                self.buffer.extend_from_slice(chunk);
            }
        }
    }

    /// Begins a new buffer.
    fn close(&mut self) {
        let mut buffer = mem::take(&mut self.buffer);
        if buffer.len() < SMALL {
            buffer.shrink_to_fit();
        }
        let buffer = Arc::new(buffer);
        let changed = self.new.drain(..).map(|(number, chunks, start)| {
            (number, Arc::new(Changed { chunks, start, buffer: Arc::clone(&buffer) }))
        });
        self.shared.extend(changed);
    }

    fn finish(mut self) -> Vec<(u32, Arc<Changed>)> {
        self.close();
        self.shared.sort_unstable_by_key(|(number, _)| *number);
        self.shared
    }
}

/// The chunks in which two pages differ.
fn differing(base: &[u8; PAGE], page: &[u8; PAGE]) -> u64 {
    if base == page {
        return 0;
    }
    let chunks = base.chunks_exact(CHUNK).zip(page.chunks_exact(CHUNK)).enumerate();
    chunks.fold(0, |mask, (index, (old, new))| mask | u64::from(old != new) << index)
}

impl Changed {
    fn bytes(&self) -> &[u8] {
        let len = self.chunks.count_ones() as usize * CHUNK;
        self.buffer.get(self.start..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }

    fn apply(&self, page: &mut [u8; PAGE]) {
        let mut bytes = self.bytes().chunks_exact(CHUNK);
        for (index, chunk) in page.chunks_exact_mut(CHUNK).enumerate() {
            if self.chunks & (1 << index) != 0
                && let Some(bytes) = bytes.next()
            {
                chunk.copy_from_slice(bytes);
            }
        }
    }

    /// Whether these changes of `base` give `page`.
    fn is(&self, page: &[u8; PAGE], base: &[u8; PAGE]) -> bool {
        if self.chunks == u64::MAX {
            return self.bytes() == page;
        }
        let mut bytes = self.bytes().chunks_exact(CHUNK);
        base.chunks_exact(CHUNK).zip(page.chunks_exact(CHUNK)).enumerate().all(|(index, (old, new))| {
            if self.chunks & (1 << index) != 0 { bytes.next() == Some(new) } else { old == new }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_turns_the_image_into_the_memory() {
        let base = vec![7; 8 * PAGE];
        let image = Image::of(&base, 0).unwrap();
        let mut memory = base.clone();
        memory.resize(9 * PAGE, 0);
        memory[PAGE + 100] = 1;
        memory[3 * PAGE..4 * PAGE].fill(0);
        memory[8 * PAGE + 4095] = 9;
        let delta = Delta::of(&memory, &[PAGE..2 * PAGE, 2 * PAGE..9 * PAGE], &image, &Delta::default());
        assert_eq!(delta.pages().map(|(number, ..)| number).collect::<Vec<_>>(), [1, 3, 8]);
        assert_eq!(delta.pages().map(|(.., bytes)| bytes.len()).sum::<usize>(), CHUNK + PAGE + CHUNK);
        let mut restored = base;
        restored.resize(9 * PAGE, 0);
        delta.apply(&mut restored);
        assert!(restored == memory);
    }

    #[test]
    fn what_did_not_change_is_shared_with_the_delta_before() {
        let mut memory = vec![7; 8 * PAGE];
        let image = Image::of(&memory, 0).unwrap();
        memory[0] = 1;
        memory[5 * PAGE] = 1;
        let all = std::slice::from_ref(&(0..8 * PAGE));
        let first = Delta::of(&memory, all, &image, &Delta::default());
        memory[5 * PAGE + 1] = 2;
        let second = Delta::of(&memory, all, &image, &first);
        assert_eq!((first.own_pages(), second.own_pages()), (1, 1));
        memory[5 * PAGE..5 * PAGE + 2].fill(7);
        let third = Delta::of(&memory, all, &image, &second);
        assert_eq!(third.pages().map(|(number, ..)| number).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn many_changed_pages_are_kept_in_several_buffers() {
        let base = vec![7; 3 * BUFFER];
        let image = Image::of(&base, 0).unwrap();
        let memory: Vec<u8> = (0..base.len()).map(|at| (at / PAGE % 251) as u8).collect();
        let range = 0..memory.len();
        let all = std::slice::from_ref(&range);
        let first = Delta::of(&memory, all, &image, &Delta::default());
        let mut restored = base.clone();
        first.apply(&mut restored);
        assert!(restored == memory);
        let second = Delta::of(&memory, all, &image, &first);
        assert_eq!(second.own_pages(), 0, "all of it is shared");
        let same = memory.chunks(PAGE).filter(|page| page[0] == 7).count();
        assert_eq!(second.pages().len(), memory.len() / PAGE - same);
    }

    #[test]
    fn pages_that_make_no_sense_are_refused() {
        let page = |number, chunks, len| (number, chunks, vec![0; len].into());
        assert!(Delta::from_pages([page(1, 0b101, 128), page(2, 1, 64)]).is_some());
        assert!(Delta::from_pages([page(1, 0b101, 64)]).is_none());
        assert!(Delta::from_pages([page(2, 1, 64), page(1, 1, 64)]).is_none());
        assert!(Delta::from_pages([page(2, 1, 64), page(2, 1, 64)]).is_none());
    }
}
