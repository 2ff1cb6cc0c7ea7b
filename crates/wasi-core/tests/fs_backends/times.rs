//! Times: setting and keeping them, and how operations change them.

use wasi_core::Errno;
use wasi_core::types::SetTime;

use crate::fixture::{Fixture, path, write};

crate::on_every_back_end! {
    set_times_sets_one_and_keeps_the_other,
    set_times_on_an_open_file,
    set_times_of_a_link_itself,
    set_times_of_what_a_link_leads_to,
    set_times_of_directories,
    no_times_for_what_is_not_there,
    times_far_in_the_future_do_no_harm,
    writing_changes_the_modification_time,
}

const EARLY: u64 = 1_000_000_000_123_456_789;
const LATE: u64 = 2_000_000_000_987_654_321;

fn set_times_sets_one_and_keeps_the_other(fs: &Fixture) {
    fs.write("a", b"");
    fs.dir.set_times_at(path("a"), true, SetTime::To(EARLY), SetTime::To(LATE)).unwrap();
    let stat = fs.stat("a").unwrap();
    assert_eq!((stat.atim, stat.mtim), (EARLY, LATE));
    fs.dir.set_times_at(path("a"), true, SetTime::Keep, SetTime::To(EARLY)).unwrap();
    fs.dir.set_times_at(path("a"), true, SetTime::To(LATE), SetTime::Keep).unwrap();
    let stat = fs.stat("a").unwrap();
    assert_eq!((stat.atim, stat.mtim), (LATE, EARLY));
    assert!(stat.ctim > LATE - 1_000_000_000_000_000_000 && stat.ctim != EARLY && stat.ctim != LATE);
}

fn set_times_on_an_open_file(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    file.set_times(SetTime::To(EARLY), SetTime::To(LATE)).unwrap();
    let stat = file.filestat().unwrap();
    assert_eq!((stat.atim, stat.mtim), (EARLY, LATE));
}

fn set_times_of_a_link_itself(fs: &Fixture) {
    fs.symlink("missing", "link").unwrap();
    fs.dir.set_times_at(path("link"), false, SetTime::To(EARLY), SetTime::To(LATE)).unwrap();
    let stat = fs.lstat("link").unwrap();
    assert_eq!((stat.atim, stat.mtim), (EARLY, LATE));
}

fn set_times_of_what_a_link_leads_to(fs: &Fixture) {
    fs.write("a", b"");
    fs.symlink("a", "link").unwrap();
    fs.dir.set_times_at(path("link"), true, SetTime::Keep, SetTime::To(EARLY)).unwrap();
    assert_eq!(fs.stat("a").unwrap().mtim, EARLY);
    assert_ne!(fs.lstat("link").unwrap().mtim, EARLY);
}

fn set_times_of_directories(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.dir.set_times_at(path("d"), true, SetTime::To(EARLY), SetTime::To(LATE)).unwrap();
    assert_eq!(fs.stat("d").unwrap().mtim, LATE);
    fs.dir.set_times(SetTime::To(EARLY), SetTime::To(LATE)).unwrap();
    assert_eq!(fs.dir.filestat().unwrap().mtim, LATE);
}

fn no_times_for_what_is_not_there(fs: &Fixture) {
    for time in [SetTime::Keep, SetTime::To(EARLY)] {
        for follow in [false, true] {
            assert_eq!(fs.dir.set_times_at(path("missing"), follow, time, time), Err(Errno::Noent));
        }
    }
}

fn times_far_in_the_future_do_no_harm(fs: &Fixture) {
    fs.write("a", b"");
    fs.dir.set_times_at(path("a"), true, SetTime::To(u64::MAX), SetTime::To(u64::MAX)).unwrap();
    fs.stat("a").unwrap();
    fs.dir.set_times_at(path("a"), true, SetTime::To(0), SetTime::To(0)).unwrap();
    assert_eq!(fs.stat("a").unwrap().mtim, 0);
}

fn writing_changes_the_modification_time(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write()).unwrap();
    for change in 0..2 {
        file.set_times(SetTime::To(EARLY), SetTime::To(EARLY)).unwrap();
        match change {
            0 => crate::fixture::put(&mut *file, b"x"),
            _ => file.set_size(1).unwrap(),
        }
        assert!(file.filestat().unwrap().mtim > EARLY);
    }
    fs.dir.set_times(SetTime::Keep, SetTime::To(EARLY)).unwrap();
    fs.write("b", b"");
    assert!(fs.dir.filestat().unwrap().mtim > EARLY);
}
