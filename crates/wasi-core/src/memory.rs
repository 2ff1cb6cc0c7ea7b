//! The guest's linear memory. Every byte between host and guest passes here.

use std::cell::OnceCell;
use std::io::IoSlice;

use smallvec::SmallVec;

use crate::errno::{Errno, Result};

/// The number of buffers per call that need no heap. libc passes at most two.
pub(crate) const FEW: usize = 4;

/// The bytes that one call writes, in the form that the host's calls take.
pub(crate) type Buffers<'a> = SmallVec<[IoSlice<'a>; FEW]>;

/// An address in guest memory that was not checked yet.
pub(crate) type Pointer = u32;

/// The memory of a guest that is out of reach of this crate's own code, such as that of another WebAssembly
/// instance. Bytes are copied from and to it.
pub trait RemoteMemory {
    /// Returns the number of bytes, at most 4 GiB.
    fn size(&self) -> u64;

    /// Copies the bytes at `address`, which are inside of memory, into `buffer`.
    fn read(&self, address: u32, buffer: &mut [u8]);

    /// Copies `bytes` to `address`, where they fit.
    fn write(&mut self, address: u32, bytes: &[u8]);
}

/// The guest's memory during one call. [`Errno::Fault`] for anything out of bounds.
pub(crate) struct GuestMemory<'a> {
    place: Place<'a>,
    /// For a recording, the regions that were changed.
    changed: Option<Vec<Region>>,
}

enum Place<'a> {
    /// Borrowed in place.
    Here(&'a mut [u8]),
    /// Copied, region by region.
    Remote { memory: &'a mut dyn RemoteMemory, copies: Copies },
}

/// The regions of a remote memory that were lent during a call: a list that grows while its elements are borrowed.
#[derive(Default)]
struct Copies(OnceCell<Box<(Box<[u8]>, Copies)>>);

impl Copies {
    /// Keeps a copy until the end of the call.
    fn keep(&self, copy: Box<[u8]>) -> &[u8] {
        let mut last = self;
        while let Some(taken) = last.0.get() {
            last = &taken.1;
        }
        &last.0.get_or_init(|| Box::new((copy, Self::default()))).0
    }
}

/// A range of guest bytes that [`GuestMemory::region`] has checked.
///
/// Memory cannot shrink, so a region stays valid during the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    start: Pointer,
    len: u32,
}

impl Region {
    /// Returns the address.
    pub(crate) fn start(self) -> Pointer {
        self.start
    }

    /// Returns the number of bytes.
    pub(crate) fn len(self) -> usize {
        self.len as usize
    }

    /// Returns whether the region has no bytes.
    pub(crate) fn is_empty(self) -> bool {
        self.len == 0
    }

    fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.len()
    }

    /// Returns what follows the first `len` bytes.
    #[must_use]
    pub(crate) fn behind(self, len: usize) -> Self {
        let skipped = self.first(len).len;
        Self { start: self.start + skipped, len: self.len - skipped }
    }

    /// Returns the first `len` bytes, or all if there are fewer.
    #[must_use]
    pub(crate) fn first(self, len: usize) -> Self {
        Self { len: u32::try_from(len).map_or(self.len, |len| self.len.min(len)), ..self }
    }
}

impl<'a> GuestMemory<'a> {
    /// Takes the memory for one call.
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { place: Place::Here(bytes), changed: None }
    }

    /// Takes a memory out of reach for one call.
    pub(crate) fn remote(memory: &'a mut dyn RemoteMemory) -> Self {
        Self { place: Place::Remote { memory, copies: Copies::default() }, changed: None }
    }

    /// Notes all regions that are changed.
    pub(crate) fn noting(self) -> Self {
        Self { changed: Some(Vec::new()), ..self }
    }

    /// Returns the number of bytes.
    pub(crate) fn len(&self) -> u64 {
        match &self.place {
            Place::Here(bytes) => bytes.len() as u64,
            Place::Remote { memory, .. } => memory.size(),
        }
    }

    /// Returns the regions that were changed, in order.
    pub(crate) fn take_changed(&mut self) -> Vec<Region> {
        self.changed.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Checks that `len` bytes at `pointer` are inside of memory. An empty region may be at the very end.
    pub(crate) fn region(&self, pointer: Pointer, len: u32) -> Result<Region> {
        let end = u64::from(pointer) + u64::from(len);
        if end <= self.len() { Ok(Region { start: pointer, len }) } else { Err(Errno::Fault) }
    }

    /// Lends the bytes of a region. Those of a remote memory are as they were when they were first lent.
    pub(crate) fn bytes(&self, region: Region) -> Result<&[u8]> {
        match &self.place {
            Place::Here(bytes) => bytes.get(region.range()).ok_or(Errno::Fault),
            Place::Remote { memory, copies } => {
                let mut copy = zeros(region.len())?;
                memory.read(region.start, &mut copy);
                Ok(copies.keep(copy.into()))
            }
        }
    }

    /// Lets `fill` write into a region, from its beginning, and returns how many bytes it wrote. After an error the
    /// region counts as unchanged.
    pub(crate) fn fill<E: From<Errno>>(
        &mut self,
        region: Region,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let count = match &mut self.place {
            Place::Here(bytes) => fill(bytes.get_mut(region.range()).ok_or(Errno::Fault)?)?,
            Place::Remote { memory, .. } => {
                let mut buffer = zeros(region.len())?;
                let count = fill(&mut buffer)?;
                memory.write(region.start, buffer.get(..count).unwrap_or(&buffer));
                count
            }
        };
        self.note(region.first(count));
        Ok(count)
    }

    /// Lends `len` bytes at `pointer`.
    pub(crate) fn slice(&self, pointer: Pointer, len: u32) -> Result<&[u8]> {
        self.bytes(self.region(pointer, len)?)
    }

    /// Reads `N` bytes at `pointer`.
    pub(crate) fn read_array<const N: usize>(&self, pointer: Pointer) -> Result<[u8; N]> {
        self.slice(pointer, N as u32)?.try_into().map_err(|_| Errno::Fault)
    }

    /// Copies `bytes` to `pointer`.
    pub(crate) fn write(&mut self, pointer: Pointer, bytes: &[u8]) -> Result<()> {
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
        let region = self.region(pointer, len)?;
        self.put(region, bytes)
    }

    /// Copies `bytes` to the beginning of a region. [`Errno::Fault`] if they do not fit.
    pub(crate) fn put(&mut self, region: Region, bytes: &[u8]) -> Result<()> {
        match &mut self.place {
            Place::Here(place) => place
                .get_mut(region.range())
                .and_then(|place| place.get_mut(..bytes.len()))
                .ok_or(Errno::Fault)?
                .copy_from_slice(bytes),
            Place::Remote { memory, .. } if bytes.len() <= region.len() => memory.write(region.start, bytes),
            Place::Remote { .. } => return Err(Errno::Fault),
        }
        self.note(region.first(bytes.len()));
        Ok(())
    }

    /// Notes a changed region, if somebody wants to know. One that follows the last is added to it.
    fn note(&mut self, region: Region) {
        let Some(changed) = &mut self.changed else { return };
        match changed.last_mut() {
            Some(last) if u64::from(last.start) + u64::from(last.len) == u64::from(region.start) => {
                last.len = last.len.saturating_add(region.len);
            }
            _ => changed.push(region),
        }
    }

    /// Writes a little-endian `u32` to `pointer`.
    pub(crate) fn write_u32(&mut self, pointer: Pointer, value: u32) -> Result<()> {
        self.write(pointer, &value.to_le_bytes())
    }
}

/// Returns a buffer of zeros. [`Errno::Nomem`] if there is no memory for it.
fn zeros(len: usize) -> Result<Vec<u8>> {
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(len).map_err(|_| Errno::Nomem)?;
    buffer.resize(len, 0);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_may_end_at_the_end_and_not_past_it() {
        let mut bytes = [0; 16];
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.region(12, 4).map(Region::len), Ok(4));
        assert!(memory.region(16, 0).is_ok_and(Region::is_empty));
        assert_eq!(memory.region(13, 4), Err(Errno::Fault));
        assert_eq!(memory.region(17, 0), Err(Errno::Fault));
        assert_eq!(memory.region(u32::MAX, u32::MAX), Err(Errno::Fault));
    }

    #[test]
    fn a_write_touches_its_own_bytes_only() {
        let mut bytes = [0xaa; 8];
        GuestMemory::new(&mut bytes).write_u32(2, 0x0403_0201).unwrap();
        assert_eq!(bytes, [0xaa, 0xaa, 1, 2, 3, 4, 0xaa, 0xaa]);
    }

    #[test]
    fn a_write_that_does_not_fit_changes_nothing() {
        let mut bytes = [0xaa; 8];
        assert_eq!(GuestMemory::new(&mut bytes).write_u32(5, 7), Err(Errno::Fault));
        assert_eq!(bytes, [0xaa; 8]);
    }

    /// A memory that notes what is written to it.
    struct Distant {
        bytes: Vec<u8>,
        written: Vec<(u32, usize)>,
    }

    impl RemoteMemory for Distant {
        fn size(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read(&self, address: u32, buffer: &mut [u8]) {
            let start = address as usize;
            buffer.copy_from_slice(&self.bytes[start..start + buffer.len()]);
        }

        fn write(&mut self, address: u32, bytes: &[u8]) {
            let start = address as usize;
            self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
            self.written.push((address, bytes.len()));
        }
    }

    fn distant() -> Distant {
        Distant { bytes: (0..16).collect(), written: Vec::new() }
    }

    #[test]
    fn several_regions_of_a_remote_memory_are_lent_at_once() {
        let mut remote = distant();
        let memory = GuestMemory::remote(&mut remote);
        let (first, second) = (memory.slice(0, 2).unwrap(), memory.slice(14, 2).unwrap());
        assert_eq!((first, second, memory.slice(3, 1)), (&[0, 1][..], &[14, 15][..], Ok(&[3][..])));
        assert_eq!(memory.slice(15, 2), Err(Errno::Fault));
    }

    #[test]
    fn only_what_was_filled_is_copied_out_and_nothing_after_an_error() {
        let mut remote = distant();
        let mut memory = GuestMemory::remote(&mut remote).noting();
        let region = memory.region(4, 8).unwrap();
        let two = |buffer: &mut [u8]| {
            buffer[..2].copy_from_slice(b"ab");
            Ok::<_, Errno>(2)
        };
        assert_eq!(memory.fill(region, two), Ok(2));
        assert_eq!(memory.fill(region, |_| Err(Errno::Io)), Err(Errno::Io));
        assert_eq!(memory.put(region, &[0; 9]), Err(Errno::Fault));
        assert_eq!(memory.take_changed(), [region.first(2)]);
        assert_eq!(remote.written, [(4, 2)]);
        assert_eq!(remote.bytes[3..7], [3, b'a', b'b', 6]);
    }
}
