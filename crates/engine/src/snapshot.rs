//! The state of an instance between two calls: an image, and the chunks that differ from it.

use std::ops::Range;
use std::slice;
use std::sync::Arc;

use python_wasm_contract::{ADDRESSABLE, WASM_PAGE};

use super::delta::{CHUNK, Delta};
use super::image::{Image, live_start};
use super::pages::PAGE;

/// The memory and the stack pointer of an instance between two calls, from which others start, in any thread.
/// Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Snapshot {
    image: Image,
    delta: Arc<Delta>,
    len: usize,
    stack_pointer: i32,
}

impl Image {
    /// Returns the snapshot of an instance that has exactly this memory.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            image: self.clone(),
            delta: Arc::default(),
            len: self.memory_size(),
            stack_pointer: self.stack_pointer(),
        }
    }
}

impl Snapshot {
    /// Takes a snapshot of a memory that began as `image` and of which `written` was written since. It shares
    /// with `before`, an earlier one, what did not change. The instance must be between two calls.
    pub(super) fn of(
        memory: &[u8],
        written: &[Range<usize>],
        image: &Image,
        before: Option<&Self>,
        stack_pointer: i32,
    ) -> Self {
        let live = live_start(stack_pointer);
        let written: Vec<_> = written
            .iter()
            .map(|range| range.start.max(live)..range.end)
            .filter(|range| !range.is_empty())
            .collect();
        let none = Delta::default();
        let before =
            before.filter(|before| before.image.is_same(image)).map_or(&none, |before| &*before.delta);
        let delta = Delta::of(memory, &written, image, before);
        Self { image: image.clone(), delta: delta.into(), len: memory.len(), stack_pointer }
    }

    /// Returns the size of the memory in bytes.
    pub fn memory_size(&self) -> usize {
        self.len
    }

    /// Returns the bytes that this snapshot holds beside its image, including those that it shares with other
    /// snapshots.
    pub fn size(&self) -> usize {
        self.delta.size()
    }

    /// Returns the bytes that this snapshot holds and `before`, an earlier one of the same instance, does
    /// not.
    pub fn added_to(&self, before: &Self) -> usize {
        if self.image.is_same(&before.image) {
            self.delta.added_to(&before.delta)
        } else {
            self.image.added_to(&before.image) + self.delta.size()
        }
    }

    pub(super) fn image(&self) -> &Image {
        &self.image
    }

    pub(super) fn stack_pointer(&self) -> i32 {
        self.stack_pointer
    }

    /// Applies the difference to memory that is equal to the image.
    pub(super) fn apply(&self, memory: &mut [u8]) {
        self.delta.apply(memory);
    }

    /// Encodes this state as the difference from `base`, to be stored.
    pub fn encode(&self, base: &Image) -> Vec<u8> {
        let delta = if self.image.is_equal(base) { None } else { Some(self.delta_to(base)) };
        let delta = delta.as_ref().unwrap_or(&self.delta);
        let mut encoded = (self.len as u64).to_le_bytes().to_vec();
        encoded.extend(self.stack_pointer.to_le_bytes());
        encoded.extend((delta.pages().len() as u32).to_le_bytes());
        for (number, chunks, bytes) in delta.pages() {
            encoded.extend(number.to_le_bytes());
            encoded.extend(chunks.to_le_bytes());
            encoded.extend(bytes);
        }
        encoded
    }

    /// Decodes a snapshot that [`encode`](Self::encode) made with the same base. `None` if it is damaged.
    pub fn decode(mut encoded: &[u8], base: &Image) -> Option<Self> {
        let len = usize::try_from(u64::from_le_bytes(take(&mut encoded)?)).ok()?;
        let stack_pointer = i32::from_le_bytes(take(&mut encoded)?);
        let count = u32::from_le_bytes(take(&mut encoded)?);
        let mut pages = Vec::new();
        for _ in 0..count {
            let number = u32::from_le_bytes(take(&mut encoded)?);
            let chunks = u64::from_le_bytes(take(&mut encoded)?);
            let (bytes, rest) = encoded.split_at_checked(chunks.count_ones() as usize * CHUNK)?;
            encoded = rest;
            pages.push((number, chunks, bytes.into()));
        }
        let delta = Delta::from_pages(pages)?;
        let last = delta.pages().last().map_or(0, |(number, ..)| (number as usize + 1) * PAGE);
        let is_valid = encoded.is_empty()
            && (len as u64).is_multiple_of(WASM_PAGE)
            && len >= base.memory_size()
            && len as u64 <= ADDRESSABLE
            && last <= len
            && usize::try_from(stack_pointer).is_ok_and(|stack_pointer| stack_pointer <= len);
        is_valid.then(|| Self { image: base.clone(), delta: delta.into(), len, stack_pointer })
    }

    /// Returns the difference from an image other than this snapshot's own.
    fn delta_to(&self, base: &Image) -> Delta {
        let mut memory = vec![0; self.len];
        for (number, page) in memory.chunks_mut(PAGE).enumerate() {
            page.copy_from_slice(&self.image.page(number)[..page.len()]);
        }
        self.apply(&mut memory);
        Delta::of(&memory, slice::from_ref(&(0..memory.len())), base, &Delta::default())
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an image, a snapshot of another image with a change, and the memory of that snapshot.
    fn fixture() -> (Image, Snapshot, Vec<u8>) {
        let mut memory = vec![1; 2 << 16];
        let first = Image::of(&memory, 16).unwrap();
        memory.resize(3 << 16, 0);
        memory[PAGE..2 * PAGE].fill(2);
        let second = Image::of(&memory, 16).unwrap();
        memory[70_000] = 3;
        memory[180_000] = 4;
        let snapshot = Snapshot::of(&memory, slice::from_ref(&(0..memory.len())), &second, None, 16);
        (first, snapshot, memory)
    }

    #[test]
    fn a_snapshot_is_encoded_as_the_difference_from_any_base() {
        let (first, snapshot, memory) = fixture();
        let encoded = snapshot.encode(&first);
        assert!(encoded.len() < 2 * PAGE, "{}", encoded.len());
        let decoded = Snapshot::decode(&encoded, &first).unwrap();
        let mut restored = vec![1; 2 << 16];
        restored.resize(decoded.memory_size(), 0);
        decoded.apply(&mut restored);
        assert!(restored == memory);
        assert_eq!(decoded.stack_pointer(), 16);
    }

    #[test]
    fn a_damaged_snapshot_is_refused() {
        let (first, snapshot, _) = fixture();
        let encoded = snapshot.encode(&first);
        assert!(Snapshot::decode(&encoded[..encoded.len() - 1], &first).is_none());
        assert!(Snapshot::decode(&[&encoded[..], &[0]].concat(), &first).is_none());
        // The length, the stack pointer, the number of pages, the first page's number and mask.
        for at in [0, 4, 11, 12, 19, 20] {
            let mut damaged = encoded.clone();
            damaged[at] ^= 0xff;
            assert!(Snapshot::decode(&damaged, &first).is_none(), "{at}");
        }
    }
}
