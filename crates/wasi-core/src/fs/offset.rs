//! Arithmetic of file offsets, shared by all back ends.

use std::io::IoSlice;

use crate::errno::{Errno, Result};
use crate::types::Whence;

/// The largest offset and file size that WASI's signed arithmetic can name.
const OFFSET_MAX: u64 = i64::MAX as u64;

/// Returns where a seek leads. [`Errno::Inval`] below 0, [`Errno::Overflow`] past `i64::MAX`.
pub(super) fn seek(current: u64, size: u64, offset: i64, whence: Whence) -> Result<u64> {
    let base = match whence {
        Whence::Set => 0,
        Whence::Cur => current,
        Whence::End => size,
    };
    let target = i128::from(base) + i128::from(offset);
    match u64::try_from(target) {
        Err(_) => Err(Errno::Inval),
        Ok(target) if target > OFFSET_MAX => Err(Errno::Overflow),
        Ok(target) => Ok(target),
    }
}

/// Returns the offset after a write of `len` bytes at `start`. [`Errno::Fbig`] past `i64::MAX`.
pub(super) fn end_of_write(start: u64, len: usize) -> Result<u64> {
    start.checked_add(len as u64).filter(|&end| end <= OFFSET_MAX).ok_or(Errno::Fbig)
}

/// Checks a file size given by a guest. [`Errno::Fbig`] past `i64::MAX`.
pub(super) fn check_size(size: u64) -> Result<u64> {
    end_of_write(size, 0)
}

/// Returns how many bytes can follow `offset`. [`Errno::Inval`] past `i64::MAX`.
pub(super) fn room_behind(offset: u64) -> Result<usize> {
    let room = OFFSET_MAX.checked_sub(offset).ok_or(Errno::Inval)?;
    Ok(usize::try_from(room).unwrap_or(usize::MAX))
}

/// Reads from content in memory. Returns the bytes read, 0 at or past the end.
pub(super) fn read_slice(content: &[u8], offset: u64, buffer: &mut [u8]) -> Result<usize> {
    let offset = usize::try_from(check_size(offset).map_err(|_| Errno::Inval)?).unwrap_or(usize::MAX);
    let left = content.get(offset..).unwrap_or_default();
    let len = left.len().min(buffer.len());
    if let (Some(target), Some(source)) = (buffer.get_mut(..len), left.get(..len)) {
        target.copy_from_slice(source);
    }
    Ok(len)
}

/// Returns as many buffers as the host takes in one call (`IOV_MAX`). Leaving out the others makes a short
/// write.
pub(super) fn as_many_as_the_host_takes<'a, 'b>(buffers: &'a [IoSlice<'b>]) -> &'a [IoSlice<'b>] {
    buffers.get(..1024).unwrap_or(buffers)
}

/// Returns the number of bytes in all buffers.
pub(super) fn total_len(buffers: &[IoSlice<'_>]) -> usize {
    buffers.iter().fold(0, |sum, buffer| sum.saturating_add(buffer.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeks_stay_between_0_and_the_largest_offset() {
        assert_eq!(seek(10, 100, -3, Whence::Cur), Ok(7));
        assert_eq!(seek(10, 100, -100, Whence::End), Ok(0));
        assert_eq!(seek(10, 100, -101, Whence::End), Err(Errno::Inval));
        assert_eq!(seek(10, 100, i64::MAX, Whence::Set), Ok(OFFSET_MAX));
        assert_eq!(seek(10, 100, i64::MAX, Whence::Cur), Err(Errno::Overflow));
        assert_eq!(seek(0, 0, i64::MIN, Whence::Set), Err(Errno::Inval));
    }
}
