//! Saving and resuming a guest.

use std::time::{Duration, UNIX_EPOCH};

use wasi_core::clock::{Clock, FixedClock};
use wasi_core::fs::stdio::Capture;
use wasi_core::fs::{Archive, Device, Dir, MemoryDir, Overlay, Quota, TimeSource};
use wasi_core::random::SeededRandom;
use wasi_core::types::{ClockId, Timestamp};
use wasi_core::{Errno, Limits, Stop, Streams, WasiCtx, WorldError};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

pub(crate) fn memory() -> MemoryDir {
    MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0))
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
