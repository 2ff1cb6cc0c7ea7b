//! The memory of an instance between two calls, from which others start. It is mapped, and never changes.
//!
//! Memory begins with the guest's stack, which grows down from the stack pointer. What is below that was left
//! by calls that have returned: it is dead, and counts as zeros.
//!
//! An image may be layered over another one: then it holds the pages that were written since, and shares the
//! rest.
//!
//! The file `encoded` has the form that the build embeds into the binary.

mod encoded;

use std::fs::File;
use std::io;
use std::iter;
use std::ops::Range;
use std::sync::Arc;

pub(super) use self::encoded::encode;
use super::layer::Layer;
use super::pages::{PAGE, ZEROS, page_size};

/// Bytes between two runs up to which they become one: a mapping costs more than a few pages of zeros.
const GAP: usize = 64 * 1024;

/// The same for an image that is layered over another one. Each run is a mapping in every instance.
const WIDE_GAP: usize = 256 * 1024;

/// Runs that an image may have; one that would have more is copied into a single run.
const MOST_RUNS: usize = 256;

/// Immutable memory from which instances start. Cloning is cheap: clones share the contents.
#[derive(Clone, Debug)]
pub struct Image(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    /// In the order of their addresses, without overlap.
    runs: Vec<Run>,
    len: usize,
    stack_pointer: i32,
    /// The encoded form that this was read from, if it is a part of this executable.
    origin: Option<&'static [u8]>,
}

/// A range of the memory that is not all zero, and its place in a file.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) offset: u64,
    layer: Arc<Layer>,
}

/// A run without its layer: address, length, offset in the file.
type Place = (usize, usize, u64);

impl Run {
    fn of(layer: &Arc<Layer>, (start, len, offset): Place) -> Self {
        Self { start, len, offset, layer: Arc::clone(layer) }
    }

    fn end(&self) -> usize {
        self.start + self.len
    }

    pub(super) fn file(&self) -> &File {
        &self.layer.file
    }

    /// Returns the part of the run in a range of addresses. `None` if there is none.
    fn within(&self, range: Range<usize>) -> Option<Self> {
        let (start, end) = (self.start.max(range.start), self.end().min(range.end));
        let offset = self.offset + start.checked_sub(self.start)? as u64;
        let len = end.checked_sub(start).filter(|&len| len > 0)?;
        Some(Self { start, len, offset, layer: Arc::clone(&self.layer) })
    }
}

impl Image {
    /// Copies a memory into an image of its own.
    pub(super) fn of(memory: &[u8], stack_pointer: i32) -> io::Result<Self> {
        let runs = runs(memory, stack_pointer, GAP);
        let parts = runs.iter().map(|run| (run.start, &memory[run.clone()]));
        Self::copy(parts, memory.len(), stack_pointer, None)
    }

    /// Copies parts, each with its address, into an image of at most one run.
    fn copy<'a>(
        parts: impl Iterator<Item = (usize, &'a [u8])> + Clone,
        len: usize,
        stack_pointer: i32,
        origin: Option<&'static [u8]>,
    ) -> io::Result<Self> {
        let start = parts.clone().map(|(at, _)| at / page_size() * page_size()).min().unwrap_or(len);
        let layer = Arc::new(Layer::new(parts, len)?);
        let runs =
            if start == len { vec![] } else { vec![Run::of(&layer, (start, len - start, start as u64))] };
        Ok(Self(Arc::new(Contents { runs, len, stack_pointer, origin })))
    }

    /// Returns the image of a memory that began as this image and of which `written`, ranges of the host's
    /// pages, were written since. It is layered over this one, and takes as long as copying those ranges.
    ///
    /// Beside it, returns the ranges that the new image does not share; `None` if it shares nothing, because
    /// layering would have made too many runs.
    pub(super) fn layered(
        &self,
        memory: &[u8],
        written: &[Range<usize>],
        stack_pointer: i32,
    ) -> io::Result<(Self, Option<Vec<Range<usize>>>)> {
        let own = merged(written.iter().cloned().chain(self.nearly_hidden_by(written)), stack_pointer);
        let layer = Arc::new(Layer::new(
            own.iter().map(|range| (range.start, &memory[range.clone()])),
            memory.len(),
        )?);
        let mut runs = Vec::new();
        let mut from = 0;
        for range in own.iter().cloned().chain(iter::once(memory.len()..memory.len())) {
            runs.extend(self.0.runs.iter().filter_map(|run| run.within(from..range.start)));
            from = range.end;
            if !range.is_empty() {
                runs.push(Run::of(&layer, (range.start, range.len(), range.start as u64)));
            }
        }
        if runs.len() > MOST_RUNS {
            return Ok((Self::of(memory, stack_pointer)?, None));
        }
        let contents = Contents { runs, len: memory.len(), stack_pointer, origin: None };
        Ok((Self(Arc::new(contents)), Some(own)))
    }

    /// Returns the runs of layers that `written` mostly covers. Copying what is still visible of them lets
    /// those layers be freed.
    fn nearly_hidden_by(&self, written: &[Range<usize>]) -> Vec<Range<usize>> {
        let covered = |run: &Run| {
            let first = written.partition_point(|range| range.end <= run.start);
            let over = written[first..].iter().take_while(|range| range.start < run.end());
            over.map(|range| range.end.min(run.end()) - range.start.max(run.start)).sum::<usize>()
        };
        let layers = self.layers();
        let little = layers.iter().filter(|layer| {
            let runs = self.0.runs.iter().filter(|run| Arc::ptr_eq(&run.layer, layer));
            let seen: usize = runs.map(|run| run.len - covered(run)).sum();
            layer.is_own() && seen < layer.stored / 4
        });
        let little: Vec<_> = little.collect();
        let runs = self.0.runs.iter().filter(|run| little.iter().any(|layer| Arc::ptr_eq(&run.layer, layer)));
        runs.map(|run| run.start..run.end()).collect()
    }

    /// Returns each layer once.
    fn layers(&self) -> Vec<&Arc<Layer>> {
        let mut layers: Vec<&Arc<Layer>> = Vec::new();
        for Run { layer, .. } in &self.0.runs {
            if !layers.iter().any(|known| Arc::ptr_eq(known, layer)) {
                layers.push(layer);
            }
        }
        layers
    }

    /// Returns the size of the memory in bytes.
    pub fn memory_size(&self) -> usize {
        self.0.len
    }

    /// Returns the guest's stack pointer.
    pub(super) fn stack_pointer(&self) -> i32 {
        self.0.stack_pointer
    }

    pub(super) fn runs(&self) -> &[Run] {
        &self.0.runs
    }

    /// Returns the bytes that this image holds and `before` does not.
    pub(super) fn added_to(&self, before: &Self) -> usize {
        let earlier = before.layers();
        let new = |layer: &&Arc<Layer>| !earlier.iter().any(|known| Arc::ptr_eq(known, layer));
        self.layers().into_iter().filter(new).map(|layer| layer.stored).sum()
    }

    /// Returns whether the two have the same contents because they were read from the same place.
    pub(super) fn is_equal(&self, other: &Self) -> bool {
        let origins = self.0.origin.zip(other.0.origin);
        self.is_same(other) || origins.is_some_and(|(one, other)| std::ptr::eq(one, other))
    }

    /// Returns whether the two are clones of one image.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns the page of this number: zeros where there is no run, or beyond the end.
    pub(super) fn page(&self, number: usize) -> &[u8; PAGE] {
        self.find_page(number).unwrap_or(&ZEROS)
    }

    fn find_page(&self, number: usize) -> Option<&[u8; PAGE]> {
        let start = number.checked_mul(PAGE)?;
        let runs = &self.0.runs;
        let run = runs.get(runs.partition_point(|run| run.end() <= start))?;
        let inside = start.checked_sub(run.start)?;
        run.layer.bytes_from(run.offset + inside as u64)?.first_chunk()
    }
}

/// Returns the address of the first page that is not all dead stack.
pub(super) fn live_start(stack_pointer: i32) -> usize {
    usize::try_from(stack_pointer).unwrap_or(0) / PAGE * PAGE
}

/// Returns the ranges of pages that are not all zero. Those with at most `gap` bytes between them are one.
fn runs(memory: &[u8], stack_pointer: i32, gap: usize) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    for (number, page) in memory.chunks(PAGE).enumerate().skip(live_start(stack_pointer) / PAGE) {
        if *page != ZEROS[..page.len()] {
            let start = number * PAGE;
            append(&mut runs, start..start + page.len(), gap);
        }
    }
    runs
}

/// Merges ranges of the host's pages into fewer, larger ones, and leaves dead stack out.
fn merged(ranges: impl Iterator<Item = Range<usize>>, stack_pointer: i32) -> Vec<Range<usize>> {
    let live = live_start(stack_pointer) / page_size() * page_size();
    let ranges = ranges.map(|range| range.start.max(live)..range.end);
    let mut sorted: Vec<_> = ranges.filter(|range| !range.is_empty()).collect();
    sorted.sort_unstable_by_key(|range| range.start);
    let mut merged = Vec::new();
    for range in sorted {
        append(&mut merged, range, WIDE_GAP);
    }
    merged
}

/// Appends a range; extends the last one instead if the gap between them is at most `gap` bytes.
fn append(ranges: &mut Vec<Range<usize>>, next: Range<usize>, gap: usize) {
    match ranges.last_mut() {
        Some(last) if next.start <= last.end + gap => last.end = last.end.max(next.end),
        _ => ranges.push(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a memory with one byte in page 5, and pages 40 and 41 filled.
    pub(super) fn memory() -> Vec<u8> {
        let mut memory = vec![0; 64 * PAGE];
        memory[5 * PAGE + 7] = 1;
        memory[40 * PAGE..42 * PAGE].fill(2);
        memory
    }

    /// Returns the runs, in pages.
    fn places(image: &Image) -> Vec<Range<usize>> {
        image.runs().iter().map(|run| run.start / PAGE..run.end() / PAGE).collect()
    }

    #[test]
    fn an_image_over_another_holds_the_written_pages() {
        let mut memory = vec![1; 512 * PAGE];
        let first = Image::of(&memory, 8).unwrap();
        memory.resize(600 * PAGE, 0);
        memory[100 * PAGE..104 * PAGE].fill(2);
        memory[599 * PAGE..].fill(3);
        let pages = |range: Range<usize>| range.start * PAGE..range.end * PAGE;
        let written = [pages(100..104), pages(599..600)];
        let (second, own) = first.layered(&memory, &written, 8).unwrap();
        assert_eq!(own, Some(written.to_vec()));
        assert_eq!(places(&second), [0..100, 100..104, 104..512, 599..600]);
        assert_eq!((second.added_to(&first), second.memory_size()), (5 * PAGE, 600 * PAGE));
        for (number, page) in memory.chunks(PAGE).enumerate() {
            assert_eq!(second.page(number), page, "{number}");
        }
        // One page in five of the last layer is still visible, so it is copied and the layer freed.
        memory[100 * PAGE..104 * PAGE].fill(4);
        let (third, own) = second.layered(&memory, &written[..1], 8).unwrap();
        assert_eq!(own, Some(written.to_vec()));
        assert_eq!(third.layers().len(), 2);
        for (number, page) in memory.chunks(PAGE).enumerate() {
            assert_eq!(third.page(number), page, "{number}");
        }
    }

    #[test]
    fn an_image_of_too_many_runs_is_copied_into_one_run() {
        let memory = vec![1; 80 * PAGE * MOST_RUNS];
        let first = Image::of(&memory, 0).unwrap();
        let written: Vec<_> = (0..MOST_RUNS).map(|n| n * 80 * PAGE..(n * 80 + 1) * PAGE).collect();
        let (second, own) = first.layered(&memory, &written, 0).unwrap();
        assert_eq!((second.runs().len(), own), (1, None));
    }

    #[test]
    fn an_image_has_the_pages_of_its_memory() {
        let memory = memory();
        let image = Image::of(&memory, 8).unwrap();
        assert_eq!((image.memory_size(), image.stack_pointer()), (memory.len(), 8));
        assert_eq!(places(&image).as_slice(), std::slice::from_ref(&(5..64)));
        for (number, page) in memory.chunks(PAGE).enumerate() {
            assert_eq!(image.page(number), page, "{number}");
        }
        assert_eq!(image.page(64), &ZEROS);
    }

    #[test]
    fn dead_stack_counts_as_zeros() {
        let image = Image::of(&memory(), 6 * PAGE as i32 + 1).unwrap();
        assert_eq!(image.page(5), &ZEROS);
        assert_eq!(image.page(41)[0], 2);
    }
}
