//! The layout of preview1's records in guest memory: sizes, offsets, byte order.
//!
//! Every record is little-endian and aligned to its largest field, as the
//! [witx](https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/witx/typenames.witx) has it.

use std::io::IoSlice;

use smallvec::SmallVec;

use crate::errno::{Errno, Result};
use crate::memory::{Buffers, FEW, GuestMemory, Pointer, Region};
use crate::types::{ClockId, Fd, FdFlags, FileType, Filestat, Rights, Timestamp};

/// Bytes of a `filestat`.
pub(crate) const FILESTAT_SIZE: usize = 64;
/// Bytes of an `fdstat`.
pub(crate) const FDSTAT_SIZE: usize = 24;
/// Bytes of a `prestat`.
pub(crate) const PRESTAT_SIZE: usize = 8;
/// Bytes of a `dirent` before its name.
pub(crate) const DIRENT_SIZE: usize = 24;
/// Bytes of a `subscription`.
pub(crate) const SUBSCRIPTION_SIZE: u32 = 48;
/// Bytes of an `event`.
pub(crate) const EVENT_SIZE: u32 = 32;

/// An `fdstat`, the result of `fd_fdstat_get`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fdstat {
    /// Kind of the file.
    pub(crate) filetype: FileType,
    /// The flags that are set.
    pub(crate) flags: FdFlags,
    /// The rights of the descriptor.
    pub(crate) rights_base: Rights,
    /// The rights of descriptors opened through it.
    pub(crate) rights_inheriting: Rights,
}

/// What a subscription of `poll_oneoff` waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// A moment in nanoseconds: of the clock if `absolute`, else after the call.
    Clock {
        /// Which clock.
        id: ClockId,
        /// The moment.
        timeout: Timestamp,
        /// Whether it is a time of the clock.
        absolute: bool,
    },
    /// Data to read.
    FdRead(Fd),
    /// Room to write.
    FdWrite(Fd),
}

/// One `subscription`. `condition` may be an error, which its event reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// A number of the guest's, which the event repeats.
    pub(crate) userdata: u64,
    /// The tag: 0 clock, 1 read, 2 write.
    pub(crate) tag: u8,
    /// What it waits for.
    pub(crate) condition: Result<Condition>,
}

/// One `event`, the outcome of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The subscription's number.
    pub(crate) userdata: u64,
    /// The error of the subscription, if it has one.
    pub(crate) error: Option<Errno>,
    /// The subscription's tag.
    pub(crate) tag: u8,
    /// For a descriptor, the bytes that can be read.
    pub(crate) nbytes: u64,
    /// Whether the other end is closed.
    pub(crate) hangup: bool,
}

/// Puts fields at fixed offsets of a record.
struct Layout<const N: usize>([u8; N]);

impl<const N: usize> Layout<N> {
    fn new() -> Self {
        Self([0; N])
    }

    fn with<const M: usize>(mut self, offset: usize, field: [u8; M]) -> Self {
        if let Some(place) = self.0.get_mut(offset..offset + M) {
            place.copy_from_slice(&field);
        }
        self
    }
}

impl Filestat {
    /// The record as bytes.
    pub(crate) fn to_bytes(self) -> [u8; FILESTAT_SIZE] {
        Layout::new()
            .with(0, self.dev.to_le_bytes())
            .with(8, self.ino.to_le_bytes())
            .with(16, [self.filetype as u8])
            .with(24, self.nlink.to_le_bytes())
            .with(32, self.size.to_le_bytes())
            .with(40, self.atim.to_le_bytes())
            .with(48, self.mtim.to_le_bytes())
            .with(56, self.ctim.to_le_bytes())
            .0
    }
}

impl Fdstat {
    /// The record as bytes.
    pub(crate) fn to_bytes(self) -> [u8; FDSTAT_SIZE] {
        Layout::new()
            .with(0, [self.filetype as u8])
            .with(2, self.flags.bits().to_le_bytes())
            .with(8, self.rights_base.bits().to_le_bytes())
            .with(16, self.rights_inheriting.bits().to_le_bytes())
            .0
    }
}

/// Returns a `prestat` of the only kind, a directory. `name_len` is the length of its name in bytes.
pub(crate) fn prestat_dir(name_len: u32) -> [u8; PRESTAT_SIZE] {
    Layout::new().with(0, [0]).with(4, name_len.to_le_bytes()).0
}

/// Returns a `dirent` without its name. `next` is the cookie of the entry after it.
pub(crate) fn dirent(next: u64, ino: u64, name_len: u32, filetype: FileType) -> [u8; DIRENT_SIZE] {
    Layout::new()
        .with(0, next.to_le_bytes())
        .with(8, ino.to_le_bytes())
        .with(16, name_len.to_le_bytes())
        .with(20, [filetype as u8])
        .0
}

impl Subscription {
    /// Reads the record at `pointer`. [`Errno::Inval`] for an unknown tag; an unknown clock or clock flag is
    /// an error in `condition`.
    pub(crate) fn read(mem: &GuestMemory<'_>, pointer: Pointer) -> Result<Self> {
        let bytes: [u8; SUBSCRIPTION_SIZE as usize] = mem.read_array(pointer)?;
        let u64_at = |offset: usize| array_at(&bytes, offset).map(u64::from_le_bytes);
        let u32_at = |offset: usize| array_at(&bytes, offset).map(u32::from_le_bytes);
        let [tag] = array_at(&bytes, 8)?;
        let condition = match tag {
            0 => ClockId::parse(u32_at(16)?).and_then(|id| {
                let flags = u16::from_le_bytes(array_at(&bytes, 40)?);
                if flags > 1 {
                    return Err(Errno::Inval);
                }
                Ok(Condition::Clock { id, timeout: u64_at(24)?, absolute: flags == 1 })
            }),
            1 => Ok(Condition::FdRead(Fd(u32_at(16)?))),
            2 => Ok(Condition::FdWrite(Fd(u32_at(16)?))),
            _ => return Err(Errno::Inval),
        };
        Ok(Self { userdata: u64_at(0)?, tag, condition })
    }
}

impl Event {
    /// The record as bytes.
    pub(crate) fn to_bytes(self) -> [u8; EVENT_SIZE as usize] {
        Layout::new()
            .with(0, self.userdata.to_le_bytes())
            .with(8, self.error.map_or(0, Errno::raw).to_le_bytes())
            .with(10, [self.tag])
            .with(16, self.nbytes.to_le_bytes())
            .with(24, u16::from(self.hangup).to_le_bytes())
            .0
    }
}

fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> Result<[u8; N]> {
    bytes.get(offset..offset + N).and_then(|field| field.try_into().ok()).ok_or(Errno::Fault)
}

/// The iovecs or ciovecs of a call. A body reads them once, before the first byte moves.
///
/// Each is checked to be inside of memory, and empty ones are dropped. If their lengths exceed what one call
/// may copy, the rest is cut off, and the guest sees a short read or write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Iovecs {
    pointer: Pointer,
    count: u32,
    limit: usize,
}

/// The regions of the iovecs of one call.
pub(crate) type Regions = SmallVec<[Region; FEW]>;

/// More iovecs than this are [`Errno::Inval`]: `IOV_MAX` of Linux and macOS
/// ([POSIX `writev`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/writev.html)).
pub(crate) const IOV_MAX: u32 = 1024;

impl Iovecs {
    /// Takes `count` vectors at `pointer`, of which at most `limit` bytes are used.
    pub(crate) fn new(pointer: Pointer, count: u32, limit: usize) -> Self {
        Self { pointer, count, limit }
    }

    /// Returns the regions in order, without empty ones.
    pub(crate) fn regions(self, mem: &GuestMemory<'_>) -> Result<Regions> {
        let mut regions = Regions::new();
        self.each(mem, |region| {
            regions.push(region);
            Ok(())
        })?;
        Ok(regions)
    }

    /// Adds their bytes to the caller's list. Returning the list by value would move it, which is a third of
    /// a small write's time.
    #[inline]
    pub(crate) fn gather<'a>(self, mem: &'a GuestMemory<'_>, buffers: &mut Buffers<'a>) -> Result<()> {
        self.each(mem, |region| {
            buffers.push(IoSlice::new(mem.bytes(region)?));
            Ok(())
        })
    }

    #[inline]
    fn each(self, mem: &GuestMemory<'_>, mut take: impl FnMut(Region) -> Result<()>) -> Result<()> {
        let size = self.count.checked_mul(8).ok_or(Errno::Inval)?;
        let table = mem.slice(self.pointer, size)?;
        if self.count > IOV_MAX {
            return Err(Errno::Inval);
        }
        let mut left = self.limit;
        for vector in table.chunks_exact(8) {
            let region = mem
                .region(u32::from_le_bytes(array_at(vector, 0)?), u32::from_le_bytes(array_at(vector, 4)?))?;
            let region = region.first(left);
            left -= region.len();
            if !region.is_empty() {
                take(region)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Mode;

    fn memory_with_iovecs(vectors: &[(u32, u32)]) -> Vec<u8> {
        let mut bytes = vec![0; 256];
        for (index, (pointer, len)) in vectors.iter().enumerate() {
            bytes[index * 8..index * 8 + 4].copy_from_slice(&pointer.to_le_bytes());
            bytes[index * 8 + 4..index * 8 + 8].copy_from_slice(&len.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn every_iovec_is_checked_before_the_first_is_used() {
        let mut bytes = memory_with_iovecs(&[(100, 4), (250, 7)]);
        let mem = GuestMemory::new(&mut bytes);
        assert_eq!(Iovecs::new(0, 2, 1 << 20).regions(&mem), Err(Errno::Fault));
    }

    #[test]
    fn a_count_that_overflows_is_inval_and_one_past_memory_is_fault() {
        let mut bytes = memory_with_iovecs(&[]);
        let mem = GuestMemory::new(&mut bytes);
        assert_eq!(Iovecs::new(0, u32::MAX, 1 << 20).regions(&mem), Err(Errno::Inval));
        assert_eq!(Iovecs::new(0, 33, 1 << 20).regions(&mem), Err(Errno::Fault));
    }

    #[test]
    fn empty_iovecs_are_dropped_and_the_sum_is_capped() {
        let mut bytes = memory_with_iovecs(&[(100, 4), (0, 0), (104, 100), (110, 9)]);
        let mem = GuestMemory::new(&mut bytes);
        let regions = Iovecs::new(0, 4, 10).regions(&mem).unwrap();
        assert_eq!(regions.iter().map(|region| region.len()).collect::<Vec<_>>(), [4, 6]);
    }

    #[test]
    fn a_filestat_has_its_fields_where_the_witx_says() {
        let stat = Filestat {
            dev: 1,
            ino: 2,
            filetype: FileType::RegularFile,
            nlink: 3,
            size: 4,
            atim: 5,
            mtim: 6,
            ctim: 7,
            mode: Mode::of_new(FileType::RegularFile),
        };
        let bytes = stat.to_bytes();
        for (offset, value) in [(0, 1), (8, 2), (16, 4), (24, 3), (32, 4), (40, 5), (48, 6), (56, 7)] {
            assert_eq!(bytes[offset], value, "at {offset}");
        }
    }

    #[test]
    fn a_subscription_with_an_unknown_clock_reports_it_in_the_event() {
        let mut bytes = vec![0; 64];
        bytes[0] = 9;
        bytes[16] = 77;
        let subscription = Subscription::read(&GuestMemory::new(&mut bytes), 0).unwrap();
        assert_eq!(subscription, Subscription { userdata: 9, tag: 0, condition: Err(Errno::Inval) });
    }
}
