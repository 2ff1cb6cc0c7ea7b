//! Making and removing directories.

use wasi_core::Errno;
use wasi_core::types::FileType;

use crate::fixture::{Fixture, path, read, write};

crate::on_every_back_end! {
    a_new_directory_is_empty,
    create_dir_ignores_a_trailing_slash,
    create_dir_refuses_what_exists,
    remove_dir_removes_an_empty_one,
    remove_dir_refuses_one_that_is_not_empty,
    remove_dir_of_dot_is_inval,
    remove_dir_of_what_is_missing_is_noent,
    remove_dir_does_not_follow_a_link,
    nothing_is_made_in_a_directory_that_was_removed_while_open,
    a_handle_follows_its_directory_when_it_moves,
    files_in_subdirectories_are_apart,
}

fn a_new_directory_is_empty(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    let dir = fs.open_dir("d").unwrap();
    assert_eq!(crate::fixture::names(&*dir), [""; 0]);
    assert_eq!(dir.filestat().unwrap().filetype, FileType::Directory);
}

fn create_dir_ignores_a_trailing_slash(fs: &Fixture) {
    fs.mkdir("d/").unwrap();
    fs.mkdir("d/e//").unwrap();
    assert!(fs.is_dir("d/e"));
}

fn create_dir_refuses_what_exists(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("a", b"");
    fs.symlink("nowhere", "link").unwrap();
    for name in ["d", "d/", "a", "a/", "link", ".", "d/.."] {
        assert_eq!(fs.mkdir(name), Err(Errno::Exist), "{name}");
    }
    assert!(!fs.exists("nowhere"));
}

fn remove_dir_removes_an_empty_one(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.rmdir("d").unwrap();
    fs.mkdir("e").unwrap();
    fs.rmdir("e/").unwrap();
    assert_eq!(fs.names(), [""; 0]);
}

fn remove_dir_refuses_one_that_is_not_empty(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("d/a", b"");
    assert_eq!(fs.rmdir("d"), Err(Errno::Notempty));
    fs.unlink("d/a").unwrap();
    fs.rmdir("d").unwrap();
}

fn remove_dir_of_dot_is_inval(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    assert_eq!(fs.rmdir("d/."), Err(Errno::Inval));
    assert!(fs.exists("d"));
}

fn remove_dir_of_what_is_missing_is_noent(fs: &Fixture) {
    assert_eq!(fs.rmdir("d"), Err(Errno::Noent));
    assert_eq!(fs.rmdir("d/"), Err(Errno::Noent));
}

fn remove_dir_does_not_follow_a_link(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.symlink("d", "link").unwrap();
    assert_eq!(fs.rmdir("link"), Err(Errno::Notdir));
    assert_eq!(fs.rmdir("link/"), Err(Errno::Notdir));
    assert!(fs.exists("d") && fs.exists("link"));
}

fn nothing_is_made_in_a_directory_that_was_removed_while_open(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    let dir = fs.open_dir("d").unwrap();
    fs.rmdir("d").unwrap();
    assert_eq!(dir.create_dir(path("e")), Err(Errno::Noent));
    assert_eq!(dir.symlink(path("x"), path("l")), Err(Errno::Noent));
    assert!(matches!(dir.open(path("a"), write().create().0), Err(Errno::Noent)));
    assert!(matches!(dir.open(path("a"), read().0), Err(Errno::Noent)));
    assert_eq!(fs.quota.used(), (0, 0));
}

fn a_handle_follows_its_directory_when_it_moves(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.mkdir("e").unwrap();
    let dir = fs.open_dir("d").unwrap();
    fs.rename("d", "e/moved").unwrap();
    dir.create_dir(path("inner")).unwrap();
    assert!(fs.is_dir("e/moved/inner"));
}

fn files_in_subdirectories_are_apart(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("a", b"outer");
    fs.write("d/a", b"inner");
    assert_eq!(fs.read("a"), b"outer");
    assert_eq!(fs.read("d/a"), b"inner");
    assert_ne!(fs.stat("a").unwrap().ino, fs.stat("d/a").unwrap().ino);
}
