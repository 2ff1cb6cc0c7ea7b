//! What is charged, and what is refunded.

use std::io::IoSlice;

use wasi_core::Errno;
use wasi_core::types::Whence;

use crate::fixture::{BYTES_MAX, FILES_MAX, Fixture, put, read, write};

crate::on_every_back_end! {
    every_new_name_is_charged,
    names_that_could_not_be_made_are_not_charged,
    no_name_is_made_past_the_quota,
    growth_is_charged_and_overwriting_is_not,
    holes_are_charged,
    growth_past_the_quota_is_nospc_and_changes_nothing,
    truncating_gives_back,
    a_replaced_file_is_given_back,
    bytes_come_back_with_the_last_name,
    bytes_of_an_open_file_come_back_when_it_closes,
    bytes_of_a_file_open_twice_come_back_once,
}

fn every_new_name_is_charged(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    fs.symlink("a", "link").unwrap();
    fs.link("a", "b").unwrap();
    // The text of a link counts as bytes.
    assert_eq!(fs.quota.used(), (1, 4));
    fs.rename("b", "c").unwrap();
    assert_eq!(fs.quota.used(), (1, 4));
    fs.unlink("a").unwrap();
    fs.rmdir("d").unwrap();
    fs.unlink("link").unwrap();
    fs.unlink("c").unwrap();
    assert_eq!(fs.quota.used(), (0, 0));
}

fn names_that_could_not_be_made_are_not_charged(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("a").unwrap_err();
    fs.symlink("x", "a").unwrap_err();
    fs.link("a", "a").unwrap_err();
    fs.open_error("a", write().create().exclusive());
    fs.open_error("x/y", write().create());
    assert_eq!(fs.quota.used(), (0, 1));
}

fn no_name_is_made_past_the_quota(fs: &Fixture) {
    for number in 0..FILES_MAX {
        fs.symlink("x", &format!("{number}")).unwrap();
    }
    assert_eq!(fs.open_error("a", write().create()), Errno::Nospc);
    assert_eq!(fs.mkdir("a"), Err(Errno::Nospc));
    assert_eq!(fs.symlink("x", "a"), Err(Errno::Nospc));
    assert_eq!(fs.link("0", "a"), Err(Errno::Nospc));
    assert!(!fs.exists("a"));
    fs.rename("0", "a").unwrap();
}

fn growth_is_charged_and_overwriting_is_not(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    put(&mut *file, b"hello");
    assert_eq!(fs.quota.used().0, 5);
    file.seek(3, Whence::Set).unwrap();
    put(&mut *file, b"LO!");
    assert_eq!(fs.quota.used().0, 6);
    file.write_at(&[IoSlice::new(b"J")], 0).unwrap();
    assert_eq!(fs.quota.used().0, 6);
}

fn holes_are_charged(fs: &Fixture) {
    let mut file = fs.open_file("a", write().create()).unwrap();
    file.write_at(&[IoSlice::new(b"x")], 999_999).unwrap();
    assert_eq!(fs.quota.used().0, 1_000_000);
    file.set_size(2_000_000).unwrap();
    assert_eq!(fs.quota.used().0, 2_000_000);
}

fn growth_past_the_quota_is_nospc_and_changes_nothing(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write()).unwrap();
    let refused = |error| assert!(matches!(error, Errno::Nospc | Errno::Fbig), "{error}");
    refused(file.write_at(&[IoSlice::new(b"x")], BYTES_MAX).unwrap_err());
    refused(file.set_size(BYTES_MAX + 1).unwrap_err());
    file.seek(BYTES_MAX as i64, Whence::Set).unwrap();
    refused(file.write(&[IoSlice::new(b"x")]).unwrap_err());
    assert_eq!(fs.read("a"), b"hello");
    assert_eq!(fs.quota.used(), (5, 1));
}

fn truncating_gives_back(fs: &Fixture) {
    fs.write("a", b"hello");
    fs.open_file("a", write()).unwrap().set_size(2).unwrap();
    assert_eq!(fs.quota.used().0, 2);
    fs.open_file("a", write().truncate()).unwrap();
    assert_eq!(fs.quota.used(), (0, 1));
}

fn a_replaced_file_is_given_back(fs: &Fixture) {
    fs.write("a", b"new!");
    fs.write("b", b"old");
    fs.rename("a", "b").unwrap();
    assert_eq!(fs.quota.used(), (4, 1));
    fs.mkdir("d").unwrap();
    fs.mkdir("e").unwrap();
    fs.rename("d", "e").unwrap();
    assert_eq!(fs.quota.used(), (4, 2));
}

fn bytes_come_back_with_the_last_name(fs: &Fixture) {
    fs.write("a", b"hello");
    fs.link("a", "b").unwrap();
    fs.unlink("a").unwrap();
    assert_eq!(fs.quota.used(), (5, 1));
    fs.unlink("b").unwrap();
    assert_eq!(fs.quota.used(), (0, 0));
}

fn bytes_of_an_open_file_come_back_when_it_closes(fs: &Fixture) {
    fs.write("a", b"hello");
    let mut file = fs.open_file("a", write().append()).unwrap();
    fs.unlink("a").unwrap();
    assert_eq!(fs.quota.used(), (5, 0));
    put(&mut *file, b"!");
    assert_eq!(fs.quota.used(), (6, 0));
    drop(file);
    assert_eq!(fs.quota.used(), (0, 0));
}

fn bytes_of_a_file_open_twice_come_back_once(fs: &Fixture) {
    fs.write("a", b"hello");
    fs.write("b", b"other");
    let first = fs.open_file("a", read()).unwrap();
    let second = fs.open_file("a", read()).unwrap();
    fs.rename("b", "a").unwrap();
    drop(first);
    assert_eq!(fs.quota.used(), (10, 1));
    drop(second);
    assert_eq!(fs.quota.used(), (5, 1));
}
