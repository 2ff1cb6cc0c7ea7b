//! Locks on files of the host, beside other guests and processes.

use std::fs;
use std::path::Path;
use std::process::Command;

use wasi_core::fs::{HostDir, Lock, LockKind, MemoryDir, Quota, ReadOnly, TimeSource};
use wasi_core::types::Fd;
use wasi_core::{Errno, WasiCtx};

use crate::back_ends::*;
use crate::guest::Guest;

/// A folder with the file `a`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "text").unwrap();
    folder
}

fn host(folder: &tempfile::TempDir) -> HostDir {
    HostDir::open_ambient(folder.path(), Quota::unlimited()).unwrap()
}

fn guest(folder: &tempfile::TempDir) -> Guest {
    Guest::new(WasiCtx::builder().preopen("/work", Box::new(host(folder))))
}

fn open(guest: &mut Guest, rights: u64) -> Fd {
    Fd(guest.open(ROOT, "a", 0, rights).unwrap() as u32)
}

const fn lock(kind: LockKind, start: u64, len: u64) -> Lock {
    Lock { kind, start, len }
}

const READ_ALL: Lock = lock(LockKind::Read, 0, 0);
const WRITE_ALL: Lock = lock(LockKind::Write, 0, 0);

/// Asks a process of the host, by POSIX's `lockf`, whether it can lock the file.
fn host_can_lock(path: &Path) -> bool {
    let program = "import fcntl, sys\ntry: fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)\n\
                   except OSError: sys.exit(9)";
    let status = Command::new("python3").args(["-c", program]).arg(path).status().unwrap();
    assert!(matches!(status.code(), Some(0 | 9)), "{status}");
    status.success()
}

#[test]
fn a_lock_excludes_other_guests_and_processes_until_it_is_released() {
    let folder = folder();
    let path = folder.path().join("a");
    let (mut one, mut two) = (guest(&folder), guest(&folder));
    let (a, b) = (open(&mut one, READ | WRITE), open(&mut two, READ | WRITE));
    one.ctx.set_lock(a, lock(LockKind::Write, 10, 5)).unwrap();
    assert_eq!(two.ctx.set_lock(b, lock(LockKind::Read, 14, 1)), Err(Errno::Again));
    assert_eq!(two.ctx.find_lock(b, READ_ALL), Ok(Some(lock(LockKind::Write, 10, 5))));
    assert_eq!(one.ctx.find_lock(a, READ_ALL), Ok(None));
    two.ctx.set_lock(b, lock(LockKind::Write, 15, 1)).unwrap();
    assert!(!host_can_lock(&path));
    one.ctx.set_lock(a, Lock::UNLOCK_ALL).unwrap();
    two.ctx.set_lock(b, WRITE_ALL).unwrap();
    drop(two);
    assert!(host_can_lock(&path));
}

#[test]
fn readers_share_a_range() {
    let folder = folder();
    let (mut one, mut two) = (guest(&folder), guest(&folder));
    let (a, b) = (open(&mut one, READ), open(&mut two, READ | WRITE));
    one.ctx.set_lock(a, READ_ALL).unwrap();
    two.ctx.set_lock(b, READ_ALL).unwrap();
    assert_eq!(two.ctx.set_lock(b, WRITE_ALL), Err(Errno::Again));
    assert_eq!(one.ctx.set_lock(a, WRITE_ALL), Err(Errno::Badf));
}

#[test]
fn locks_belong_to_the_guest_whichever_of_its_descriptors_sets_them() {
    let folder = folder();
    let (mut one, mut two) = (guest(&folder), guest(&folder));
    let (reader, writer) = (open(&mut one, READ), open(&mut one, READ | WRITE));
    one.ctx.set_lock(reader, lock(LockKind::Read, 0, 10)).unwrap();
    one.ctx.set_lock(writer, lock(LockKind::Write, 5, 10)).unwrap();
    let b = open(&mut two, READ | WRITE);
    for byte in [0, 14] {
        assert_eq!(two.ctx.set_lock(b, lock(LockKind::Write, byte, 1)), Err(Errno::Again), "byte {byte}");
    }
    one.ctx.set_lock(reader, Lock::UNLOCK_ALL).unwrap();
    two.ctx.set_lock(b, WRITE_ALL).unwrap();
}

#[test]
fn closing_the_file_releases_its_locks() {
    let folder = folder();
    let (mut one, mut two) = (guest(&folder), guest(&folder));
    let (a, b) = (open(&mut one, READ | WRITE), open(&mut two, READ | WRITE));
    one.ctx.set_lock(a, WRITE_ALL).unwrap();
    one.call("fd_close", &[a.0.into()]).unwrap();
    two.ctx.set_lock(b, WRITE_ALL).unwrap();
}

#[test]
fn a_fork_has_lost_the_locks_and_cannot_use_the_file_until_it_releases_them() {
    let folder = folder();
    let mut one = guest(&folder);
    let (a, other) = (open(&mut one, READ | WRITE), open(&mut one, READ | WRITE));
    one.ctx.set_lock(a, WRITE_ALL).unwrap();
    let mut fork = one.fork();
    for fd in [a, other] {
        let number = fd.0.into();
        assert_eq!(fork.read(number, 4), Err(Errno::Io));
        assert_eq!(fork.write(number, b"x"), Err(Errno::Io));
        assert_eq!(fork.call("fd_filestat_set_size", &[number, 0]), Err(Errno::Io));
    }
    assert_eq!(fork.ctx.set_lock(other, READ_ALL), Err(Errno::Io));
    let mut again = fork.fork();
    assert_eq!(again.read(a.0.into(), 4), Err(Errno::Io));
    fork.ctx.set_lock(other, Lock::UNLOCK_ALL).unwrap();
    assert_eq!(fork.read(a.0.into(), 4).unwrap(), b"text");
    assert_eq!(fork.ctx.set_lock(a, READ_ALL), Err(Errno::Again));
    drop(one);
    fork.ctx.set_lock(a, WRITE_ALL).unwrap();
}

#[test]
fn a_fork_that_lost_a_lock_for_writing_cannot_write_what_belongs_to_it() {
    let folder = folder();
    fs::write(folder.path().join("journal"), "text").unwrap();
    let mut one = guest(&folder);
    let a = open(&mut one, READ | WRITE);
    let journal = one.open(ROOT, "journal", 0, READ | WRITE).unwrap();
    one.ctx.set_lock(a, READ_ALL).unwrap();
    assert_eq!(one.fork().write(journal, b"T"), Ok(1));
    one.ctx.set_lock(a, WRITE_ALL).unwrap();
    let mut fork = one.fork();
    assert_eq!(fork.write(journal, b"T"), Err(Errno::Io));
    assert_eq!(fork.ctx.find_lock(a, READ_ALL), Err(Errno::Io));
    assert_eq!(one.write(journal, b"T"), Ok(1));
    fork.ctx.set_lock(a, Lock::UNLOCK_ALL).unwrap();
    assert_eq!(fork.write(journal, b"T"), Ok(1));
}

#[test]
fn going_back_releases_what_was_locked_since() {
    let folder = folder();
    let (mut one, mut two) = (guest(&folder), guest(&folder));
    let (a, b) = (open(&mut one, READ | WRITE), open(&mut two, READ | WRITE));
    let before = one.ctx.fork(wasi_core::Streams::new()).unwrap();
    one.ctx.set_lock(a, WRITE_ALL).unwrap();
    one.ctx.go_back(before);
    two.ctx.set_lock(b, WRITE_ALL).unwrap();
    assert_eq!(one.read(a.0.into(), 4).unwrap(), b"text");
}

#[test]
fn files_that_only_the_guest_has_are_never_locked_by_others() {
    let memory = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(memory)));
    file(&mut guest, "a", b"");
    let fd = open(&mut guest, READ | WRITE);
    assert_eq!(guest.ctx.set_lock(fd, WRITE_ALL), Ok(()));
    assert_eq!(guest.ctx.find_lock(fd, WRITE_ALL), Ok(None));
    assert_eq!(guest.ctx.set_lock(Fd(ROOT as u32), READ_ALL), Err(Errno::Inval));
    assert_eq!(guest.ctx.set_lock(Fd(99), READ_ALL), Err(Errno::Badf));
}

#[test]
fn a_reader_of_a_read_only_folder_keeps_writers_out() {
    let folder = folder();
    let read_only = ReadOnly::new(Box::new(host(&folder)));
    let mut one = Guest::new(WasiCtx::builder().preopen("/work", Box::new(read_only)));
    let a = open(&mut one, READ);
    one.ctx.set_lock(a, READ_ALL).unwrap();
    assert!(!host_can_lock(&folder.path().join("a")));
}

#[test]
fn the_number_of_ranges_is_bounded() {
    let folder = folder();
    let mut guest = guest(&folder);
    let fd = open(&mut guest, READ);
    let set = |start| lock(LockKind::Read, start, 1);
    for start in 0..1024 {
        guest.ctx.set_lock(fd, set(2 * start)).unwrap();
    }
    assert_eq!(guest.ctx.set_lock(fd, set(5000)), Err(Errno::Nolck));
    guest.ctx.set_lock(fd, Lock::UNLOCK_ALL).unwrap();
    guest.ctx.set_lock(fd, READ_ALL).unwrap();
    for start in 1..1024 {
        guest.ctx.set_lock(fd, lock(LockKind::Unlock, 2 * start, 1)).unwrap();
    }
    assert_eq!(guest.ctx.set_lock(fd, lock(LockKind::Unlock, 5000, 1)), Err(Errno::Nolck));
    guest.ctx.set_lock(fd, lock(LockKind::Unlock, 0, 4)).unwrap();
    guest.ctx.set_lock(fd, set(5000)).unwrap();
}

/// Asks a process of the host whether it can lock the file by `flock`.
fn host_can_flock(path: &Path) -> bool {
    let program = "import fcntl, sys\ntry: fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)\n\
                   except OSError: sys.exit(9)";
    let status = Command::new("python3").args(["-c", program]).arg(path).status().unwrap();
    assert!(matches!(status.code(), Some(0 | 9)), "{status}");
    status.success()
}

#[test]
fn a_lock_on_a_whole_file_belongs_to_one_descriptor() {
    let folder = folder();
    let path = folder.path().join("a");
    let mut one = guest(&folder);
    let (a, b) = (open(&mut one, READ | WRITE), open(&mut one, READ | WRITE));
    one.ctx.flock(a, LockKind::Write).unwrap();
    one.ctx.flock(a, LockKind::Write).unwrap();
    assert_eq!(one.ctx.flock(b, LockKind::Read), Err(Errno::Again));
    assert!(!host_can_flock(&path));
    assert!(host_can_lock(&path), "the locks of fcntl are others");
    one.ctx.flock(a, LockKind::Read).unwrap();
    one.ctx.flock(b, LockKind::Read).unwrap();
    one.ctx.flock(b, LockKind::Unlock).unwrap();
    assert!(!host_can_flock(&path));
    one.call("fd_close", &[a.0.into()]).unwrap();
    assert!(host_can_flock(&path));
}

#[test]
fn whoever_can_only_read_keeps_nobody_else_from_it() {
    let folder = folder();
    let mut one = guest(&folder);
    let a = open(&mut one, READ);
    assert_eq!(one.ctx.flock(a, LockKind::Write), Err(Errno::Badf));
    assert_eq!(one.ctx.flock(a, LockKind::Read), Ok(()));
    assert_eq!(one.ctx.flock(Fd(ROOT as u32), LockKind::Read), Err(Errno::Inval));
    assert_eq!(one.ctx.flock(Fd(99), LockKind::Read), Err(Errno::Badf));
}

#[test]
fn a_fork_has_lost_the_lock_on_a_whole_file() {
    let folder = folder();
    let mut one = guest(&folder);
    let a = open(&mut one, READ | WRITE);
    one.ctx.flock(a, LockKind::Write).unwrap();
    let mut fork = one.fork();
    assert_eq!(fork.ctx.flock(a, LockKind::Write), Err(Errno::Io));
    assert_eq!(fork.write(a.0.into(), b"x"), Err(Errno::Io));
    fork.ctx.flock(a, LockKind::Unlock).unwrap();
    assert_eq!(fork.ctx.flock(a, LockKind::Write), Err(Errno::Again));
    assert_eq!(fork.write(a.0.into(), b"x"), Ok(1));
    drop(one);
    fork.ctx.flock(a, LockKind::Write).unwrap();
}
