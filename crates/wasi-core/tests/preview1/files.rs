//! Files and directories through the door: every case on each back end.

use std::collections::BTreeSet;

use wasi_core::Errno;
use wasi_core::fs::RelativePath;

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

on_each_back_end! {
    fn open_creates_a_missing_file_and_excl_refuses_an_existing_one(guest) {
        assert_eq!(guest.open(ROOT, "a", 0, READ), Err(Errno::Noent));
        let fd = guest.open(ROOT, "a", CREAT | EXCL, WRITE).unwrap();
        assert_eq!(fd, 4);
        assert!(guest.traced().starts_with(
            "path_open(fd=3, dirflags=SYMLINK_FOLLOW, path=\"a\", oflags=CREAT | EXCL, rights_base=0x40"
        ), "{}", guest.traced());
        assert_eq!(guest.open(ROOT, "a", CREAT | EXCL, WRITE), Err(Errno::Exist));
        assert!(guest.traced().ends_with(") = exist (file exists)"), "{}", guest.traced());
        assert_eq!(guest.open(ROOT, "a", CREAT, WRITE), Ok(5));
    }

    fn trunc_empties_a_file(guest) {
        file(guest, "a", b"hello");
        guest.open(ROOT, "a", TRUNC, WRITE).unwrap();
        assert_eq!(stat(guest, "a", true).unwrap().1, 0);
    }

    fn a_file_is_read_and_written_only_as_it_was_opened(guest) {
        file(guest, "a", b"hello");
        let reader = guest.open(ROOT, "a", 0, READ).unwrap();
        assert_eq!(guest.write(reader, b"x"), Err(Errno::Badf));
        assert_eq!(guest.call("fd_filestat_set_size", &[reader, 1]), Err(Errno::Inval));
        let writer = guest.open(ROOT, "a", 0, WRITE).unwrap();
        assert_eq!(guest.read(writer, 1), Err(Errno::Badf));
    }

    fn a_file_opened_without_rights_can_be_looked_at(guest) {
        file(guest, "a", b"hello");
        let fd = guest.open(ROOT, "a", 0, 0).unwrap();
        guest.call("fd_filestat_get", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.u64(u64::from(RESULT) + 32), 5);
        assert_eq!(guest.read(fd, 1), Err(Errno::Badf));
    }

    fn a_read_fills_all_iovecs_of_a_file(guest) {
        file(guest, "a", b"abcdef");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let ([iovs, count], buffers) = guest.iovecs(&[2, 0, 3, 4]);
        guest.call("fd_read", &[fd, iovs, count, RESULT.into()]).unwrap();
        assert_eq!(guest.u32(RESULT.into()), 6);
        assert_eq!(guest.bytes(buffers[2], 3), b"cde");
        assert_eq!(guest.bytes(buffers[3], 4), b"f\0\0\0");
    }

    fn pread_and_pwrite_leave_the_offset(guest) {
        file(guest, "a", b"abcdef");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        guest.read(fd, 1).unwrap();
        let ([iovs, count], buffers) = guest.iovecs(&[3]);
        guest.call("fd_pread", &[fd, iovs, count, 3, RESULT.into()]).unwrap();
        assert_eq!(guest.bytes(buffers[0], 3), b"def");
        guest.call("fd_pwrite", &[fd, iovs, count, 0, RESULT.into()]).unwrap();
        guest.call("fd_tell", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.u64(RESULT.into()), 1);
        assert_eq!(content(guest, "a"), b"defdef");
    }

    fn offsets_past_4_gib_are_whole(guest) {
        let fd = guest.open(ROOT, "a", CREAT, READ | WRITE).unwrap();
        let far = 5 << 30;
        guest.call("fd_seek", &[fd, far, 0, RESULT.into()]).unwrap();
        guest.call("fd_tell", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.u64(RESULT.into()), far);
        assert_eq!(guest.read(fd, 4).unwrap(), b"");
    }

    fn seek_refuses_what_no_offset_can_be(guest) {
        file(guest, "a", b"hello");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let minus = |by: i64| by as u64;
        assert_eq!(guest.call("fd_seek", &[fd, minus(-1), 0, RESULT.into()]), Err(Errno::Inval));
        assert_eq!(guest.call("fd_seek", &[fd, minus(-6), 2, RESULT.into()]), Err(Errno::Inval));
        guest.call("fd_seek", &[fd, minus(-2), 2, RESULT.into()]).unwrap();
        assert_eq!(guest.u64(RESULT.into()), 3);
        let overflow = guest.call("fd_seek", &[fd, i64::MAX as u64, 1, RESULT.into()]);
        assert!(matches!(overflow, Err(Errno::Inval | Errno::Overflow)), "{overflow:?}");
        assert_eq!(guest.call("fd_seek", &[fd, 0, 7, RESULT.into()]), Err(Errno::Inval));
        guest.call("fd_tell", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.u64(RESULT.into()), 3);
    }

    fn append_writes_at_the_end_wherever_the_offset_is(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        guest.call("fd_fdstat_set_flags", &[fd, 1]).unwrap();
        guest.write(fd, b"d").unwrap();
        assert_eq!(content(guest, "a"), b"abcd");
        guest.call("fd_fdstat_get", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.bytes(u64::from(RESULT) + 2, 1), [1]);
    }

    fn set_size_cuts_and_fills_with_zeros(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        guest.call("fd_filestat_set_size", &[fd, 2]).unwrap();
        guest.call("fd_filestat_set_size", &[fd, 4]).unwrap();
        assert_eq!(content(guest, "a"), b"ab\0\0");
        assert_eq!(guest.call("fd_filestat_set_size", &[fd, u64::MAX]), Err(Errno::Inval));
        assert_eq!(guest.call("fd_allocate", &[fd, 0, 100]), Err(Errno::Notsup));
        assert_eq!(stat(guest, "a", true).unwrap().1, 4);
    }

    fn a_directory_is_not_a_file(guest) {
        dir(guest, "d");
        let fd = guest.open(ROOT, "d", DIRECTORY, READ).unwrap();
        assert_eq!(guest.read(fd, 1), Err(Errno::Badf));
        assert_eq!(guest.write(fd, b"x"), Err(Errno::Badf));
        let ([iovs, count], _) = guest.iovecs(&[1]);
        for (name, arguments) in [
            ("fd_pread", vec![fd, iovs, count, 0, RESULT.into()]),
            ("fd_pwrite", vec![fd, iovs, count, 0, RESULT.into()]),
            ("fd_advise", vec![fd, 0, 0, 0]),
            ("fd_allocate", vec![fd, 0, 1]),
            ("fd_datasync", vec![fd]),
            ("fd_sync", vec![fd]),
            ("fd_seek", vec![fd, 0, 0, RESULT.into()]),
            ("fd_tell", vec![fd, RESULT.into()]),
            ("fd_filestat_set_size", vec![fd, 0]),
            ("fd_fdstat_set_flags", vec![fd, 1]),
        ] {
            assert_eq!(guest.call(name, &arguments), Err(Errno::Badf), "{name}");
        }
    }

    fn open_tells_files_from_directories(guest) {
        dir(guest, "d");
        file(guest, "a", b"");
        assert_eq!(guest.open(ROOT, "a", DIRECTORY, READ), Err(Errno::Notdir));
        assert_eq!(guest.open(ROOT, "a/b", CREAT, WRITE), Err(Errno::Notdir));
        let slash = guest.open(ROOT, "a/", 0, READ);
        assert!(matches!(slash, Err(Errno::Notdir | Errno::Noent)), "{slash:?}");
        assert_eq!(guest.open(ROOT, "d", 0, WRITE), Err(Errno::Isdir));
        assert_eq!(guest.open(ROOT, ".", DIRECTORY, WRITE), Err(Errno::Isdir));
        assert_eq!(guest.open(ROOT, "x", CREAT | DIRECTORY, READ), Err(Errno::Inval));
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        assert_eq!(guest.open(fd, "b", 0, READ), Err(Errno::Notdir));
    }

    fn paths_that_leave_or_mean_nothing_are_refused(guest) {
        for (path, errno) in [
            ("/etc/passwd", Errno::Perm),
            ("..", Errno::Perm),
            ("../x", Errno::Perm),
            ("d/../../x", Errno::Perm),
            ("a\0b", Errno::Inval),
            ("", Errno::Noent),
        ] {
            dir(guest, "d");
            assert_eq!(guest.open(ROOT, path, 0, READ), Err(errno), "{path:?}");
            assert_eq!(stat(guest, path, true), Err(errno), "{path:?}");
            at(guest, "path_remove_directory", "d").unwrap();
        }
        let [pointer, len] = guest.put(b"\xff");
        assert_eq!(guest.call("path_unlink_file", &[ROOT, pointer, len]), Err(Errno::Ilseq));
        let [pointer, _] = guest.put(b"a");
        assert_eq!(guest.call("path_unlink_file", &[ROOT, pointer, u64::from(u32::MAX)]), Err(Errno::Fault));
        assert_eq!(guest.call("path_unlink_file", &[ROOT, 0, 50_000]), Err(Errno::Nametoolong));
    }

    fn links_are_followed_or_not_as_asked(guest) {
        file(guest, "a", b"hello");
        symlink(guest, "a", "l").unwrap();
        symlink(guest, "l", "l").unwrap_err();
        symlink(guest, "loop", "loop").unwrap();
        symlink(guest, "nowhere", "dangling").unwrap();
        assert_eq!(stat(guest, "l", true).unwrap().0, 4);
        assert_eq!(stat(guest, "l", false).unwrap().0, 7);
        let [pointer, len] = guest.put(b"l");
        let nofollow = guest.call("path_open", &[ROOT, 0, pointer, len, 0, READ, 0, 0, RESULT.into()]);
        assert_eq!(nofollow, Err(Errno::Loop));
        assert_eq!(guest.open(ROOT, "loop", 0, READ), Err(Errno::Loop));
        assert_eq!(guest.open(ROOT, "dangling", 0, READ), Err(Errno::Noent));
        assert_eq!(content(guest, "l"), b"hello");
    }

    fn links_out_of_the_folder_are_refused(guest) {
        assert_eq!(symlink(guest, "/etc/passwd", "l"), Err(Errno::Perm));
        symlink(guest, "../../etc/passwd", "l").unwrap();
        assert_eq!(guest.open(ROOT, "l", 0, READ), Err(Errno::Perm));
        assert_eq!(stat(guest, "l", true), Err(Errno::Perm));
        symlink(guest, "..", "up").unwrap();
        assert_eq!(at(guest, "path_create_directory", "up/d"), Err(Errno::Perm));
        assert_eq!(guest.open(ROOT, "up/", DIRECTORY, READ), Err(Errno::Perm));
    }

    fn readlink_cuts_silently_at_a_small_buffer(guest) {
        symlink(guest, "target", "l").unwrap();
        let [pointer, len] = guest.put(b"l");
        guest.call("path_readlink", &[ROOT, pointer, len, 500, 3, RESULT.into()]).unwrap();
        assert_eq!((guest.u32(RESULT.into()), guest.bytes(500, 4)), (3, &b"tar\0"[..]));
        guest.call("path_readlink", &[ROOT, pointer, len, 500, 10, RESULT.into()]).unwrap();
        assert_eq!((guest.u32(RESULT.into()), guest.bytes(500, 7)), (6, &b"target\0"[..]));
        file(guest, "a", b"");
        let [pointer, len] = guest.put(b"a");
        assert_eq!(guest.call("path_readlink", &[ROOT, pointer, len, 500, 3, RESULT.into()]), Err(Errno::Inval));
    }

    fn a_hard_link_is_the_same_file(guest) {
        file(guest, "a", b"x");
        dir(guest, "d");
        link(guest, "a", "b", 0).unwrap();
        assert_eq!(stat(guest, "a", false).unwrap().2, stat(guest, "b", false).unwrap().2);
        assert_eq!(link(guest, "a", "b", 0), Err(Errno::Exist));
        assert_eq!(link(guest, "a", "c", 1), Err(Errno::Inval));
        let of_a_dir = link(guest, "d", "e", 0);
        assert!(matches!(of_a_dir, Err(Errno::Perm | Errno::Acces)), "{of_a_dir:?}");
    }

    fn rename_replaces_only_what_posix_lets_it(guest) {
        file(guest, "a", b"a");
        file(guest, "b", b"b");
        dir(guest, "empty");
        dir(guest, "full");
        file(guest, "full/x", b"");
        rename(guest, "a", "b").unwrap();
        assert_eq!(content(guest, "b"), b"a");
        assert_eq!(rename(guest, "a", "c"), Err(Errno::Noent));
        assert_eq!(rename(guest, "b", "empty"), Err(Errno::Isdir));
        assert_eq!(rename(guest, "empty", "b"), Err(Errno::Notdir));
        assert_eq!(rename(guest, "empty", "full"), Err(Errno::Notempty));
        rename(guest, "full/", "empty/").unwrap();
        assert_eq!(stat(guest, "empty/x", true).unwrap().0, 4);
        assert_eq!(rename(guest, "empty", "empty/below"), Err(Errno::Inval));
    }

    fn removal_tells_files_from_directories(guest) {
        file(guest, "a", b"");
        dir(guest, "d");
        file(guest, "d/x", b"");
        assert_eq!(at(guest, "path_remove_directory", "a"), Err(Errno::Notdir));
        assert_eq!(at(guest, "path_remove_directory", "d"), Err(Errno::Notempty));
        let unlinked = at(guest, "path_unlink_file", "d");
        assert!(matches!(unlinked, Err(Errno::Isdir | Errno::Perm | Errno::Acces)), "{unlinked:?}");
        assert_eq!(at(guest, "path_unlink_file", "a/"), Err(Errno::Notdir));
        at(guest, "path_unlink_file", "d/x").unwrap();
        at(guest, "path_remove_directory", "d/").unwrap();
        at(guest, "path_unlink_file", "a").unwrap();
        assert_eq!(stat(guest, "a", false), Err(Errno::Noent));
        assert_eq!(at(guest, "path_create_directory", "no/where"), Err(Errno::Noent));
    }

    fn an_unlinked_file_lives_while_it_is_open(guest) {
        file(guest, "a", b"still here");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        at(guest, "path_unlink_file", "a").unwrap();
        assert_eq!(guest.read(fd, 100).unwrap(), b"still here");
    }

    fn times_are_set_as_given_or_refused(guest) {
        file(guest, "a", b"");
        let [pointer, len] = guest.put(b"a");
        let set = |guest: &mut Guest, flags| {
            guest.call("path_filestat_set_times", &[ROOT, 1, pointer, len, 1_000_000_007, 2_000_000_009, flags])
        };
        assert_eq!(set(guest, 1 | 2), Err(Errno::Inval));
        assert_eq!(set(guest, 64), Err(Errno::Inval));
        set(guest, 1 | 4).unwrap();
        stat(guest, "a", true).unwrap();
        let at = u64::from(RESULT);
        assert_eq!((guest.u64(at + 40), guest.u64(at + 48)), (1_000_000_007, 2_000_000_009));
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        guest.call("fd_filestat_set_times", &[fd, 0, 5_000_000_000, 4]).unwrap();
        stat(guest, "a", true).unwrap();
        assert_eq!((guest.u64(at + 40), guest.u64(at + 48)), (1_000_000_007, 5_000_000_000));
    }

    fn a_listing_begins_with_the_dots_and_has_the_inodes_of_stat(guest) {
        file(guest, "a", b"");
        dir(guest, "d");
        symlink(guest, "a", "l").unwrap();
        let page = readdir(guest, ROOT, 4096, 0);
        let found = entries(&page);
        assert_eq!(found.iter().map(|entry| entry.3.as_str()).take(2).collect::<Vec<_>>(), [".", ".."]);
        assert_eq!(found.len(), 5);
        for (_, inode, kind, name) in &found[2..] {
            assert_eq!(stat(guest, name, false).map(|stat| (stat.0, stat.2)), Ok((*kind, *inode)), "{name}");
        }
    }

    fn a_listing_in_tiny_buffers_has_every_name_once(guest) {
        let mut expected: BTreeSet<String> = (0..40).map(|number| format!("f{number}")).collect();
        for name in &expected {
            file(guest, name, b"");
        }
        expected.extend([".".to_owned(), "..".to_owned()]);
        for len in [27, 28, 50, 100] {
            let all = names(guest, ROOT, len);
            assert_eq!(all.len(), expected.len(), "buffers of {len}");
            assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), expected, "buffers of {len}");
        }
    }

    fn a_buffer_that_is_too_small_is_filled_exactly(guest) {
        file(guest, "a-long-name", b"");
        assert_eq!(readdir(guest, ROOT, 0, 0), b"");
        assert_eq!(readdir(guest, ROOT, 10, 0).len(), 10);
        assert_eq!(readdir(guest, ROOT, 25, 2).len(), 25);
        assert_eq!(readdir(guest, ROOT, 100, 2).len(), 24 + 11);
        assert_eq!(readdir(guest, ROOT, 100, 3), b"");
    }

    fn a_stale_or_made_up_cookie_is_safe(guest) {
        for name in ["a", "b", "c"] {
            file(guest, name, b"");
        }
        assert_eq!(readdir(guest, ROOT, 100, u64::MAX), b"");
        assert_eq!(readdir(guest, ROOT, 100, 77), b"");
        let all = names(guest, ROOT, 4096);
        assert_eq!(all.len(), 5);
        for name in ["a", "b", "c"] {
            at(guest, "path_unlink_file", name).unwrap();
        }
        readdir(guest, ROOT, 4096, 3);
        assert_eq!(names(guest, ROOT, 4096), [".", ".."]);
    }

    fn files_are_always_ready(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let mut subscription = [0; 48];
        subscription[8] = 1;
        subscription[16] = fd as u8;
        let [input, _] = guest.put(&subscription);
        guest.call("poll_oneoff", &[input, 40_000, 1, RESULT.into()]).unwrap();
        assert_eq!((guest.u32(RESULT.into()), guest.bytes(40_008, 2)), (1, &[0, 0][..]));
    }

    fn the_preopen_has_its_name_and_can_be_closed(guest) {
        guest.call("fd_prestat_get", &[ROOT, RESULT.into()]).unwrap();
        assert_eq!(guest.bytes(RESULT.into(), 8), [0, 0, 0, 0, 5, 0, 0, 0]);
        assert_eq!(guest.call("fd_prestat_dir_name", &[ROOT, 500, 4]), Err(Errno::Nametoolong));
        guest.call("fd_prestat_dir_name", &[ROOT, 500, 9]).unwrap();
        assert_eq!(guest.bytes(500, 6), b"/work\0");
        dir(guest, "d");
        let fd = guest.open(ROOT, "d", DIRECTORY, 0).unwrap();
        assert_eq!(guest.call("fd_prestat_get", &[fd, RESULT.into()]), Err(Errno::Badf));
        guest.call("fd_renumber", &[fd, ROOT]).unwrap();
        assert_eq!(guest.call("fd_prestat_get", &[ROOT, RESULT.into()]), Err(Errno::Badf));
        guest.call("fd_close", &[ROOT]).unwrap();
        assert_eq!(guest.open(ROOT, "a", CREAT, WRITE), Err(Errno::Badf));
    }

    fn one_descriptor_too_many_makes_nothing(guest) {
        let opened = (0..).map(|number| guest.open(ROOT, &format!("f{number}"), CREAT, WRITE));
        assert_eq!(opened.take_while(Result::is_ok).count(), 4);
        assert_eq!(guest.open(ROOT, "one-more", CREAT, WRITE), Err(Errno::Mfile));
        assert_eq!(stat(guest, "one-more", false), Err(Errno::Noent));
        guest.call("fd_close", &[5]).unwrap();
        assert_eq!(guest.open(ROOT, "one-more", CREAT, WRITE), Ok(5));
    }
}

on_each_back_end! {
    fn the_embedder_shares_a_granted_folder_until_the_guest_closes_it(guest) {
        let name = RelativePath::parse(b"made").unwrap();
        guest.ctx.preopen("/work").unwrap().create_dir(name).unwrap();
        assert_eq!(at(guest, "path_remove_directory", "made"), Ok(()));
        assert!(guest.ctx.preopen("/other").is_none());
        close(guest, ROOT).unwrap();
        assert!(guest.ctx.preopen("/work").is_none());
    }
}
