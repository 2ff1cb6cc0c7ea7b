//! Saving and resuming a guest.

use std::time::{Duration, UNIX_EPOCH};

use wasi_core::clock::{Clock, FixedClock};
use wasi_core::fs::stdio::Capture;
use wasi_core::fs::{
    Archive, Change, ChangeKind, Device, Dir, HostDir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource,
};
use wasi_core::random::SeededRandom;
use wasi_core::types::{ClockId, Timestamp};
use wasi_core::{Errno, Limits, Stop, Streams, WasiCtx, World, WorldError};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

fn memory() -> MemoryDir {
    MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0))
}

fn host(folder: &tempfile::TempDir) -> Box<dyn Dir> {
    Box::new(HostDir::open_ambient(folder.path(), Quota::unlimited()).unwrap())
}

fn in_memory(case: fn(&mut Guest)) {
    let builder = WasiCtx::builder().preopen("/work", Box::new(memory()));
    case(&mut Guest::new(builder));
    // An overlay over a folder in memory, which is part of the world, too.
    let overlay = Overlay::new(Box::new(memory()), Quota::unlimited(), TimeSource::fixed(0));
    case(&mut Guest::new(WasiCtx::builder().preopen("/work", Box::new(overlay.dir()))));
}

#[test]
fn an_open_file_keeps_its_number_its_offset_and_its_mode() {
    in_memory(|guest| {
        file(guest, "a", b"abcdef");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let appends = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        guest.call("fd_fdstat_set_flags", &[appends, 1]).unwrap();
        guest.read(fd, 2).unwrap();
        let mut other = guest.resumed(vec![]);
        assert_eq!(tell(&mut other, fd), 2);
        assert_eq!(other.write(fd, b"x"), Err(Errno::Badf));
        other.write(appends, b"g").unwrap();
        assert_eq!(other.read(fd, 9).unwrap(), b"cdefg");
        assert_eq!(guest.read(fd, 9).unwrap(), b"cdef");
    });
}

#[test]
fn numbers_that_share_a_file_share_it_again_and_free_ones_are_free() {
    in_memory(|guest| {
        file(guest, "a", b"abcdef");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let twin = guest.dup(fd);
        let gone = guest.dup(fd);
        let last = guest.dup(fd);
        close(guest, gone).unwrap();
        let mut other = guest.resumed(vec![]);
        assert_eq!(other.read(fd, 2).unwrap(), b"ab");
        close(&mut other, fd).unwrap();
        assert_eq!(other.read(twin, 2).unwrap(), b"cd");
        assert_eq!(close(&mut other, gone), Err(Errno::Badf));
        assert_eq!(other.open(ROOT, "a", 0, READ), Ok(fd));
        assert_eq!(other.read(last, 2).unwrap(), b"ef");
    });
}

#[test]
fn a_tree_comes_back_with_its_folders_links_times_and_numbers() {
    in_memory(|guest| {
        dir(guest, "d");
        dir(guest, "d/e");
        file(guest, "d/e/a", b"abc");
        symlink(guest, "d/e", "link").unwrap();
        link(guest, "d/e/a", "twin", 0).unwrap();
        let before = ["d", "d/e", "twin", "link/a"].map(|path| stat(guest, path, true));
        let mut other = guest.resumed(vec![]);
        assert_eq!(["d", "d/e", "twin", "link/a"].map(|path| stat(&mut other, path, true)), before);
        assert_eq!(device_of(&mut other, ROOT), device_of(guest, ROOT));
        assert_eq!(content(&mut other, "link/../e/a"), b"abc");
        let twin = other.open(ROOT, "twin", 0, WRITE).unwrap();
        other.write(twin, b"X").unwrap();
        assert_eq!(content(&mut other, "d/e/a"), b"Xbc");
        rename(&mut other, "d", "d/e/f").unwrap_err();
        file(&mut other, "new", b"");
        assert!(stat(&mut other, "new", true).unwrap().2 > stat(&mut other, "twin", true).unwrap().2);
    });
}

#[test]
fn a_file_and_a_folder_without_names_come_back_for_whoever_has_them_open() {
    in_memory(|guest| {
        file(guest, "a", b"abc");
        dir(guest, "d");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let folder = guest.open(ROOT, "d", DIRECTORY, READ).unwrap();
        at(guest, "path_unlink_file", "a").unwrap();
        at(guest, "path_remove_directory", "d").unwrap();
        let mut other = guest.resumed(vec![]);
        assert_eq!(other.read(fd, 9).unwrap(), b"abc");
        assert_eq!(names(&mut other, folder, 1000), [".", ".."]);
        assert_eq!(other.open(folder, "new", CREAT, WRITE), Err(Errno::Noent));
    });
}

#[test]
fn a_listing_under_way_goes_on() {
    in_memory(|guest| {
        for name in ["a", "b", "c"] {
            file(guest, name, b"");
        }
        let page = readdir(guest, ROOT, 24 + 1 + 24 + 2 + 24 + 1, 0);
        let first = entries(&page).pop().unwrap();
        let page = readdir(&mut guest.resumed(vec![]), ROOT, 1000, first.0);
        let rest: Vec<_> = entries(&page).into_iter().map(|entry| entry.3).collect();
        assert_eq!(rest, ["b", "c"]);
    });
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
fn an_overlay_over_a_folder_in_memory_needs_no_grant() {
    let below = memory();
    below.add_file("a", "abc").unwrap();
    let overlay = Overlay::new(below.reopen().unwrap(), Quota::unlimited(), TimeSource::fixed(0));
    // The lower directory is granted, too, and before the overlay: it must be one tree, whichever is saved
    // first.
    for first in [true, false] {
        let (one, two) = (Box::new(overlay.dir()), below.reopen().unwrap());
        let builder = WasiCtx::builder();
        let builder = if first {
            builder.preopen("/work", one).preopen("/below", two)
        } else {
            builder.preopen("/below", two).preopen("/work", one)
        };
        let guest = Guest::new(builder);
        assert_eq!(guest.ctx.save().unwrap().grants().count(), 0);
        let mut other = guest.resumed(vec![]);
        let fd = other.open(if first { 3 } else { 4 }, "a", 0, READ).unwrap();
        assert_eq!(other.read(fd, 9).unwrap(), b"abc");
    }
}

#[test]
fn a_file_of_an_archive_goes_on_in_the_same_archive_and_no_other() {
    let archive = |content| Box::new(Archive::open(archive_of("a", content)).unwrap().dir());
    let mut guest = Guest::new(WasiCtx::builder().preopen("/usr", archive(b"abcdef")));
    let fd = guest.open(ROOT, "a", 0, READ).unwrap();
    guest.read(fd, 2).unwrap();
    let mut other = guest.resumed(vec![("/usr", archive(b"abcdef"))]);
    assert_eq!(other.read(fd, 9).unwrap(), b"cdef");
    assert_eq!(content(&mut other, "a"), b"abcdef");

    let world = guest.ctx.save().unwrap();
    let resumed = |dir: Box<dyn Dir>| world.resume([("/usr".to_owned(), dir)], Streams::new()).err();
    assert_eq!(resumed(archive(b"ABCDEF")), Some(WorldError::OtherArchive("/usr".into())));
    assert_eq!(resumed(Box::new(memory())), Some(WorldError::OtherArchive("/usr".into())));
    assert_eq!(world.resume([], Streams::new()).err(), Some(WorldError::NotGranted("/usr".into())));
}

#[test]
fn devices_clock_and_randomness_go_on_in_an_equal_state() {
    let dev = memory();
    dev.add_device("null", Device::Null).unwrap();
    dev.add_device("zero", Device::Zero).unwrap();
    dev.add_device("random", Device::random(SeededRandom::new(7))).unwrap();
    let builder = WasiCtx::builder()
        .random(Box::new(SeededRandom::new(8)))
        .clock(Box::new(FixedClock::new(UNIX_EPOCH + Duration::from_secs(5))))
        .preopen("/dev", Box::new(dev));
    let mut guest = Guest::new(builder);
    let opened = ["null", "zero", "random"].map(|name| guest.open(ROOT, name, 0, READ).unwrap());
    let draw = |guest: &mut Guest| {
        let fresh = guest.open(ROOT, "random", 0, READ).unwrap();
        let mut all = [fresh, opened[0], opened[1], opened[2]].map(|fd| guest.read(fd, 16).unwrap()).concat();
        guest.call("random_get", &[30_000, 16]).unwrap();
        all.extend(guest.bytes(30_000, 16));
        guest.call("clock_time_get", &[0, 0, RESULT.into()]).unwrap();
        all.extend(guest.bytes(RESULT.into(), 8));
        all
    };
    let before = draw(&mut guest);
    let mut other = guest.resumed(vec![]);
    let after = draw(&mut guest);
    assert_eq!(draw(&mut other), after);
    assert_ne!(after, before);
}

#[test]
fn arguments_environment_limits_and_output_that_was_written_come_back() {
    let limits = Limits { output: 5, open_files: 4, ..Limits::default() };
    let builder = WasiCtx::builder().args(["prog", "a"]).env("K", "v").limits(limits);
    let mut guest = Guest::new(builder.preopen("/work", Box::new(memory())));
    guest.write(1, b"123").unwrap();
    let mut other = guest.resumed(vec![]);
    other.call("args_get", &[1024, 2048]).unwrap();
    assert_eq!(other.bytes(2048, 7), b"prog\0a\0");
    other.call("environ_get", &[1024, 2048]).unwrap();
    assert_eq!(other.bytes(2048, 4), b"K=v\0");
    assert_eq!(other.open(ROOT, "a", CREAT, WRITE), Err(Errno::Mfile));
    other.write(2, b"12").unwrap();
    let ([iovs, count], _) = other.iovecs(&[1]);
    assert_eq!(other.raw("fd_write", &[1, iovs, count, RESULT.into()]), Err(Stop::OutputLimit));
}

#[test]
fn streams_are_new_and_what_was_duplicated_from_them_follows() {
    let (first, second) = (Capture::new(), Capture::new());
    let mut guest = Guest::new(WasiCtx::builder().stdout(Box::new(first.clone())));
    let twin = guest.dup(1);
    let streams = Streams::new().stdout(Box::new(second.clone()));
    let mut other = guest.resumed_with(vec![], streams);
    other.write(1, b"a").unwrap();
    other.write(twin, b"b").unwrap();
    assert_eq!((first.take(), second.take()), (b"".into(), b"ab".into()));
}

#[test]
fn the_same_world_is_the_same_bytes() {
    let bytes = || {
        let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(memory())));
        for name in ["c", "a", "b", "z", "y"] {
            file(&mut guest, name, name.as_bytes());
        }
        guest.ctx.save().unwrap().to_bytes().unwrap()
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn what_only_the_embedder_knows_cannot_be_saved() {
    struct Own;
    impl Clock for Own {
        fn now(&self, _id: ClockId) -> Result<Timestamp, Errno> {
            Ok(0)
        }
        fn resolution(&self, _id: ClockId) -> Result<Timestamp, Errno> {
            Ok(1)
        }
        fn skip(&mut self, _duration: Timestamp) -> bool {
            true
        }
        fn fork(&self) -> Box<dyn Clock> {
            Box::new(Own)
        }
    }
    let saved = |builder: wasi_core::WasiCtxBuilder| builder.build().unwrap().save().err();
    let unsavable = |what| Some(WorldError::Unsavable(what));
    assert_eq!(saved(WasiCtx::builder().clock(Box::new(Own))), unsavable("a clock of the embedder's own"));
    let dir = MemoryDir::new(Quota::unlimited(), TimeSource::new(|| 7));
    let builder = WasiCtx::builder().preopen("/work", Box::new(dir));
    assert_eq!(saved(builder), unsavable("a clock of files of the embedder's own"));
}

/// Returns a world with one of everything, and its grants.
fn rich() -> (Vec<u8>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("below"), "abc").unwrap();
    let dev = memory();
    dev.add_device("random", Device::random(SeededRandom::new(7))).unwrap();
    let overlay = Overlay::new(host(&folder), Quota::new(100, 10), TimeSource::fixed(0));
    let builder = WasiCtx::builder()
        .args(["prog"])
        .random(Box::new(SeededRandom::new(1)))
        .clock(Box::new(FixedClock::new(UNIX_EPOCH)))
        .preopen("/work", Box::new(memory()))
        .preopen("/dev", Box::new(dev))
        .preopen("/over", Box::new(overlay.dir()))
        .preopen("/usr", Box::new(Archive::open(archive_of("a", b"abc")).unwrap().dir()));
    let mut guest = Guest::new(builder);
    dir(&mut guest, "d");
    file(&mut guest, "d/a", b"abc");
    symlink(&mut guest, "d/a", "link").unwrap();
    for (fd, name, how) in [(3, "d/a", WRITE), (4, "random", READ), (5, "below", READ), (6, "a", READ)] {
        guest.open(fd, name, 0, how).unwrap();
    }
    guest.dup(7);
    (guest.ctx.save().unwrap().to_bytes().unwrap(), folder)
}

#[test]
fn bytes_that_are_not_a_world_are_refused_each_with_its_error() {
    let (bytes, _folder) = rich();
    let read = |bytes: &[u8]| World::from_bytes(bytes).err();
    assert_eq!(read(&bytes), None);
    assert_eq!(read(b""), Some(WorldError::NotAWorld));
    assert_eq!(read(b"something else"), Some(WorldError::NotAWorld));
    let mut other = bytes.clone();
    other[8] = 77;
    assert_eq!(read(&other), Some(WorldError::Version(77)));
    for len in 8..bytes.len() {
        assert_eq!(read(&bytes[..len]), Some(WorldError::Damaged), "{len}");
    }
    assert_eq!(read(&[&bytes[..], b"x"].concat()), Some(WorldError::Damaged));
    for at in 12..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(read(&changed), Some(WorldError::Damaged), "{at}");
    }
}

/// A changed world with the right checksum must be refused or be the world of another guest, and never panic.
#[test]
fn a_forged_world_is_refused_or_harmless() {
    let (bytes, folder) = rich();
    let body = bytes[24..].to_vec();
    let mut resumed = 0;
    for at in 0..body.len() {
        for value in [0, 1, 2, 5, 0x7f, 0x80, 0xff, body[at].wrapping_add(1), body[at].wrapping_sub(1)] {
            let mut forged = body.clone();
            forged[at] = value;
            let header = [&bytes[..20], &crc32fast::hash(&forged).to_le_bytes()[..]].concat();
            let Ok(world) = World::from_bytes(&[header, forged].concat()) else { continue };
            let usr = Archive::open(archive_of("a", b"abc")).unwrap().dir();
            let granted: [(String, Box<dyn Dir>); 2] =
                [("/over".into(), host(&folder)), ("/usr".into(), Box::new(usr))];
            let Ok(ctx) = world.resume(granted, Streams::new()) else { continue };
            resumed += 1;
            use_everything(ctx);
        }
    }
    assert!(resumed > 100, "{resumed}");
}

/// Visits everything that was read: names, links, parents, contents.
fn use_everything(ctx: WasiCtx) {
    let mut guest = Guest::with(ctx);
    for fd in 0..12 {
        for path in ["d/a", "link", "d/../link", "below", "a", "random"] {
            let _any = guest.open(fd, path, 0, READ);
        }
        let ([iovs, count], _) = guest.iovecs(&[64]);
        for name in ["fd_read", "fd_write"] {
            let _any = guest.raw(name, &[fd, iovs, count, RESULT.into()]);
        }
        let _any = guest.raw("fd_readdir", &[fd, 30_000, 1000, 0, RESULT.into()]);
        let ([from, from_len], [to, to_len]) = (guest.put(b"d"), guest.put(b"d/e"));
        let _any = guest.raw("path_rename", &[fd, from, from_len, fd, to, to_len]);
    }
    let _any = guest.ctx.fork(Streams::new()).unwrap().save();
    let _any = guest.ctx.overlay("/over").map(Overlay::diff);
}
