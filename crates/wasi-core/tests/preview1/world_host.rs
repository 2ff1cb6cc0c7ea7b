//! Saving and resuming a guest that has folders of the host.

use wasi_core::fs::{Change, ChangeKind, Dir, HostDir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource};
use wasi_core::{Errno, Limits, Streams, WasiCtx, WorldError};

use crate::back_ends::*;
use crate::guest::Guest;
use crate::world::memory;
use crate::world_limits::grow;

fn host(folder: &tempfile::TempDir) -> Box<dyn Dir> {
    Box::new(HostDir::open_ambient(folder.path(), Quota::unlimited()).unwrap())
}

#[test]
fn quotas_come_back_as_far_used_and_are_shared_as_before() {
    let quota = Quota::new(10, 9);
    let dir = |quota: &Quota| Box::new(MemoryDir::new(quota.clone(), TimeSource::fixed(0)));
    let folder = tempfile::tempdir().unwrap();
    let host = |quota| Box::new(HostDir::open_ambient(folder.path(), quota).unwrap());
    let builder = WasiCtx::builder().preopen("/a", dir(&quota)).preopen("/b", host(quota.clone()));
    let mut guest = Guest::new(builder);
    file(&mut guest, "a", b"123456");
    let mut other = guest.resumed(vec![("/b", host(Quota::unlimited()))]);
    let fd = other.open(4, "b", CREAT, WRITE).unwrap();
    assert_eq!(other.write(fd, b"12345"), Err(Errno::Nospc));
    at(&mut other, "path_unlink_file", "a").unwrap();
    assert_eq!(other.write(fd, b"1234567890"), Ok(10));
    assert_eq!(quota.used(), (6, 1));
}

#[test]
fn a_folder_of_the_host_is_granted_again_and_what_was_open_below_it_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", host(&folder)));
    file(&mut guest, "a", b"abc");
    dir(&mut guest, "d");
    let fd = guest.open(ROOT, "a", 0, READ).unwrap();
    let sub = guest.open(ROOT, "d", DIRECTORY, READ).unwrap();
    let world = guest.ctx.save().unwrap();
    assert_eq!(world.grants().collect::<Vec<_>>(), ["/work"]);
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("b"), "there").unwrap();
    let mut other = guest.resumed(vec![("/work", host(&elsewhere))]);
    assert_eq!(content(&mut other, "b"), b"there");
    assert_eq!(other.read(fd, 1), Err(Errno::Io));
    assert_eq!(other.open(sub, "x", 0, READ), Err(Errno::Io));
    assert_eq!(other.open(ROOT, "b", 0, READ), Ok(sub + 1));
    close(&mut other, fd).unwrap();
    close(&mut other, sub).unwrap();
}

#[test]
fn a_folder_that_is_not_granted_again_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let guest = Guest::new(WasiCtx::builder().preopen("/work", host(&folder)));
    let world = guest.ctx.save().unwrap();
    let error = world.resume([("/other".to_owned(), host(&folder))], Streams::new()).err().unwrap();
    assert_eq!(error, WorldError::NotGranted("/work".into()));
    assert_eq!(error.to_string(), "the saved world needs a folder under the name `/work`");
}

#[test]
fn a_folder_that_was_read_only_cannot_be_changed_whatever_is_granted() {
    let folder = tempfile::tempdir().unwrap();
    let read_only = Box::new(ReadOnly::new(host(&folder)));
    let guest = Guest::new(WasiCtx::builder().preopen("/work", read_only));
    let mut other = guest.resumed(vec![("/work", host(&folder))]);
    assert_eq!(other.open(ROOT, "a", CREAT, WRITE), Err(Errno::Perm));

    let given = memory();
    given.add_file("a", "abc").unwrap();
    let builder = WasiCtx::builder().preopen("/work", Box::new(ReadOnly::new(Box::new(given))));
    let mut guest = Guest::new(builder);
    let fd = guest.open(ROOT, "a", 0, READ).unwrap();
    let mut other = guest.resumed(vec![]);
    assert_eq!(other.read(fd, 9).unwrap(), b"abc");
    assert_eq!(other.open(ROOT, "b", CREAT, WRITE), Err(Errno::Perm));
}

#[test]
fn an_overlay_is_laid_over_what_is_granted_again() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["kept", "changed", "removed"] {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let overlay = Overlay::new(host(&folder), Quota::unlimited(), TimeSource::fixed(0));
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(overlay.dir())));
    file(&mut guest, "changed", b"new");
    at(&mut guest, "path_unlink_file", "removed").unwrap();
    let fd = guest.open(ROOT, "kept", 0, READ).unwrap();
    guest.read(fd, 2).unwrap();
    assert_eq!(guest.ctx.save().unwrap().grants().collect::<Vec<_>>(), ["/work"]);
    let mut other = guest.resumed(vec![("/work", host(&folder))]);
    assert_eq!(other.read(fd, 9).unwrap(), b"pt");
    assert_eq!(content(&mut other, "changed"), b"new");
    let change = |path: &str, kind| Change { path: path.into(), kind };
    let expected = [change("changed", ChangeKind::Changed), change("removed", ChangeKind::Removed)];
    let changes = other.ctx.overlay("/work").unwrap();
    assert_eq!(changes.diff().unwrap(), expected);
    changes.commit(&*host(&folder)).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("changed")).unwrap(), "new");
    assert!(!folder.path().join("removed").exists());
}

#[test]
fn a_file_below_an_overlay_that_is_gone_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "abc").unwrap();
    let overlay = Overlay::new(host(&folder), Quota::unlimited(), TimeSource::fixed(0));
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(overlay.dir())));
    let fd = guest.open(ROOT, "a", 0, READ).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let mut other = guest.resumed(vec![("/work", host(&empty))]);
    assert_eq!(other.read(fd, 1), Err(Errno::Io));
}

#[test]
fn a_folder_of_the_host_that_is_granted_again_has_the_smaller_limit_too() {
    let folder = tempfile::tempdir().unwrap();
    let host = || Box::new(HostDir::open_ambient(folder.path(), Quota::new(1000, 1000)).unwrap());
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", host()));
    file(&mut guest, "a", &[b'x'; 60]);
    let mut world = guest.ctx.save().unwrap();
    world.restrict(&Limits::default(), 70, 1000);
    let granted: [(String, Box<dyn Dir>); 1] = [("/work".into(), host())];
    let mut guest = Guest::with(world.resume(granted, Streams::new()).unwrap());
    assert_eq!(grow(&mut guest), 70);
}
