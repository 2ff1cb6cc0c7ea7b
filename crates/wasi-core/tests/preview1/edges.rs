//! Arguments at the limits of their range, on each back end.

use wasi_core::Errno;

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

/// Calls `path_open` for "a" with raw flags.
fn open_raw(guest: &mut Guest, dirflags: u64, oflags: u64, fdflags: u64) -> Result<(), Errno> {
    let [path, len] = guest.put(b"a");
    guest.call("path_open", &[ROOT, dirflags, path, len, oflags, READ | WRITE, 0, fdflags, RESULT.into()])
}

/// Puts an iovec over 4 valid bytes and one that ends past the memory.
fn half_bad_iovecs(guest: &mut Guest) -> ([u64; 2], u64) {
    let [good, _] = guest.put(b"good");
    let words = [good as u32, 4, (1 << 16) - 2, 4].map(u32::to_le_bytes);
    let [iovs, _] = guest.put(&words.concat());
    ([iovs, 2], good)
}

on_each_back_end! {
    fn unknown_flags_and_bits_are_inval_and_make_nothing(guest) {
        assert_eq!(open_raw(guest, 2, CREAT, 0), Err(Errno::Inval));
        assert_eq!(open_raw(guest, 1, CREAT | 16, 0), Err(Errno::Inval));
        assert_eq!(open_raw(guest, 1, CREAT | 1 << 16, 0), Err(Errno::Inval));
        assert_eq!(open_raw(guest, 1, CREAT, 32), Err(Errno::Inval));
        assert_eq!(stat(guest, "a", false), Err(Errno::Noent));
        file(guest, "a", b"");
        let [path, len] = guest.put(b"a");
        assert_eq!(guest.call("path_filestat_get", &[ROOT, 2, path, len, RESULT.into()]), Err(Errno::Inval));
        let times = [ROOT, 1, path, len, 0, 0, 16];
        assert_eq!(guest.call("path_filestat_set_times", &times), Err(Errno::Inval));
    }

    fn synchronising_opens_are_notsup_and_make_nothing(guest) {
        for fdflags in [2, 8, 16] {
            assert_eq!(open_raw(guest, 1, CREAT, fdflags), Err(Errno::Notsup), "{fdflags}");
        }
        assert_eq!(stat(guest, "a", false), Err(Errno::Noent));
    }

    fn flags_of_a_file_are_those_last_given(guest) {
        file(guest, "a", b"");
        for flags in [0, 1, 4, 5] {
            open_raw(guest, 1, 0, flags).unwrap();
            let fd = guest.u32(RESULT.into()).into();
            guest.call("fd_fdstat_get", &[fd, RESULT.into()]).unwrap();
            assert_eq!(u64::from(guest.bytes(u64::from(RESULT) + 2, 1)[0]), flags);
            close(guest, fd).unwrap();
        }
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        for flags in [4, 1, 5, 0] {
            guest.call("fd_fdstat_set_flags", &[fd, flags]).unwrap();
            guest.call("fd_fdstat_get", &[fd, RESULT.into()]).unwrap();
            assert_eq!(u64::from(guest.bytes(u64::from(RESULT) + 2, 1)[0]), flags);
        }
    }

    fn an_appending_pwrite_goes_to_the_end_and_leaves_the_offset(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        guest.call("fd_fdstat_set_flags", &[fd, 1]).unwrap();
        let ([iovs, count], buffers) = guest.iovecs(&[1]);
        guest.memory[buffers[0] as usize] = b'd';
        guest.call("fd_pwrite", &[fd, iovs, count, 1 << 40, RESULT.into()]).unwrap();
        guest.call("fd_tell", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.u64(RESULT.into()), 0);
        assert_eq!(content(guest, "a"), b"abcd");
    }

    fn a_range_that_no_offset_can_reach_is_inval(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        let ([iovs, count], _) = guest.iovecs(&[3]);
        for offset in [i64::MAX as u64 - 2, 1 << 63, u64::MAX] {
            for name in ["fd_pread", "fd_pwrite"] {
                let outcome = guest.call(name, &[fd, iovs, count, offset, RESULT.into()]);
                assert_eq!(outcome, Err(Errno::Inval), "{name} {offset}");
            }
        }
        guest.call("fd_pread", &[fd, iovs, count, i64::MAX as u64 - 3, RESULT.into()]).unwrap();
        assert_eq!(guest.u32(RESULT.into()), 0);
        assert_eq!(content(guest, "a"), b"abc");
    }

    fn every_iovec_is_checked_before_the_first_byte_moves(guest) {
        file(guest, "a", b"0123456789");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        let ([iovs, count], good) = half_bad_iovecs(guest);
        for (name, offset) in [("fd_read", None), ("fd_pread", Some(0)), ("fd_write", None), ("fd_pwrite", Some(0))] {
            let arguments = [Some(fd), Some(iovs), Some(count), offset, Some(RESULT.into())];
            let arguments: Vec<u64> = arguments.into_iter().flatten().collect();
            assert_eq!(guest.call(name, &arguments), Err(Errno::Fault), "{name}");
        }
        assert_eq!(guest.bytes(good, 4), b"good");
        guest.call("fd_tell", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.u64(RESULT.into()), 0);
        assert_eq!(content(guest, "a"), b"0123456789");
    }

    fn iovecs_past_the_memory_are_fault_and_more_than_a_host_takes_inval(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        let counts = [
            (1 << 13, Errno::Fault),
            (1 << 12, Errno::Inval),
            // The count times 8 bytes exceeds 32 bits.
            ((1 << 29) + 1, Errno::Inval),
            (u64::from(u32::MAX), Errno::Inval),
        ];
        for (count, errno) in counts {
            for name in ["fd_read", "fd_write"] {
                assert_eq!(guest.call(name, &[fd, 8, count, RESULT.into()]), Err(errno), "{name} {count}");
            }
        }
    }

    fn the_result_may_lie_inside_a_buffer(guest) {
        file(guest, "a", b"abcdefgh");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let ([iovs, count], buffers) = guest.iovecs(&[8]);
        guest.call("fd_read", &[fd, iovs, count, buffers[0]]).unwrap();
        assert_eq!(guest.bytes(buffers[0], 8), b"\x08\0\0\0efgh");
    }

    fn reading_no_bytes_returns_0(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ | WRITE).unwrap();
        let ([iovs, count], _) = guest.iovecs(&[0, 0]);
        for (iovs, count) in [(iovs, count), (0, 0)] {
            guest.call("fd_read", &[fd, iovs, count, RESULT.into()]).unwrap();
            assert_eq!(guest.u32(RESULT.into()), 0);
            guest.call("fd_pread", &[fd, iovs, count, 1, RESULT.into()]).unwrap();
            assert_eq!(guest.u32(RESULT.into()), 0);
            guest.call("fd_write", &[fd, iovs, count, RESULT.into()]).unwrap();
            assert_eq!(guest.u32(RESULT.into()), 0);
        }
        assert_eq!(content(guest, "a"), b"abc");
    }

    fn advice_on_any_range_does_no_harm(guest) {
        file(guest, "a", b"abc");
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let largest = i64::MAX as u64;
        for (offset, len) in [(0, 0), (largest, 0), (0, largest), (largest, largest)] {
            assert_eq!(guest.call("fd_advise", &[fd, offset, len, 3]), Ok(()), "{offset} {len}");
        }
        for (offset, len) in [(u64::MAX, 0), (0, u64::MAX), (largest + 1, largest + 1)] {
            assert_eq!(guest.call("fd_advise", &[fd, offset, len, 3]), Err(Errno::Inval), "{offset} {len}");
        }
        assert_eq!(guest.call("fd_advise", &[fd, 0, 0, 6]), Err(Errno::Inval));
    }

    fn a_link_s_name_must_be_free_and_end_in_no_slash(guest) {
        file(guest, "a", b"");
        assert_eq!(symlink(guest, "b", "a"), Err(Errno::Exist));
        assert_eq!(symlink(guest, "b", "l/"), Err(Errno::Noent));
        assert_eq!(stat(guest, "l", false), Err(Errno::Noent));
    }

    fn a_closed_descriptor_is_badf_for_every_call(guest) {
        let fd = guest.open(ROOT, "a", CREAT, READ | WRITE).unwrap();
        guest.call("fd_close", &[fd]).unwrap();
        let out = u64::from(RESULT);
        for (name, arguments) in [
            ("fd_advise", vec![fd, 0, 0, 0]),
            ("fd_allocate", vec![fd, 0, 1]),
            ("fd_close", vec![fd]),
            ("fd_datasync", vec![fd]),
            ("fd_fdstat_get", vec![fd, out]),
            ("fd_fdstat_set_flags", vec![fd, 0]),
            ("fd_fdstat_set_rights", vec![fd, 0, 0]),
            ("fd_filestat_get", vec![fd, out]),
            ("fd_filestat_set_size", vec![fd, 0]),
            ("fd_filestat_set_times", vec![fd, 0, 0, 0]),
            ("fd_pread", vec![fd, 0, 0, 0, out]),
            ("fd_prestat_dir_name", vec![fd, 0, 0]),
            ("fd_prestat_get", vec![fd, out]),
            ("fd_pwrite", vec![fd, 0, 0, 0, out]),
            ("fd_read", vec![fd, 0, 0, out]),
            ("fd_readdir", vec![fd, 0, 0, 0, out]),
            ("fd_renumber", vec![fd, ROOT]),
            ("fd_renumber", vec![ROOT, fd]),
            ("fd_seek", vec![fd, 0, 0, out]),
            ("fd_sync", vec![fd]),
            ("fd_tell", vec![fd, out]),
            ("fd_write", vec![fd, 0, 0, out]),
            ("path_create_directory", vec![fd, 0, 1]),
            ("path_filestat_get", vec![fd, 0, 0, 1, out]),
            ("path_filestat_set_times", vec![fd, 0, 0, 1, 0, 0, 0]),
            ("path_link", vec![fd, 0, 0, 1, ROOT, 0, 1]),
            ("path_link", vec![ROOT, 0, 0, 1, fd, 0, 1]),
            ("path_open", vec![fd, 0, 0, 1, 0, 0, 0, 0, out]),
            ("path_readlink", vec![fd, 0, 1, 0, 1, out]),
            ("path_remove_directory", vec![fd, 0, 1]),
            ("path_rename", vec![fd, 0, 1, ROOT, 0, 1]),
            ("path_rename", vec![ROOT, 0, 1, fd, 0, 1]),
            ("path_symlink", vec![0, 1, fd, 0, 1]),
            ("path_unlink_file", vec![fd, 0, 1]),
            ("sock_accept", vec![fd, 0, out]),
            ("sock_recv", vec![fd, 0, 0, 0, out, out + 4]),
            ("sock_send", vec![fd, 0, 0, 0, out]),
            ("sock_shutdown", vec![fd, 1]),
        ] {
            assert_eq!(guest.call(name, &arguments), Err(Errno::Badf), "{name}");
        }
    }
}
