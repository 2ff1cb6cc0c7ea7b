//! The difference between an image and the memory of an instance that started from it.
//!
//! A page has 64 chunks, and only those that differ are kept: most blocks of Python touch dozens of pages,
//! mainly for reference counts, and change a few hundred bytes. Pages that did not change since the previous
//! snapshot are shared with it.

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use super::image::Image;
use super::pages::{self, PAGE};

/// Bytes in a chunk. A page has as many chunks as a `u64` has bits.
pub(super) const CHUNK: usize = PAGE / 64;

/// The pages that differ, by number, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Delta(Vec<(u32, Arc<PageDelta>)>);

/// The chunks of one page that differ from the image's.
#[derive(Debug)]
struct PageDelta {
    /// Bit n stands for chunk n.
    chunks: u64,
    /// The index of the first chunk's bytes in `buffer`, which the pages of one snapshot share.
    start: usize,
    buffer: Arc<Vec<u8>>,
}

/// Bytes in the largest buffer. A buffer is freed with the last page that uses it, so one for everything
/// would live too long.
const BUFFER: usize = 16 << 20;

/// Bytes up to which a buffer grows as it is filled. A larger one is allocated at once, for all that may
/// follow.
const SMALL: usize = 1 << 20;

impl Delta {
    /// Compares `written`, ranges of whole pages of `memory`, with the image. Pages that are as they were in
    /// `before` are shared with it.
    pub(super) fn of(memory: &[u8], written: &[Range<usize>], image: &Image, before: &Self) -> Self {
        let mut pages = Builder::default();
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
                    Some((_, changed)) if changed.matches(page, base) => {
                        pages.done.push((number as u32, Arc::clone(changed)));
                    }
                    _ => pages.add(number as u32, base, page, left),
                }
                left = left.saturating_sub(PAGE);
            }
        }
        Self(pages.finish())
    }

    /// Applies the difference to memory that is equal to the image.
    pub(super) fn apply(&self, memory: &mut [u8]) {
        for (number, changed) in &self.0 {
            let start = *number as usize * PAGE;
            if let Some(page) = memory.get_mut(start..).and_then(|rest| rest.first_chunk_mut()) {
                changed.apply(page);
            }
        }
    }

    /// Returns the bytes that the delta takes, including those that it shares.
    pub(super) fn size(&self) -> usize {
        let fixed = size_of::<(u32, Arc<PageDelta>)>() + size_of::<PageDelta>() + 2 * size_of::<usize>();
        self.0.iter().map(|(_, changed)| fixed + changed.bytes().len()).sum()
    }

    /// Returns the bytes that the delta takes and `before` does not.
    pub(super) fn added_to(&self, before: &Self) -> usize {
        let mut earlier = before.0.iter().peekable();
        let mut added = 0;
        for (number, changed) in &self.0 {
            while earlier.next_if(|(other, _)| other < number).is_some() {}
            let shared = earlier.next_if(|(other, _)| other == number);
            if !shared.is_some_and(|(_, shared)| Arc::ptr_eq(shared, changed)) {
                added += size_of::<PageDelta>() + 2 * size_of::<usize>() + changed.bytes().len();
            }
        }
        added + self.0.len() * size_of::<(u32, Arc<PageDelta>)>()
    }

    /// Returns the number of pages that are not shared with another delta.
    #[cfg(test)]
    fn own_pages(&self) -> usize {
        self.0.iter().filter(|(_, changed)| Arc::strong_count(changed) == 1).count()
    }

    /// Returns each page that differs: its number, the mask of its chunks, their bytes.
    pub(super) fn pages(&self) -> impl ExactSizeIterator<Item = (u32, u64, &[u8])> {
        self.0.iter().map(|(number, changed)| (*number, changed.chunks, changed.bytes()))
    }

    /// Returns the delta with these pages. `None` unless they are in order and as long as their masks say.
    pub(super) fn from_pages(pages: impl IntoIterator<Item = (u32, u64, Box<[u8]>)>) -> Option<Self> {
        let mut delta = Vec::new();
        let mut next = 0;
        for (number, chunks, bytes) in pages {
            if number < next || bytes.len() != chunks.count_ones() as usize * CHUNK {
                return None;
            }
            next = number.checked_add(1)?;
            delta.push((number, Arc::new(PageDelta { chunks, start: 0, buffer: Arc::new(bytes.into()) })));
        }
        Some(Self(delta))
    }
}

/// Collects the pages of a delta.
#[derive(Default)]
struct Builder {
    /// Pages that are shared with an earlier delta, and those of finished buffers.
    done: Vec<(u32, Arc<PageDelta>)>,
    /// The pages of the current buffer: number, chunks and start.
    new: Vec<(u32, u64, usize)>,
    buffer: Vec<u8>,
}

impl Builder {
    /// Adds a page if it differs. `left` bytes, this page included, are still to be compared.
    fn add(&mut self, number: u32, base: &[u8; PAGE], page: &[u8; PAGE], left: usize) {
        let chunks = differing(base, page);
        if chunks == 0 {
            return;
        }
        if self.buffer.len() + PAGE > BUFFER.min(self.buffer.capacity().max(SMALL)) {
            self.close();
            self.buffer.reserve_exact(left.min(BUFFER));
            pages::advise_huge_pages(&mut self.buffer);
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

    /// Finishes the current buffer and starts a new one.
    fn close(&mut self) {
        let mut buffer = mem::take(&mut self.buffer);
        if buffer.len() < SMALL {
            buffer.shrink_to_fit();
        }
        let buffer = Arc::new(buffer);
        let changed = self.new.drain(..).map(|(number, chunks, start)| {
            (number, Arc::new(PageDelta { chunks, start, buffer: Arc::clone(&buffer) }))
        });
        self.done.extend(changed);
    }

    fn finish(mut self) -> Vec<(u32, Arc<PageDelta>)> {
        self.close();
        self.done.sort_unstable_by_key(|(number, _)| *number);
        self.done
    }
}

/// Returns the mask of the chunks in which two pages differ.
fn differing(base: &[u8; PAGE], page: &[u8; PAGE]) -> u64 {
    if base == page {
        return 0;
    }
    let chunks = base.chunks_exact(CHUNK).zip(page.chunks_exact(CHUNK)).enumerate();
    chunks.fold(0, |mask, (index, (old, new))| mask | u64::from(old != new) << index)
}

impl PageDelta {
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

    /// Returns whether these chunks turn `base` into `page`.
    fn matches(&self, page: &[u8; PAGE], base: &[u8; PAGE]) -> bool {
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
    fn unchanged_pages_are_shared_with_the_previous_delta() {
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
        assert_eq!(second.own_pages(), 0, "all pages are shared");
        let same = memory.chunks(PAGE).filter(|page| page[0] == 7).count();
        assert_eq!(second.pages().len(), memory.len() / PAGE - same);
    }

    #[test]
    fn pages_out_of_order_or_of_the_wrong_length_are_refused() {
        let page = |number, chunks, len| (number, chunks, vec![0; len].into());
        assert!(Delta::from_pages([page(1, 0b101, 128), page(2, 1, 64)]).is_some());
        assert!(Delta::from_pages([page(1, 0b101, 64)]).is_none());
        assert!(Delta::from_pages([page(2, 1, 64), page(1, 1, 64)]).is_none());
        assert!(Delta::from_pages([page(2, 1, 64), page(2, 1, 64)]).is_none());
    }
}
