//! Between the host's `stat` and WASI's, whatever the host's file system made up.
#![allow(
    clippy::unnecessary_cast,
    clippy::useless_conversion,
    reason = "the widths of these fields differ between hosts: each cast does something on one of them"
)]

use rustix::fs::{FileType as HostType, Stat, Timespec, Timestamps, UTIME_OMIT};

use crate::fs::quota::FileId;
use crate::types::{FileType, Filestat, SetTime, Timestamp};

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// WASI's word for a kind of file.
pub(super) fn wasi_type(host: HostType) -> FileType {
    match host {
        HostType::RegularFile => FileType::RegularFile,
        HostType::Directory => FileType::Directory,
        HostType::Symlink => FileType::SymbolicLink,
        HostType::CharacterDevice => FileType::CharacterDevice,
        HostType::BlockDevice => FileType::BlockDevice,
        HostType::Socket => FileType::SocketStream,
        _ => FileType::Unknown,
    }
}

/// The kind of a file.
pub(super) fn filetype(stat: &Stat) -> FileType {
    wasi_type(HostType::from_raw_mode(stat.st_mode))
}

/// Its size in bytes; a negative one, which no sane host tells, is 0.
pub(super) fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// What tells it from every other file of the host.
pub(super) fn file_id(stat: &Stat) -> FileId {
    (stat.st_dev as u64, stat.st_ino as u64)
}

/// All attributes that WASI knows.
pub(super) fn filestat(stat: &Stat) -> Filestat {
    let (dev, ino) = file_id(stat);
    Filestat {
        dev,
        ino,
        filetype: filetype(stat),
        nlink: u64::from(stat.st_nlink),
        size: size(stat),
        atim: timestamp(stat.st_atime, stat.st_atime_nsec as u64),
        mtim: timestamp(stat.st_mtime, stat.st_mtime_nsec as u64),
        ctim: timestamp(stat.st_ctime, stat.st_ctime_nsec as u64),
    }
}

/// A time before 1970 is 1970, one past the year 2554 is that: WASI has no other words.
fn timestamp(seconds: i64, nanoseconds: u64) -> Timestamp {
    match u64::try_from(seconds) {
        Ok(seconds) => seconds.saturating_mul(SECOND).saturating_add(nanoseconds),
        Err(_) => 0,
    }
}

/// The argument of the host's calls that set times.
pub(super) fn timestamps(atim: SetTime, mtim: SetTime) -> Timestamps {
    Timestamps { last_access: timespec(atim), last_modification: timespec(mtim) }
}

fn timespec(time: SetTime) -> Timespec {
    match time {
        SetTime::Keep => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        SetTime::To(time) => Timespec { tv_sec: (time / SECOND) as _, tv_nsec: (time % SECOND) as _ },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_wasi_cannot_name_are_clamped() {
        assert_eq!(timestamp(-1, 999_999_999), 0);
        assert_eq!(timestamp(i64::MIN, 0), 0);
        assert_eq!(timestamp(i64::MAX, 999_999_999), u64::MAX);
        assert_eq!(timestamp(1, 5), 1_000_000_005);
    }
}
