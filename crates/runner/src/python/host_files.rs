//! Answers about descriptors and files, which WASI does not give. Each is a number, or the negated errno;
//! `None` for a question that makes no sense.

use wasi_core::types::{Access, Fd};
use wasi_core::{Result, WasiCtx};

/// `dup` of one number, `dup2` of two.
pub(super) fn duplicate(wasi: &mut WasiCtx, input: &[u8]) -> Option<i32> {
    let (fd, rest) = descriptor(input)?;
    let new = match descriptor(rest) {
        None if rest.is_empty() => wasi.duplicate(fd),
        Some((to, [])) => wasi.duplicate_to(fd, to).map(|()| to),
        _ => return None,
    };
    Some(answer(new.map(|fd| fd.0 as i32)))
}

/// `st_mode` of a descriptor, or of a path below it.
pub(super) fn mode(wasi: &WasiCtx, input: &[u8]) -> Option<i32> {
    let mode = match descriptor(input)? {
        (fd, []) => wasi.mode_of(fd),
        (fd, [follow, path @ ..]) => wasi.mode_at(fd, path, *follow != 0),
    };
    Some(answer(mode.map(|mode| mode.bits() as i32)))
}

/// `faccessat` of a path below a descriptor: 0 if it can be used so.
pub(super) fn access(wasi: &WasiCtx, input: &[u8]) -> Option<i32> {
    let (fd, [follow, access, path @ ..]) = descriptor(input)? else { return None };
    let access = Access::from_bits(*access)?;
    Some(answer(wasi.access_at(fd, path, *follow != 0, access).map(|()| 0)))
}

/// `chmod` of a path below a descriptor.
pub(super) fn set_mode(wasi: &WasiCtx, input: &[u8]) -> Option<i32> {
    let (fd, rest) = descriptor(input)?;
    let (permissions, path) = rest.split_first_chunk()?;
    Some(answer(wasi.set_mode_at(fd, path, u32::from_le_bytes(*permissions)).map(|()| 0)))
}

/// `tcgetwinsize`: columns, and rows times 65,536.
pub(super) fn terminal_size(wasi: &WasiCtx, input: &[u8]) -> Option<i32> {
    let (fd, []) = descriptor(input)? else { return None };
    let number = |(columns, rows): (u16, u16)| {
        let [columns, rows] = [columns, rows].map(|count| i32::from(count.min(i16::MAX as u16)));
        rows << 16 | columns
    };
    Some(answer(wasi.terminal_size(fd).map(number)))
}

fn descriptor(input: &[u8]) -> Option<(Fd, &[u8])> {
    let (number, rest) = input.split_first_chunk()?;
    Some((Fd(u32::from_le_bytes(*number)), rest))
}

fn answer(result: Result<i32>) -> i32 {
    result.unwrap_or_else(|errno| -i32::from(errno.raw()))
}

#[cfg(test)]
mod tests {
    use python_wasm_contract::host_call::{ACCESS_EXECUTE, ACCESS_READ, ACCESS_WRITE};
    use wasi_core::Errno;
    use wasi_core::fs::{MemoryDir, Quota, ReadOnly, TimeSource};

    use super::*;

    fn wasi() -> WasiCtx {
        let dir = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
        dir.add_file("file", "text").unwrap();
        let dir = ReadOnly::new(Box::new(dir));
        WasiCtx::builder().preopen("/work", Box::new(dir)).build().unwrap()
    }

    fn question(fd: u32, rest: &[u8]) -> Vec<u8> {
        [&fd.to_le_bytes()[..], rest].concat()
    }

    #[test]
    fn modes_are_those_of_c() {
        let mode = |fd, rest: &[u8]| mode(&wasi(), &question(fd, rest)).unwrap();
        assert_eq!(mode(3, b""), 0o040_555);
        assert_eq!(mode(3, b"\x01file"), 0o100_444);
        assert_eq!(mode(3, b"\x01missing"), -i32::from(Errno::Noent.raw()));
        assert_eq!(mode(9, b""), -i32::from(Errno::Badf.raw()));
    }

    #[test]
    fn access_is_what_the_folder_allows() {
        let access = |bits: u8| access(&wasi(), &question(3, &[&[1, bits], &b"file"[..]].concat()));
        assert_eq!(access(ACCESS_READ), Some(0));
        for refused in [ACCESS_WRITE, ACCESS_EXECUTE, ACCESS_READ | ACCESS_WRITE] {
            assert!(access(refused).unwrap() < 0, "{refused}");
        }
        assert_eq!(access(8), None);
    }

    #[test]
    fn a_question_that_is_cut_short_has_no_answer() {
        let mut wasi = wasi();
        for input in [&b""[..], b"\x03\0\0"] {
            assert_eq!(mode(&wasi, input), None);
            assert_eq!(access(&wasi, input), None);
            assert_eq!(set_mode(&wasi, input), None);
            assert_eq!(duplicate(&mut wasi, input), None);
        }
        assert_eq!(duplicate(&mut wasi, &question(1, b"\x02")), None);
        assert_eq!(access(&wasi, &question(3, b"\x01")), None);
        assert_eq!(set_mode(&wasi, &question(3, b"\x01")), None);
    }
}
