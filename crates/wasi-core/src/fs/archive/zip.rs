//! The records of the ZIP format, and the data of one entry.

use std::ops::Range;

use super::error::ArchiveError;
use crate::errno::{Errno, Result};
use crate::sys;
use crate::types::Timestamp;

/// Compression method 0.
const STORED: u16 = 0;
/// Compression method 93.
const ZSTANDARD: u16 = 93;
/// The largest file. It bounds what a false index can make us allocate.
const FILE_MAX: u32 = 256 << 20;

/// Reads little-endian fields one by one, never past the end.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(len)?;
        self.0 = tail;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Reads a signature. `None` if it is another one.
    pub(super) fn signature(&mut self, expected: [u8; 4]) -> Option<()> {
        (self.array()? == expected).then_some(())
    }
}

/// The end record, which says where the index is.
pub(super) struct End {
    pub(super) entries: u16,
    pub(super) index: Range<usize>,
}

impl End {
    /// Its length without a comment.
    const LEN: usize = 22;

    /// Finds the record at the end of the archive, where only its own comment may follow it.
    pub(super) fn find(archive: &[u8]) -> Result<Self, ArchiveError> {
        let last = archive.len().checked_sub(Self::LEN).ok_or(ArchiveError::NotZip)?;
        let first = last.saturating_sub(usize::from(u16::MAX));
        (first..=last)
            .rev()
            .find_map(|at| Self::parse(archive.get(at..)?, at))
            .unwrap_or(Err(ArchiveError::NotZip))
    }

    /// Reads the record. `None` if it does not start here.
    fn parse(bytes: &[u8], at: usize) -> Option<Result<Self, ArchiveError>> {
        let mut fields = Fields(bytes);
        fields.signature(*b"PK\x05\x06")?;
        let (disk, index_disk) = (fields.u16()?, fields.u16()?);
        let (entries_here, entries) = (fields.u16()?, fields.u16()?);
        let (size, start) = (fields.u32()?, fields.u32()?);
        let comment = fields.u16()?;
        if fields.0.len() != usize::from(comment) {
            return None;
        }
        if entries == u16::MAX || start == u32::MAX {
            return Some(Err(ArchiveError::Unsupported("ZIP64")));
        }
        if (disk, index_disk, entries_here) != (0, 0, entries) {
            return Some(Err(ArchiveError::Unsupported("several disks")));
        }
        let start = start as usize;
        Some(match start.checked_add(size as usize) {
            Some(end) if end == at => Ok(Self { entries, index: start..end }),
            _ => Err(ArchiveError::Truncated),
        })
    }
}

/// One file, as the index describes it.
#[derive(Debug)]
pub(super) struct Entry {
    method: u16,
    crc: u32,
    packed: u32,
    /// Bytes when unpacked.
    pub(super) size: u32,
    header: u32,
}

impl Entry {
    /// Reads one entry of the index: its name, its time, and the rest.
    pub(super) fn parse<'a>(fields: &mut Fields<'a>) -> Result<(&'a str, Timestamp, Self), ArchiveError> {
        let (name, flags, time, entry) = Self::fields(fields).ok_or(ArchiveError::Truncated)?;
        let lossy = || String::from_utf8_lossy(name).into_owned();
        let name = std::str::from_utf8(name).map_err(|_| ArchiveError::Name(lossy()))?;
        if flags & 1 != 0 {
            return Err(ArchiveError::Unsupported("encryption"));
        }
        if entry.method != STORED && entry.method != ZSTANDARD {
            return Err(ArchiveError::Method { name: name.to_owned(), method: entry.method });
        }
        if entry.method == STORED && entry.packed != entry.size {
            return Err(ArchiveError::Truncated);
        }
        if entry.size > FILE_MAX {
            return Err(ArchiveError::TooLarge { name: name.to_owned(), size: entry.size });
        }
        Ok((name, time, entry))
    }

    fn fields<'a>(fields: &mut Fields<'a>) -> Option<(&'a [u8], u16, Timestamp, Self)> {
        fields.signature(*b"PK\x01\x02")?;
        let _versions = fields.u32()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        let (time, date) = (fields.u16()?, fields.u16()?);
        let (crc, packed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let _disk_and_attributes = fields.bytes(8)?;
        let header = fields.u32()?;
        let name = fields.bytes(usize::from(name))?;
        fields.bytes(usize::from(extra) + usize::from(comment))?;
        Some((name, flags, timestamp(date, time), Self { method, crc, packed, size, header }))
    }

    /// Returns the range of the data if it is stored uncompressed. [`Errno::Io`] if the archive is damaged
    /// there.
    pub(super) fn stored(&self, archive: &[u8]) -> Result<Option<Range<usize>>> {
        let range = self.data(archive).ok_or(Errno::Io)?;
        Ok((self.method == STORED).then_some(range))
    }

    /// Unpacks compressed data. [`Errno::Io`] if the archive is damaged there.
    pub(super) fn unpack(&self, archive: &[u8]) -> Result<Vec<u8>> {
        let packed = self.data(archive).and_then(|range| archive.get(range)).ok_or(Errno::Io)?;
        let mut content = Vec::new();
        content.try_reserve_exact(self.size as usize).map_err(|_| Errno::Nomem)?;
        sys::unpack(packed, &mut content)?;
        let intact = content.len() == self.size as usize && crc32fast::hash(&content) == self.crc;
        if intact { Ok(content) } else { Err(Errno::Io) }
    }

    /// Returns the range of the data, which follows the local header. Name and extra field there may have
    /// other lengths than in the index.
    fn data(&self, archive: &[u8]) -> Option<Range<usize>> {
        let mut fields = Fields(archive.get(self.header as usize..)?);
        fields.signature(*b"PK\x03\x04")?;
        fields.bytes(22)?;
        let (name, extra) = (fields.u16()?, fields.u16()?);
        fields.bytes(usize::from(name) + usize::from(extra))?;
        let start = archive.len() - fields.0.len();
        fields.bytes(self.packed as usize)?;
        Some(start..start + self.packed as usize)
    }
}

/// Converts an MS-DOS date and time, taken as UTC: years since 1980, steps of two seconds.
fn timestamp(date: u16, time: u16) -> Timestamp {
    let (year, month, day) = (i64::from(date >> 9) + 1980, i64::from(date >> 5 & 15), i64::from(date & 31));
    let (hour, minute, second) = (i64::from(time >> 11), i64::from(time >> 5 & 63), i64::from(time & 31) * 2);
    // Years begin in March here, so that a leap day is the last day of its year
    // (https://howardhinnant.github.io/date_algorithms.html#days_from_civil).
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    u64::try_from(seconds).unwrap_or(0) * 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_times_become_nanoseconds_since_1970() {
        let dos = |(year, month, day): (u16, u16, u16), (hour, minute, second): (u16, u16, u16)| {
            timestamp(((year - 1980) << 9) | (month << 5) | day, (hour << 11) | (minute << 5) | (second / 2))
        };
        assert_eq!(dos((1980, 1, 1), (0, 0, 0)), 315_532_800_000_000_000);
        assert_eq!(dos((2024, 2, 29), (23, 59, 58)), 1_709_251_198_000_000_000);
        assert_eq!(dos((2099, 12, 31), (0, 0, 0)), 4_102_358_400_000_000_000);
    }

    #[test]
    fn fields_outside_of_the_calendar_do_not_panic() {
        timestamp(0, 0);
        timestamp(u16::MAX, u16::MAX);
    }
}
