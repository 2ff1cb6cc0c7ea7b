//! Forks of a guest.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use wasi_core::clock::FixedClock;
use wasi_core::fs::stdio::{Capture, Input};
use wasi_core::fs::{
    Archive, Change, ChangeKind, Device, Dir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource,
};
use wasi_core::random::SeededRandom;
use wasi_core::types::Fd;
use wasi_core::{Errno, Instant, Limits, Stop, Streams, WasiCtx};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

on_each_back_end! {
    fn an_open_file_keeps_its_number_and_goes_on_with_an_offset_of_its_own(guest) {
        file(guest, "a", b"abcdef");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        guest.read(fd, 2).unwrap();
        let mut other = guest.fork();
        assert_eq!(other.read(fd, 2).unwrap(), b"cd");
        assert_eq!(guest.read(fd, 1).unwrap(), b"c");
        assert_eq!((tell(guest, fd), tell(&mut other, fd)), (3, 4));
    }

    fn numbers_that_share_a_file_share_it_in_the_fork(guest) {
        file(guest, "a", b"abcdef");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let twin = guest.dup(fd);
        let mut other = guest.fork();
        assert_eq!(other.read(fd, 2).unwrap(), b"ab");
        close(&mut other, fd).unwrap();
        assert_eq!(other.read(twin, 2).unwrap(), b"cd");
        assert_eq!(guest.read(twin, 2).unwrap(), b"ab");
    }

    fn numbers_that_are_free_are_free_in_the_fork(guest) {
        file(guest, "a", b"");
        let [low, high] = [0, 1].map(|_| guest.open(ROOT, "a", 0, READ).unwrap());
        close(guest, low).unwrap();
        let mut other = guest.fork();
        assert_eq!(close(&mut other, low), Err(Errno::Badf));
        assert_eq!(other.open(ROOT, "a", 0, READ), Ok(low));
        close(&mut other, high).unwrap();
        assert_eq!(guest.read(high, 1).unwrap(), b"");
    }

    fn a_file_is_read_and_written_in_the_fork_as_it_was_opened(guest) {
        file(guest, "a", b"abc");
        let reader = guest.open(ROOT, "a", 0, READ).unwrap();
        let writer = guest.open(ROOT, "a", 0, WRITE).unwrap();
        guest.call("fd_fdstat_set_flags", &[writer, 1]).unwrap();
        let mut other = guest.fork();
        assert_eq!(other.write(reader, b"x"), Err(Errno::Badf));
        assert_eq!(other.read(writer, 1), Err(Errno::Badf));
        other.write(writer, b"d").unwrap();
        assert_eq!(content(&mut other, "a"), b"abcd");
    }

    fn appending_is_a_mode_of_each_for_itself(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        let mut other = guest.fork();
        other.call("fd_fdstat_set_flags", &[fd, 1]).unwrap();
        other.write(fd, b"d").unwrap();
        guest.write(fd, b"X").unwrap();
        assert_eq!(&content(guest, "a")[..3], b"Xbc");
        other.write(fd, b"e").unwrap();
        assert_eq!(&content(&mut other, "a")[3..], b"de");
    }

    fn an_open_directory_leads_to_the_same_names(guest) {
        dir(guest, "d");
        file(guest, "d/a", b"abc");
        let fd = guest.open(ROOT, "d", DIRECTORY, READ).unwrap();
        let mut other = guest.fork();
        let opened = other.open(fd, "a", 0, READ).unwrap();
        assert_eq!(other.read(opened, 9).unwrap(), b"abc");
    }

    fn a_listing_under_way_goes_on_in_both(guest) {
        dir(guest, "d");
        for name in ["a", "b", "c"] {
            file(guest, &format!("d/{name}"), b"");
        }
        let fd = guest.open(ROOT, "d", DIRECTORY, READ).unwrap();
        let page = readdir(guest, fd, 24 + 1 + 24 + 2 + 24 + 1, 0);
        let first = entries(&page).pop().unwrap();
        let mut other = guest.fork();
        for guest in [guest, &mut other] {
            let page = readdir(guest, fd, 1000, first.0);
            let mut all: Vec<_> = entries(&page).into_iter().map(|entry| entry.3).collect();
            all.push(first.3.clone());
            all.sort();
            assert_eq!(all, ["a", "b", "c"]);
        }
    }

    fn an_unlinked_file_stays_for_whoever_has_it_open(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        at(guest, "path_unlink_file", "a").unwrap();
        let mut other = guest.fork();
        close(guest, fd).unwrap();
        assert_eq!(other.read(fd, 9).unwrap(), b"abc");
    }

    fn a_fork_of_a_fork_is_a_fork(guest) {
        file(guest, "a", b"abcdef");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        guest.read(fd, 1).unwrap();
        let middle = guest.fork();
        let mut last = middle.fork();
        drop(middle);
        assert_eq!(last.read(fd, 2).unwrap(), b"bc");
    }
}

/// Runs a case in which one guest must not see what the other changes.
macro_rules! in_memory {
    ($(fn $case:ident($guest:ident) $body:block)*) => {
        $(mod $case {
            use super::*;

            fn case($guest: &mut Guest) $body

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

in_memory! {
    fn neither_sees_what_the_other_writes(guest) {
        file(guest, "a", b"before");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        let mut other = guest.fork();
        other.write(fd, b"CHILD").unwrap();
        guest.write(fd, b"PAR").unwrap();
        assert_eq!(content(guest, "a"), b"PARore");
        assert_eq!(content(&mut other, "a"), b"CHILDe");
    }

    fn neither_sees_the_names_that_the_other_makes_moves_and_removes(guest) {
        for name in ["a", "b"] {
            file(guest, name, name.as_bytes());
        }
        let mut other = guest.fork();
        file(&mut other, "new", b"");
        rename(&mut other, "a", "moved").unwrap();
        at(guest, "path_unlink_file", "b").unwrap();
        dir(guest, "d");
        assert_eq!(names(guest, ROOT, 1000), [".", "..", "a", "d"]);
        assert_eq!(names(&mut other, ROOT, 1000), [".", "..", "b", "moved", "new"]);
    }

    fn a_file_that_both_had_open_without_a_name_is_two_files(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        at(guest, "path_unlink_file", "a").unwrap();
        let mut other = guest.fork();
        other.write(fd, b"X").unwrap();
        assert_eq!(guest.read(fd, 9).unwrap(), b"abc");
        other.call("fd_seek", &[fd, 0, 0, RESULT.into()]).unwrap();
        assert_eq!(other.read(fd, 9).unwrap(), b"Xbc");
    }

    fn inodes_and_devices_keep_their_numbers(guest) {
        file(guest, "a", b"");
        let before = (stat(guest, "a", true), device_of(guest, ROOT));
        let mut other = guest.fork();
        assert_eq!((stat(&mut other, "a", true), device_of(&mut other, ROOT)), before);
    }
}

#[test]
fn what_lies_below_an_overlay_is_read_on_and_written_in_one_of_them_only() {
    let below = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
    below.add_file("a", "abcdef").unwrap();
    let overlay = Overlay::new(Box::new(below), Quota::unlimited(), TimeSource::fixed(0));
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(overlay.dir())));
    let fd = guest.open(ROOT, "a", 0, READ).unwrap();
    guest.read(fd, 2).unwrap();
    let mut other = guest.fork();
    file(&mut other, "a", b"ABCDEF");
    assert_eq!(other.read(fd, 2).unwrap(), b"CD");
    assert_eq!(guest.read(fd, 2).unwrap(), b"cd");

    let changed = vec![Change { path: "a".into(), kind: ChangeKind::Changed }];
    assert_eq!(overlay.diff(), Ok(vec![]));
    assert_eq!(guest.ctx.overlay("/work").unwrap().diff(), Ok(vec![]));
    assert_eq!(other.ctx.overlay("/work").unwrap().diff(), Ok(changed));
}

#[test]
fn an_overlay_is_found_by_its_name_after_the_guest_has_closed_it() {
    let below = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
    let overlay = Overlay::new(Box::new(below), Quota::unlimited(), TimeSource::fixed(0));
    let plain = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
    let builder = WasiCtx::builder().preopen("/work", Box::new(overlay.dir()));
    let mut guest = Guest::new(builder.preopen("/tmp", Box::new(plain)));
    file(&mut guest, "a", b"abc");
    close(&mut guest, ROOT).unwrap();
    let added = vec![Change { path: "a".into(), kind: ChangeKind::Added }];
    assert_eq!(guest.fork().ctx.overlay("/work").unwrap().diff(), Ok(added));
    assert!(guest.ctx.overlay("/tmp").is_none());
}

#[test]
fn a_read_only_folder_in_memory_stays_read_only() {
    let memory = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
    memory.add_file("a", "abc").unwrap();
    let dir = ReadOnly::new(Box::new(memory));
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(dir)));
    let fd = guest.open(ROOT, "a", 0, READ).unwrap();
    guest.read(fd, 1).unwrap();
    let mut other = guest.fork();
    assert_eq!(other.read(fd, 9).unwrap(), b"bc");
    assert_eq!(other.open(ROOT, "b", CREAT, WRITE), Err(Errno::Perm));
}

#[test]
fn a_file_of_an_archive_goes_on_at_its_offset() {
    let archive = Archive::open(archive_of("a", b"abcdef")).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().preopen("/usr", Box::new(archive.dir())));
    let fd = guest.open(ROOT, "a", 0, READ).unwrap();
    guest.read(fd, 2).unwrap();
    let mut other = guest.fork();
    assert_eq!(other.read(fd, 2).unwrap(), b"cd");
    assert_eq!(guest.read(fd, 1).unwrap(), b"c");
}

#[test]
fn a_seeded_device_and_the_source_of_random_get_go_on_with_the_same_bytes() {
    let dev = MemoryDir::new(Quota::new(0, 0), TimeSource::fixed(0));
    dev.add_device("random", Device::random(SeededRandom::new(7))).unwrap();
    let builder = WasiCtx::builder().random(Box::new(SeededRandom::new(8)));
    let mut guest = Guest::new(builder.preopen("/dev", Box::new(dev)));
    let fd = guest.open(ROOT, "random", 0, READ).unwrap();
    let draw = |guest: &mut Guest| {
        guest.call("random_get", &[30_000, 16]).unwrap();
        let fresh = guest.open(ROOT, "random", 0, READ).unwrap();
        let opened = guest.read(fresh, 16).unwrap();
        (guest.bytes(30_000, 16).to_vec(), guest.read(fd, 16).unwrap(), opened)
    };
    let before = draw(&mut guest);
    let mut other = guest.fork();
    let (one, two) = (draw(&mut guest), draw(&mut other));
    assert_eq!(one, two);
    assert_ne!(one, before);
}

#[test]
fn a_fixed_clock_tells_the_same_time_in_both_and_moves_in_each_alone() {
    let clock = FixedClock::new(UNIX_EPOCH + Duration::from_secs(5));
    let mut guest = Guest::new(WasiCtx::builder().clock(Box::new(clock)));
    let now = |guest: &mut Guest| {
        guest.call("clock_time_get", &[0, 0, RESULT.into()]).unwrap();
        guest.u64(RESULT.into())
    };
    let first = now(&mut guest);
    let mut other = guest.fork();
    let second = now(&mut other);
    assert!(second > first);
    assert_eq!(now(&mut guest), second);
}

#[test]
fn streams_are_new_and_what_was_duplicated_from_them_follows() {
    let (first, second, errors) = (Capture::new(), Capture::new(), Capture::new());
    let builder = WasiCtx::builder().stdin(Box::new(Input::new("old"))).stdout(Box::new(first.clone()));
    let mut guest = Guest::new(builder);
    let twin = guest.dup(1);
    let input = guest.dup(0);
    let streams = Streams::new()
        .stdin(Box::new(Input::new("new")))
        .stdout(Box::new(second.clone()))
        .stderr(Box::new(errors.clone()));
    let mut other = guest.fork_with(streams);
    other.write(1, b"a").unwrap();
    other.write(twin, b"b").unwrap();
    other.write(2, b"c").unwrap();
    guest.write(twin, b"d").unwrap();
    assert_eq!(other.read(input, 9).unwrap(), b"new");
    assert_eq!(guest.read(0, 9).unwrap(), b"old");
    assert_eq!((first.take(), second.take(), errors.take()), (b"d".into(), b"ab".into(), b"c".into()));
}

#[test]
fn a_standard_number_that_stands_for_a_file_goes_on_standing_for_it() {
    let capture = Capture::new();
    let dir = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(dir)));
    let fd = guest.open(ROOT, "a", CREAT, WRITE).unwrap();
    guest.ctx.duplicate_to(Fd(fd as u32), Fd(1)).unwrap();
    let mut other = guest.fork_with(Streams::new().stdout(Box::new(capture.clone())));
    other.write(1, b"abc").unwrap();
    assert_eq!(content(&mut other, "a"), b"abc");
    assert_eq!(capture.take(), b"");
}

#[test]
fn the_forks_quota_is_its_own_and_as_far_used() {
    let quota = Quota::new(10, 3);
    let dir = MemoryDir::new(quota.clone(), TimeSource::fixed(0));
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(dir)));
    file(&mut guest, "a", b"123456");
    let mut other = guest.fork();
    let fd = other.open(ROOT, "b", CREAT, WRITE).unwrap();
    assert_eq!(other.write(fd, b"12345"), Err(Errno::Nospc));
    assert_eq!(other.write(fd, b"1234"), Ok(4));
    assert_eq!(quota.used(), (6, 1));
    at(&mut other, "path_unlink_file", "a").unwrap();
    assert_eq!(other.write(fd, b"123456"), Ok(6));
    file(&mut guest, "c", b"1234");
}

#[test]
fn what_the_fork_does_not_have_open_gives_its_bytes_back() {
    let dir = MemoryDir::new(Quota::new(10, 9), TimeSource::fixed(0));
    // A descriptor of the embedder keeps the file, and no fork of the guest has it.
    let reopened = dir.reopen().unwrap();
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(dir)));
    file(&mut guest, "a", b"1234567890");
    let options = wasi_core::fs::OpenOptions {
        follow: true,
        oflags: wasi_core::types::OFlags::empty(),
        read: true,
        write: false,
        fdflags: wasi_core::types::FdFlags::empty(),
    };
    let _held = reopened.open(wasi_core::fs::RelativePath::parse(b"a").unwrap(), options).unwrap();
    at(&mut guest, "path_unlink_file", "a").unwrap();
    let mut other = guest.fork();
    file(&mut other, "b", b"1234567890");
    let fd = guest.open(ROOT, "b", CREAT, WRITE).unwrap();
    assert_eq!(guest.write(fd, b"1"), Err(Errno::Nospc));
}

#[test]
fn output_that_was_written_counts_in_the_fork_and_other_numbers_begin_anew() {
    let limits = Limits { output: 5, ..Limits::default() };
    let mut guest = Guest::new(WasiCtx::builder().limits(limits));
    guest.write(1, b"123").unwrap();
    let mut other = guest.fork();
    assert_eq!(other.ctx.stats().syscalls, 0);
    other.write(1, b"12").unwrap();
    let ([iovs, count], _) = other.iovecs(&[1]);
    assert_eq!(other.raw("fd_write", &[1, iovs, count, RESULT.into()]), Err(Stop::OutputLimit));
    guest.write(1, b"12").unwrap();
}

#[test]
fn a_fork_has_neither_the_deadline_nor_the_interrupt() {
    let mut guest = Guest::new(WasiCtx::builder());
    guest.ctx.set_deadline(Some(Instant::now()));
    guest.ctx.interrupt().terminate();
    let other = guest.fork();
    assert_eq!(other.ctx.deadline(), None);
    assert_eq!(other.ctx.check_stop(), Ok(()));
    other.ctx.interrupt().terminate();
    assert_eq!(other.ctx.check_stop(), Err(Stop::Terminated));
}

#[test]
fn arguments_and_environment_are_the_same() {
    let builder = WasiCtx::builder().args(["prog", "a"]).env("K", "v");
    let mut other = Guest::new(builder).fork();
    other.call("args_get", &[1024, 2048]).unwrap();
    assert_eq!(other.bytes(2048, 7), b"prog\0a\0");
    other.call("environ_get", &[1024, 2048]).unwrap();
    assert_eq!(other.bytes(2048, 4), b"K=v\0");
}

#[test]
fn trees_have_the_same_device_numbers_in_each_context_and_never_one_twice() {
    let numbers = || {
        let memory = || MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
        let overlay = Overlay::new(Box::new(memory()), Quota::unlimited(), TimeSource::fixed(0));
        let twice = memory();
        let builder = WasiCtx::builder()
            .preopen("/a", Box::new(memory()))
            .preopen("/b", Box::new(ReadOnly::new(Box::new(memory()))))
            .preopen("/c", Box::new(overlay.dir()))
            .preopen("/d", twice.reopen().unwrap())
            .preopen("/e", Box::new(twice));
        let mut guest = Guest::new(builder);
        [3, 4, 5, 6, 7].map(|fd| device_of(&mut guest, fd))
    };
    let found = numbers();
    assert_eq!(numbers(), found);
    assert_eq!(found[3], found[4]);
    assert_eq!(BTreeSet::from(found).len(), 4);
}

#[test]
fn a_tree_that_comes_later_gets_a_number_that_the_fork_does_not_have_yet() {
    with_memory(|guest| {
        let mut other = guest.fork();
        let dir = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
        let fd = other.ctx.add_preopen("/more", Box::new(dir)).unwrap();
        assert_ne!(device_of(&mut other, ROOT), device_of(&mut other, fd.0.into()));
    });
}
