//! Bytes: reading, writing, offsets, sizes.

use std::io::IoSlice;

use wasi_core::Errno;
use wasi_core::types::{Advice, FdFlags, Whence};

use crate::fixture::{Fixture, put, read, read_to_end, tell, write};

crate::on_every_back_end! {
    reading_moves_the_offset_to_the_end,
    reading_past_the_end_is_empty,
    read_fills_the_buffer_if_it_can,
    several_buffers_are_written_in_order,
    more_buffers_than_the_host_takes_at_once_make_progress,
    reading_at_leaves_the_offset,
    writing_at_leaves_the_offset,
    writing_over_the_middle_keeps_the_rest,
    writing_past_the_end_fills_with_zeros,
    writing_nothing_past_the_end_changes_nothing,
    append_goes_to_the_end_wherever_the_offset_is,
    append_can_be_turned_on_and_off,
    an_appending_file_ignores_the_offset_of_a_write,
    two_descriptors_have_two_offsets,
    seek_counts_from_start_offset_and_end,
    seek_before_the_start_is_inval_and_moves_nothing,
    seek_past_the_largest_offset_is_overflow,
    offsets_past_the_largest_are_refused,
    set_size_cuts_and_fills_with_zeros,
    set_size_past_the_largest_is_an_error_and_changes_nothing,
    content_of_an_unlinked_file_stays_while_it_is_open,
    content_of_a_replaced_file_stays_while_it_is_open,
    sync_and_advice_succeed,
    synchronising_flags_are_notsup,
}

fn reading_moves_the_offset_to_the_end(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", read()).unwrap();
    let mut buffer = [0; 3];
    assert_eq!(file.read(&mut buffer), Ok(3));
    assert_eq!(&buffer, b"hel");
    assert_eq!(file.read(&mut buffer), Ok(2));
    assert_eq!(&buffer[..2], b"lo");
    assert_eq!(file.read(&mut buffer), Ok(0));
    assert_eq!(tell(&mut *file), 5);
}

fn reading_past_the_end_is_empty(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", read()).unwrap();
    file.seek(100, Whence::Set).unwrap();
    assert_eq!(file.read(&mut [0; 8]), Ok(0));
    assert_eq!(file.read_at(&mut [0; 8], 5), Ok(0));
    assert_eq!(file.read_at(&mut [0; 8], (1 << 32) + 1), Ok(0));
    assert_eq!(file.read(&mut []), Ok(0));
}

fn read_fills_the_buffer_if_it_can(fs: &Fixture) {
    let bytes = vec![7; 1_000_000];
    fs.write("a", &bytes);
    let mut buffer = vec![0; 2_000_000];
    assert_eq!(fs.open_file("a", read()).unwrap().read(&mut buffer), Ok(1_000_000));
    assert_eq!(buffer[..1_000_000], bytes);
}

fn several_buffers_are_written_in_order(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    let buffers = [&b"one "[..], b"", b"two ", b"three"].map(IoSlice::new);
    assert_eq!(file.write(&buffers), Ok(13));
    assert_eq!(fs.read("a"), b"one two three");
}

fn more_buffers_than_the_host_takes_at_once_make_progress(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    let buffers = vec![IoSlice::new(b"x"); 5000];
    let written = file.write(&buffers).unwrap();
    assert!(written >= 1024, "{written}");
    assert_eq!(fs.stat("a").unwrap().size, written as u64);
    assert_eq!(fs.quota.used().0, written as u64);
}

fn reading_at_leaves_the_offset(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", read()).unwrap();
    file.seek(1, Whence::Set).unwrap();
    let mut buffer = [0; 2];
    assert_eq!(file.read_at(&mut buffer, 3), Ok(2));
    assert_eq!(&buffer, b"lo");
    assert_eq!(tell(&mut *file), 1);
}

fn writing_at_leaves_the_offset(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write()).unwrap();
    assert_eq!(file.write_at(&[IoSlice::new(b"LO!")], 3), Ok(3));
    assert_eq!(tell(&mut *file), 0);
    assert_eq!(fs.read("a"), b"helLO!");
}

fn writing_over_the_middle_keeps_the_rest(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write()).unwrap();
    file.seek(1, Whence::Set).unwrap();
    put(&mut *file, b"EL");
    assert_eq!(tell(&mut *file), 3);
    assert_eq!(fs.read("a"), b"hELlo");
}

fn writing_past_the_end_fills_with_zeros(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    file.seek(3, Whence::Set).unwrap();
    put(&mut *file, b"x");
    assert_eq!(fs.read("a"), b"\0\0\0x");
}

fn writing_nothing_past_the_end_changes_nothing(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    file.seek(1 << 45, Whence::Set).unwrap();
    assert_eq!(file.write(&[]), Ok(0));
    assert_eq!(file.write(&[IoSlice::new(b"")]), Ok(0));
    assert_eq!(file.write_at(&[], 10), Ok(0));
    assert_eq!(fs.stat("a").unwrap().size, 0);
    assert_eq!(fs.quota.used().0, 0);
}

fn append_goes_to_the_end_wherever_the_offset_is(fs: &Fixture) {
    fs.write("a", b"one");
    let mut first = fs.open_file("a", write().append()).unwrap();
    let mut second = fs.open_file("a", write().append()).unwrap();
    put(&mut *first, b" two");
    put(&mut *second, b" three");
    first.seek(0, Whence::Set).unwrap();
    put(&mut *first, b" four");
    assert_eq!(fs.read("a"), b"one two three four");
    assert_eq!(tell(&mut *first), 18);
}

fn append_can_be_turned_on_and_off(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write()).unwrap();
    file.set_fdflags(FdFlags::APPEND).unwrap();
    assert_eq!(file.fdflags(), FdFlags::APPEND);
    put(&mut *file, b"!");
    file.set_fdflags(FdFlags::empty()).unwrap();
    assert_eq!(file.fdflags(), FdFlags::empty());
    file.seek(0, Whence::Set).unwrap();
    put(&mut *file, b"J");
    assert_eq!(fs.read("a"), b"Jello!");
}

fn an_appending_file_ignores_the_offset_of_a_write(fs: &Fixture) {
    fs.write("a", b"one");
    let mut file = fs.open_file("a", write().append()).unwrap();
    assert_eq!(file.write_at(&[IoSlice::new(b" two")], 0), Ok(4));
    assert_eq!(file.write_at(&[IoSlice::new(b" three")], 50), Ok(6));
    assert_eq!(tell(&mut *file), 0);
    assert_eq!(fs.read("a"), b"one two three");
}

fn two_descriptors_have_two_offsets(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut first = fs.open_file("a", write()).unwrap();
    let mut second = fs.open_file("a", read()).unwrap();
    put(&mut *first, b"J");
    assert_eq!(tell(&mut *second), 0);
    assert_eq!(read_to_end(&mut *second), b"Jello");
}

fn seek_counts_from_start_offset_and_end(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", read()).unwrap();
    assert_eq!(file.seek(2, Whence::Set), Ok(2));
    assert_eq!(file.seek(2, Whence::Cur), Ok(4));
    assert_eq!(file.seek(-3, Whence::Cur), Ok(1));
    assert_eq!(file.seek(-1, Whence::End), Ok(4));
    assert_eq!(file.seek(1 << 33, Whence::End), Ok((1 << 33) + 5));
}

fn seek_before_the_start_is_inval_and_moves_nothing(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", read()).unwrap();
    file.seek(2, Whence::Set).unwrap();
    assert_eq!(file.seek(-3, Whence::Cur), Err(Errno::Inval));
    assert_eq!(file.seek(-6, Whence::End), Err(Errno::Inval));
    assert_eq!(file.seek(i64::MIN, Whence::Set), Err(Errno::Inval));
    assert_eq!(tell(&mut *file), 2);
}

fn seek_past_the_largest_offset_is_overflow(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", read()).unwrap();
    file.seek(2, Whence::Set).unwrap();
    assert_eq!(file.seek(i64::MAX, Whence::Cur), Err(Errno::Overflow));
    assert_eq!(file.seek(i64::MAX, Whence::End), Err(Errno::Overflow));
    assert_eq!(tell(&mut *file), 2);
}

fn offsets_past_the_largest_are_refused(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    for offset in [i64::MAX as u64, 1 << 63, u64::MAX] {
        assert_eq!(file.write_at(&[IoSlice::new(b"x")], offset), Err(Errno::Fbig), "{offset}");
    }
    assert_eq!(file.read_at(&mut [0; 1], u64::MAX), Err(Errno::Inval));
    file.seek(i64::MAX, Whence::Set).unwrap();
    assert_eq!(file.write(&[IoSlice::new(b"x")]), Err(Errno::Fbig));
    assert_eq!(fs.quota.used().0, 0);
}

fn set_size_cuts_and_fills_with_zeros(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write()).unwrap();
    file.set_size(2).unwrap();
    assert_eq!(fs.read("a"), b"he");
    file.set_size(4).unwrap();
    assert_eq!(fs.read("a"), b"he\0\0");
    assert_eq!(tell(&mut *file), 0);
}

fn set_size_past_the_largest_is_an_error_and_changes_nothing(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write()).unwrap();
    for size in [1 << 63, u64::MAX] {
        assert_eq!(file.set_size(size), Err(Errno::Fbig));
    }
    assert_eq!(fs.read("a"), b"hello");
    assert_eq!(fs.quota.used().0, 5);
}

fn content_of_an_unlinked_file_stays_while_it_is_open(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write()).unwrap();
    fs.unlink("a").unwrap();
    assert!(!fs.exists("a"));
    assert_eq!(read_to_end(&mut *file), b"hello");
    put(&mut *file, b"!");
    let stat = file.filestat().unwrap();
    assert_eq!((stat.nlink, stat.size), (0, 6));
}

fn content_of_a_replaced_file_stays_while_it_is_open(fs: &Fixture) {
    fs.write("a", b"old");
    fs.write("b", b"new");
    let mut file = fs.open_file("a", read()).unwrap();
    fs.rename("b", "a").unwrap();
    assert_eq!(read_to_end(&mut *file), b"old");
    assert_eq!(fs.read("a"), b"new");
}

fn sync_and_advice_succeed(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    file.sync(true).unwrap();
    file.sync(false).unwrap();
    let kinds = [Advice::Normal, Advice::Sequential, Advice::Random, Advice::Willneed, Advice::Dontneed];
    for advice in kinds {
        file.advise(0, 100, advice).unwrap();
        file.advise(0, 0, advice).unwrap();
    }
}

fn synchronising_flags_are_notsup(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    file.set_fdflags(FdFlags::NONBLOCK).unwrap();
    for flags in [FdFlags::DSYNC, FdFlags::RSYNC, FdFlags::SYNC] {
        assert_eq!(file.set_fdflags(flags), Err(Errno::Notsup), "{flags:?}");
        assert_eq!(fs.open_file("b", write().create().with(flags)).err(), Some(Errno::Notsup), "{flags:?}");
    }
    assert_eq!(file.fdflags(), FdFlags::NONBLOCK);
    assert_eq!(fs.stat("b"), Err(Errno::Noent));
}
