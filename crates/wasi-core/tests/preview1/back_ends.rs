//! A guest with one folder on each writable back end, and what tests do with it.

use wasi_core::fs::{Dir, MemoryDir, Overlay, Quota, TimeSource};
use wasi_core::{Errno, Limits, WasiCtx};

use crate::guest::{Guest, RESULT};

pub(crate) const ROOT: u64 = 3;
pub(crate) const READ: u64 = 2;
pub(crate) const WRITE: u64 = 64;
pub(crate) const CREAT: u64 = 1;
pub(crate) const DIRECTORY: u64 = 2;
pub(crate) const EXCL: u64 = 4;
pub(crate) const TRUNC: u64 = 8;

/// Makes three tests of each case: `case::host`, `case::memory` and `case::overlay`.
macro_rules! on_each_back_end {
    ($($(#[$meta:meta])* fn $case:ident($guest:ident) $body:block)*) => {
        $(mod $case {
            use super::*;

            $(#[$meta])*
            fn case($guest: &mut Guest) $body

            #[cfg(feature = "host")]
            #[test]
            fn host() {
                crate::back_ends::with_host(case);
            }

            #[test]
            fn memory() {
                crate::back_ends::with_memory(case);
            }

            #[test]
            fn overlay() {
                crate::back_ends::with_overlay(case);
            }
        })*
    };
}

pub(crate) use on_each_back_end;

#[cfg(feature = "host")]
pub(crate) fn with_host(case: fn(&mut Guest)) {
    let folder = tempfile::tempdir().unwrap();
    let dir = wasi_core::fs::HostDir::open_ambient(folder.path(), Quota::unlimited()).unwrap();
    case(&mut guest(Box::new(dir)));
}

pub(crate) fn with_memory(case: fn(&mut Guest)) {
    case(&mut guest(Box::new(memory())));
}

/// Runs over an empty folder; `fs_overlay` has tests with files in the lower directory.
pub(crate) fn with_overlay(case: fn(&mut Guest)) {
    let overlay = Overlay::new(Box::new(memory()), Quota::unlimited(), TimeSource::system());
    case(&mut guest(Box::new(overlay.dir())));
}

fn memory() -> MemoryDir {
    MemoryDir::new(Quota::unlimited(), TimeSource::system())
}

fn guest(dir: Box<dyn Dir>) -> Guest {
    let limits = Limits { open_files: 8, ..Limits::default() };
    Guest::new(WasiCtx::builder().preopen("/work", dir).limits(limits))
}

/// Returns the bytes of an archive with one stored file.
pub(crate) fn archive_of(name: &str, content: &[u8]) -> Vec<u8> {
    let (crc, size) = (crc32fast::hash(content).to_le_bytes(), [content.len() as u8, 0, 0, 0]);
    let fixed = [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    let common = [&fixed, &crc[..], &size, &size, &[name.len() as u8, 0]].concat();
    let local = [b"PK\x03\x04", &common[..], b"\0\0", name.as_bytes(), content].concat();
    let index = [b"PK\x01\x02\x14\x03", &common[..], &[0; 16], name.as_bytes()].concat();
    let place = [index.len() as u8, 0, 0, 0, local.len() as u8, 0, 0, 0, 0, 0];
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &place].concat();
    [local, index, end].concat()
}

pub(crate) fn tell(guest: &mut Guest, fd: u64) -> u64 {
    guest.call("fd_tell", &[fd, RESULT.into()]).unwrap();
    guest.u64(RESULT.into())
}

pub(crate) fn close(guest: &mut Guest, fd: u64) -> Result<(), Errno> {
    guest.call("fd_close", &[fd])
}

pub(crate) fn device_of(guest: &mut Guest, fd: u64) -> u64 {
    guest.call("fd_filestat_get", &[fd, RESULT.into()]).unwrap();
    guest.u64(RESULT.into())
}

/// Makes a file with this content.
pub(crate) fn file(guest: &mut Guest, path: &str, content: &[u8]) {
    let fd = guest.open(ROOT, path, CREAT | TRUNC, READ | WRITE).unwrap();
    assert_eq!(guest.write(fd, content), Ok(content.len() as u32));
    guest.call("fd_close", &[fd]).unwrap();
}

pub(crate) fn dir(guest: &mut Guest, path: &str) {
    at(guest, "path_create_directory", path).unwrap();
}

/// Makes a call whose arguments are the root and a path.
pub(crate) fn at(guest: &mut Guest, name: &str, path: &str) -> Result<(), Errno> {
    let [pointer, len] = guest.put(path.as_bytes());
    guest.call(name, &[ROOT, pointer, len])
}

pub(crate) fn content(guest: &mut Guest, path: &str) -> Vec<u8> {
    let fd = guest.open(ROOT, path, 0, READ).unwrap();
    let bytes = guest.read(fd, 1000).unwrap();
    guest.call("fd_close", &[fd]).unwrap();
    bytes
}

/// Calls `path_filestat_get`, with or without following a link. Returns kind, size and inode.
pub(crate) fn stat(guest: &mut Guest, path: &str, follow: bool) -> Result<(u8, u64, u64), Errno> {
    let [pointer, len] = guest.put(path.as_bytes());
    guest.call("path_filestat_get", &[ROOT, follow.into(), pointer, len, RESULT.into()])?;
    let at = u64::from(RESULT);
    Ok((guest.bytes(at + 16, 1)[0], guest.u64(at + 32), guest.u64(at + 8)))
}

pub(crate) fn symlink(guest: &mut Guest, target: &str, path: &str) -> Result<(), Errno> {
    let ([target, target_len], [path, path_len]) = (guest.put(target.as_bytes()), guest.put(path.as_bytes()));
    guest.call("path_symlink", &[target, target_len, ROOT, path, path_len])
}

pub(crate) fn rename(guest: &mut Guest, from: &str, to: &str) -> Result<(), Errno> {
    let ([from, from_len], [to, to_len]) = (guest.put(from.as_bytes()), guest.put(to.as_bytes()));
    guest.call("path_rename", &[ROOT, from, from_len, ROOT, to, to_len])
}

pub(crate) fn link(guest: &mut Guest, from: &str, to: &str, follow: u64) -> Result<(), Errno> {
    let ([from, from_len], [to, to_len]) = (guest.put(from.as_bytes()), guest.put(to.as_bytes()));
    guest.call("path_link", &[ROOT, follow, from, from_len, ROOT, to, to_len])
}

/// Calls `fd_readdir` with a buffer of `len` bytes. Returns the bytes that were used.
pub(crate) fn readdir(guest: &mut Guest, fd: u64, len: u64, cookie: u64) -> Vec<u8> {
    guest.call("fd_readdir", &[fd, 30_000, len, cookie, RESULT.into()]).unwrap();
    let used = guest.u32(RESULT.into());
    guest.bytes(30_000, used as usize).to_vec()
}

/// Returns the complete entries in a page: next cookie, inode, kind and name of each.
pub(crate) fn entries(page: &[u8]) -> Vec<(u64, u64, u8, String)> {
    let mut rest = page;
    let mut found = Vec::new();
    while rest.len() >= 24 {
        let number = |at: usize| u64::from_le_bytes(rest[at..at + 8].try_into().unwrap());
        let name_len = u32::from_le_bytes(rest[16..20].try_into().unwrap()) as usize;
        let Some(name) = rest.get(24..24 + name_len) else { break };
        found.push((number(0), number(8), rest[20], String::from_utf8(name.to_vec()).unwrap()));
        rest = &rest[24 + name_len..];
    }
    found
}

/// Lists all names with a buffer of `len` bytes, as libc does: each call goes on from the last complete
/// entry.
pub(crate) fn names(guest: &mut Guest, fd: u64, len: u64) -> Vec<String> {
    let (mut cookie, mut all) = (0, Vec::new());
    loop {
        let page = readdir(guest, fd, len, cookie);
        let found = entries(&page);
        if let Some(last) = found.last() {
            cookie = last.0;
        }
        all.extend(found.into_iter().map(|entry| entry.3));
        if (page.len() as u64) < len {
            return all;
        }
    }
}
