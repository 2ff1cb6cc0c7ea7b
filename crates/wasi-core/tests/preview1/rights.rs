//! What `path_open` takes rights for, and the rights that descriptors report.

use wasi_core::fs::{Archive, Device, Dir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource};
use wasi_core::{Errno, WasiCtx};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

const ALLOCATE: u64 = 1 << 8;
const SET_SIZE: u64 = 1 << 22;
const SET_TIMES: u64 = 1 << 23;

/// What Go's `os.Open` asks for: its `fileRights` without its `writeRights`
/// ([`fs_wasip1.go`](https://github.com/golang/go/blob/master/src/syscall/fs_wasip1.go)).
const GO_READS: u64 = 0x0fff_ffff & !(1 | WRITE | ALLOCATE | 1 << 19);

/// The rights with which something below a directory could be changed: all but those to open, list and look.
const CHANGES: u64 = WRITE
    | ALLOCATE
    | SET_SIZE
    | SET_TIMES
    | 1 << 9
    | 1 << 10
    | 1 << 11
    | 1 << 12
    | 1 << 16
    | 1 << 17
    | 1 << 19
    | 1 << 20
    | 1 << 24
    | 1 << 25
    | 1 << 26;

/// Returns the rights of a descriptor, and those of what is opened through it.
fn rights_of(guest: &mut Guest, fd: u64) -> (u64, u64) {
    guest.call("fd_fdstat_get", &[fd, RESULT.into()]).unwrap();
    (guest.u64(u64::from(RESULT) + 8), guest.u64(u64::from(RESULT) + 16))
}

/// Returns a tree with the file `d/a`.
fn memory() -> MemoryDir {
    let dir = MemoryDir::new(Quota::unlimited(), TimeSource::system());
    dir.add_file("d/a", "hello").unwrap();
    dir
}

on_each_back_end! {
    fn any_rights_open_a_directory(guest) {
        for rights in [0, READ, !WRITE, ALLOCATE | SET_SIZE, GO_READS] {
            let fd = guest.open(ROOT, ".", DIRECTORY, rights).unwrap();
            guest.call("fd_close", &[fd]).unwrap();
            let fd = guest.open(ROOT, ".", 0, rights).unwrap();
            guest.call("fd_close", &[fd]).unwrap();
        }
    }

    fn rights_tell_how_a_file_was_opened(guest) {
        file(guest, "a", b"");
        for rights in [0, READ, WRITE, READ | WRITE] {
            let fd = guest.open(ROOT, "a", 0, rights).unwrap();
            guest.call("fd_fdstat_get", &[fd, RESULT.into()]).unwrap();
            let base = guest.u64(u64::from(RESULT) + 8);
            assert_eq!(base & (READ | WRITE), rights);
            assert_eq!(base & (1 << 2 | 1 << 5), 1 << 2 | 1 << 5, "a file can seek and tell");
            guest.call("fd_close", &[fd]).unwrap();
        }
    }

    fn only_the_right_to_write_opens_for_writing(guest) {
        file(guest, "a", b"hello");
        for rights in [!WRITE, READ | ALLOCATE | SET_SIZE, GO_READS] {
            let fd = guest.open(ROOT, "a", 0, rights).unwrap();
            assert_eq!(guest.read(fd, 5).unwrap(), b"hello");
            assert_eq!(guest.write(fd, b"x"), Err(Errno::Badf));
            assert_eq!(guest.call("fd_filestat_set_size", &[fd, 0]), Err(Errno::Inval));
            assert_eq!(rights_of(guest, fd).0 & (WRITE | ALLOCATE | SET_SIZE), 0);
            guest.call("fd_close", &[fd]).unwrap();
        }
    }

    fn rights_are_reported_and_never_dropped(guest) {
        guest.call("fd_fdstat_get", &[ROOT, RESULT.into()]).unwrap();
        assert_eq!(guest.bytes(RESULT.into(), 1), [3]);
        let base = guest.u64(u64::from(RESULT) + 8);
        assert_eq!(base & (1 << 22), 0, "a directory has no size to set");
        assert_eq!(base & (1 << 19), 0, "nor sizes of what is below: guests that find this want to drop it");
        assert_ne!(base & (1 << 13), 0, "a directory can be opened below");
        assert_eq!(guest.call("fd_fdstat_set_rights", &[ROOT, 0, 0]), Err(Errno::Notsup));
    }
}

#[test]
fn what_cannot_be_changed_reports_no_right_to_change_it() {
    let archive = Archive::open(archive_of("d/a", b"hello")).unwrap();
    let views: [Box<dyn Dir>; 2] = [Box::new(ReadOnly::new(Box::new(memory()))), Box::new(archive.dir())];
    for view in views {
        let mut guest = Guest::new(WasiCtx::builder().preopen("/work", view));
        for rights in [READ, GO_READS] {
            let dir = guest.open(ROOT, "d", DIRECTORY, rights).unwrap();
            for dir in [ROOT, dir] {
                let (base, inheriting) = rights_of(&mut guest, dir);
                assert_eq!(base & CHANGES, 0);
                // libc asks for no other rights than these: an open for writing has to reach `path_open`.
                assert_eq!(inheriting & CHANGES, WRITE);
            }
            let fd = guest.open(dir, "a", 0, rights).unwrap();
            assert_eq!(rights_of(&mut guest, fd).0 & CHANGES, 0);
            assert_eq!(guest.read(fd, 5).unwrap(), b"hello");
        }
    }
}

#[test]
fn reading_through_an_overlay_as_go_does_copies_nothing() {
    let quota = Quota::new(100, 10);
    let overlay = Overlay::new(Box::new(memory()), quota.clone(), TimeSource::system());
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(overlay.dir())));
    let fd = guest.open(ROOT, "d/a", 0, GO_READS).unwrap();
    assert_eq!(guest.read(fd, 5).unwrap(), b"hello");
    assert_eq!(quota.used(), (0, 0));
    assert_eq!(overlay.diff().unwrap(), []);
}

#[test]
fn a_device_is_read_with_any_rights_that_do_not_write() {
    let dir = memory();
    dir.add_device("null", Device::Null).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(ReadOnly::new(Box::new(dir)))));
    let fd = guest.open(ROOT, "null", 0, GO_READS).unwrap();
    assert_eq!(guest.read(fd, 5).unwrap(), b"");
}
