//! Converts the host's `stat` to WASI's, whatever values the host has.
#![allow(
    clippy::unnecessary_cast,
    clippy::useless_conversion,
    reason = "the widths of these fields differ between hosts: each cast does something on one of them"
)]

use rustix::fs::{FileType as HostType, Stat, Timespec, Timestamps, UTIME_OMIT};

use crate::fs::quota::FileId;
use crate::types::{FileType, Filestat, Mode, SetTime, Timestamp};

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// Returns WASI's kind for a kind of the host.
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

/// Returns the kind of a file.
pub(super) fn filetype(stat: &Stat) -> FileType {
    wasi_type(HostType::from_raw_mode(stat.st_mode))
}

/// Returns the size in bytes; 0 for a negative one, which no sane host has.
pub(super) fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// Returns how many of a file's bytes are on the disk, without its holes and what is reserved past its end.
pub(super) fn on_disk(stat: &Stat) -> u64 {
    // POSIX leaves the unit open. It is 512 on Linux and macOS, whatever the size of a block.
    u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(512).min(size(stat))
}

/// Returns the size of the pieces in which the file system gives out space, or of a larger one.
pub(super) fn block(stat: &Stat) -> u64 {
    u64::try_from(stat.st_blksize).unwrap_or(0).max(4096)
}

/// Returns what identifies a file on the host.
pub(super) fn file_id(stat: &Stat) -> FileId {
    (stat.st_dev as u64, stat.st_ino as u64)
}

/// Returns all attributes that WASI knows.
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
        mode: Mode::of_host(stat.st_mode.into()),
    }
}

/// Converts a time. WASI's range is 1970 to 2554; a time outside of it becomes the nearer end.
fn timestamp(seconds: i64, nanoseconds: u64) -> Timestamp {
    match u64::try_from(seconds) {
        Ok(seconds) => seconds.saturating_mul(SECOND).saturating_add(nanoseconds),
        Err(_) => 0,
    }
}

/// Returns the argument for calls of the host that set times.
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
    fn times_outside_of_the_range_of_wasi_are_clamped() {
        assert_eq!(timestamp(-1, 999_999_999), 0);
        assert_eq!(timestamp(i64::MIN, 0), 0);
        assert_eq!(timestamp(i64::MAX, 999_999_999), u64::MAX);
        assert_eq!(timestamp(1, 5), 1_000_000_005);
    }
}
