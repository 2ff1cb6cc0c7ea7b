//! The guest's linear memory. Every byte between host and guest passes here.

use std::io::IoSlice;

use smallvec::SmallVec;

use crate::errno::{Errno, Result};

/// The number of buffers per call that need no heap. libc passes at most two.
pub(crate) const FEW: usize = 4;

/// The bytes that one call writes, in the form that the host's calls take.
pub(crate) type Buffers<'a> = SmallVec<[IoSlice<'a>; FEW]>;

/// An address in guest memory that was not checked yet.
pub(crate) type Pointer = u32;

/// The guest's memory during one call. [`Errno::Fault`] for anything out of bounds.
pub(crate) struct GuestMemory<'a> {
    bytes: &'a mut [u8],
    /// For a recording, the regions that were borrowed for a change.
    changed: Option<Vec<Region>>,
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

    /// Returns the first `len` bytes, or all if there are fewer.
    #[must_use]
    pub(crate) fn first(self, len: usize) -> Self {
        Self { len: u32::try_from(len).map_or(self.len, |len| self.len.min(len)), ..self }
    }
}

impl<'a> GuestMemory<'a> {
    /// Takes the memory for one call.
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, changed: None }
    }

    /// Takes the memory for one call, and notes all regions that are borrowed for a change.
    pub(crate) fn noting(bytes: &'a mut [u8]) -> Self {
        Self { bytes, changed: Some(Vec::new()) }
    }

    /// Returns the number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the regions that were borrowed for a change, in order.
    pub(crate) fn take_changed(&mut self) -> Vec<Region> {
        self.changed.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Notes that only the first `len` bytes of the last borrowed region were changed.
    pub(crate) fn changed_only(&mut self, len: usize) {
        if let Some(last) = self.changed.as_mut().and_then(|changed| changed.last_mut()) {
            *last = last.first(len);
        }
    }

    /// Checks that `len` bytes at `pointer` are inside of memory. An empty region may be at the very end.
    pub(crate) fn region(&self, pointer: Pointer, len: u32) -> Result<Region> {
        let end = u64::from(pointer) + u64::from(len);
        if end <= self.bytes.len() as u64 { Ok(Region { start: pointer, len }) } else { Err(Errno::Fault) }
    }

    /// Borrows the bytes of a region.
    pub(crate) fn bytes(&self, region: Region) -> Result<&[u8]> {
        self.bytes.get(region.range()).ok_or(Errno::Fault)
    }

    /// Borrows the bytes of a region for a change.
    pub(crate) fn bytes_mut(&mut self, region: Region) -> Result<&mut [u8]> {
        if let Some(changed) = &mut self.changed
            && changed.last() != Some(&region)
        {
            changed.push(region);
        }
        self.bytes.get_mut(region.range()).ok_or(Errno::Fault)
    }

    /// Borrows `len` bytes at `pointer`.
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
        self.bytes_mut(region)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Writes a little-endian `u32` to `pointer`.
    pub(crate) fn write_u32(&mut self, pointer: Pointer, value: u32) -> Result<()> {
        self.write(pointer, &value.to_le_bytes())
    }
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
}
