//! Renames, as POSIX specifies them.

use wasi_core::Errno;

use crate::fixture::{Fixture, path};

crate::on_every_back_end! {
    a_file_moves_with_its_content,
    a_file_replaces_a_file,
    a_file_does_not_replace_a_directory,
    a_directory_moves_with_what_is_in_it,
    a_directory_replaces_an_empty_one,
    a_directory_does_not_replace_one_that_is_not_empty,
    a_directory_does_not_replace_a_file,
    a_directory_does_not_move_into_itself,
    a_directory_does_not_replace_its_parent,
    a_link_moves_itself,
    a_link_is_replaced_itself,
    trailing_slashes_are_fine_on_directories,
    a_trailing_slash_is_notdir_on_files,
    two_names_of_one_file_stay,
    a_name_onto_itself_changes_nothing,
    dot_does_not_move,
    a_missing_source_is_noent,
    a_rename_may_cross_directories_of_one_file_system,
}

fn a_file_moves_with_its_content(fs: &Fixture) {
    fs.write("a", b"x");
    let ino = fs.stat("a").unwrap().ino;
    fs.rename("a", "b").unwrap();
    assert_eq!(fs.names(), ["b"]);
    assert_eq!(fs.read("b"), b"x");
    assert_eq!(fs.stat("b").unwrap().ino, ino);
}

fn a_file_replaces_a_file(fs: &Fixture) {
    fs.write("a", b"new");
    fs.write("b", b"old");
    fs.rename("a", "b").unwrap();
    assert_eq!(fs.names(), ["b"]);
    assert_eq!(fs.read("b"), b"new");
}

fn a_file_does_not_replace_a_directory(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    assert_eq!(fs.rename("a", "d"), Err(Errno::Isdir));
    assert_eq!(fs.names(), ["a", "d"]);
}

fn a_directory_moves_with_what_is_in_it(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.mkdir("e").unwrap();
    fs.write("d/a", b"x");
    fs.rename("d", "e/f").unwrap();
    assert_eq!(fs.read("e/f/a"), b"x");
    assert_eq!(fs.read("e/f/../f/a"), b"x");
    assert_eq!(fs.stat("e/f/..").unwrap().ino, fs.stat("e").unwrap().ino);
}

fn a_directory_replaces_an_empty_one(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("d/a", b"x");
    fs.mkdir("e").unwrap();
    fs.rename("d", "e").unwrap();
    assert_eq!(fs.names(), ["e"]);
    assert_eq!(fs.read("e/a"), b"x");
}

fn a_directory_does_not_replace_one_that_is_not_empty(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.mkdir("e").unwrap();
    fs.write("e/a", b"x");
    assert_eq!(fs.rename("d", "e"), Err(Errno::Notempty));
    assert_eq!(fs.read("e/a"), b"x");
}

fn a_directory_does_not_replace_a_file(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("a", b"");
    assert_eq!(fs.rename("d", "a"), Err(Errno::Notdir));
    assert_eq!(fs.rename("d", "a/"), Err(Errno::Notdir));
    assert_eq!(fs.names(), ["a", "d"]);
}

fn a_directory_does_not_move_into_itself(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.mkdir("d/e").unwrap();
    assert_eq!(fs.rename("d", "d/f"), Err(Errno::Inval));
    assert_eq!(fs.rename("d", "d/e/f"), Err(Errno::Inval));
    assert_eq!(fs.rename("d", "d/e"), Err(Errno::Inval));
    assert!(fs.is_dir("d/e"));
}

fn a_directory_does_not_replace_its_parent(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.mkdir("d/e").unwrap();
    assert_eq!(fs.rename("d/e", "d"), Err(Errno::Notempty));
}

fn a_link_moves_itself(fs: &Fixture) {
    fs.write("a", b"x");
    fs.symlink("a", "link").unwrap();
    fs.rename("link", "moved").unwrap();
    assert_eq!(fs.names(), ["a", "moved"]);
    assert_eq!(fs.read_link("moved").unwrap(), "a");
}

fn a_link_is_replaced_itself(fs: &Fixture) {
    fs.write("a", b"old");
    fs.write("b", b"new");
    fs.symlink("a", "link").unwrap();
    fs.rename("b", "link").unwrap();
    assert_eq!(fs.read("a"), b"old");
    assert_eq!(fs.read("link"), b"new");
    assert_eq!(fs.read_link("link"), Err(Errno::Inval));
}

fn trailing_slashes_are_fine_on_directories(fs: &Fixture) {
    fs.mkdir("source").unwrap();
    fs.rename("source/", "target").unwrap();
    fs.rename("target", "source/").unwrap();
    fs.rename("source//", "target//").unwrap();
    assert_eq!(fs.names(), ["target"]);
}

fn a_trailing_slash_is_notdir_on_files(fs: &Fixture) {
    fs.write("a", b"");
    assert_eq!(fs.rename("a/", "b"), Err(Errno::Notdir));
    assert_eq!(fs.rename("a", "b/"), Err(Errno::Notdir));
    assert_eq!(fs.names(), ["a"]);
}

fn two_names_of_one_file_stay(fs: &Fixture) {
    fs.write("a", b"x");
    fs.link("a", "b").unwrap();
    fs.rename("a", "b").unwrap();
    assert_eq!(fs.names(), ["a", "b"]);
    assert_eq!(fs.quota.used(), (1, 2));
}

fn a_name_onto_itself_changes_nothing(fs: &Fixture) {
    fs.write("a", b"x");
    fs.mkdir("d").unwrap();
    fs.rename("a", "a").unwrap();
    fs.rename("d", "d").unwrap();
    assert_eq!(fs.names(), ["a", "d"]);
    assert_eq!(fs.quota.used(), (1, 2));
}

fn dot_does_not_move(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    assert_eq!(fs.rename(".", "e"), Err(Errno::Busy));
    assert_eq!(fs.rename("d", "."), Err(Errno::Busy));
    assert_eq!(fs.rename("d/.", "e"), Err(Errno::Busy));
}

fn a_missing_source_is_noent(fs: &Fixture) {
    fs.write("b", b"x");
    assert_eq!(fs.rename("a", "b"), Err(Errno::Noent));
    assert_eq!(fs.read("b"), b"x");
    assert_eq!(fs.rename("b", "missing/b"), Err(Errno::Noent));
}

fn a_rename_may_cross_directories_of_one_file_system(fs: &Fixture) {
    fs.write("a", b"x");
    fs.mkdir("d").unwrap();
    let inner = fs.open_dir("d").unwrap();
    fs.dir.rename(path("a"), &*inner, path("b")).unwrap();
    assert_eq!(fs.read("d/b"), b"x");
    inner.rename(path("b"), &*fs.dir, path("a")).unwrap();
    assert_eq!(fs.read("a"), b"x");
}

#[cfg(feature = "host")]
#[test]
fn a_rename_between_file_systems_is_xdev() {
    let (host, memory) = (Fixture::on_the_host(), Fixture::in_memory());
    for (from, to) in [(&host, &memory), (&memory, &host), (&host, &Fixture::on_the_host())] {
        from.write("a", b"x");
        assert_eq!(from.dir.rename(path("a"), &*to.dir, path("b")), Err(Errno::Xdev));
        assert_eq!(from.dir.link(path("a"), &*to.dir, path("b")), Err(Errno::Xdev));
    }
}
