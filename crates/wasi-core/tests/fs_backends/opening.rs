//! What `open` opens, creates and refuses.

use wasi_core::Errno;
use wasi_core::types::FileType;

use crate::fixture::{Fixture, path, read, write};

crate::on_every_back_end! {
    open_finds_a_file,
    open_of_a_missing_file_is_noent,
    open_creates_a_missing_file,
    open_to_read_may_create_too,
    open_exclusively_refuses_what_exists,
    open_exclusively_refuses_a_dangling_link,
    open_truncates,
    open_without_truncating_keeps_the_content,
    open_to_read_with_truncate_cuts,
    open_of_a_directory_to_write_is_isdir,
    open_of_a_directory_with_create_is_isdir,
    open_of_a_directory_with_truncate_is_isdir,
    open_of_dot_is_the_directory_itself,
    open_demanding_a_directory_refuses_a_file,
    open_creating_a_directory_is_inval,
    a_trailing_slash_demands_a_directory,
    a_trailing_slash_makes_no_file,
    a_trailing_dot_demands_a_directory,
    a_path_through_a_file_is_notdir,
    a_path_through_a_missing_directory_is_noent,
    dots_and_double_slashes_mean_nothing,
    dotdot_stays_inside,
    dotdot_out_of_the_directory_is_perm,
    dotdot_out_of_a_subdirectory_is_perm,
    a_name_of_255_bytes_works_and_one_of_256_is_nametoolong,
    names_may_hold_any_unicode,
    a_file_is_not_a_directory,
}

fn open_finds_a_file(fs: &Fixture) {
    fs.write("a", b"hello");
    assert_eq!(fs.open_file("a", read()).unwrap().filetype(), FileType::RegularFile);
    assert_eq!(fs.read("a"), b"hello");
}

fn open_of_a_missing_file_is_noent(fs: &Fixture) {
    assert_eq!(fs.open_error("a", read()), Errno::Noent);
    assert_eq!(fs.open_error("a", write()), Errno::Noent);
    assert_eq!(fs.open_error("a", read().directory()), Errno::Noent);
}

fn open_creates_a_missing_file(fs: &Fixture) {
    fs.open_file("a", write().create()).unwrap();
    assert_eq!(fs.stat("a").unwrap().size, 0);
    assert_eq!(fs.names(), ["a"]);
}

fn open_to_read_may_create_too(fs: &Fixture) {
    fs.open_file("a", read().create()).unwrap();
    assert!(fs.exists("a"));
}

fn open_exclusively_refuses_what_exists(fs: &Fixture) {
    fs.open_file("a", write().create().exclusive()).unwrap();
    assert_eq!(fs.open_error("a", write().create().exclusive()), Errno::Exist);
    fs.mkdir("d").unwrap();
    assert_eq!(fs.open_error("d", read().create().exclusive()), Errno::Exist);
}

fn open_exclusively_refuses_a_dangling_link(fs: &Fixture) {
    fs.symlink("target", "link").unwrap();
    assert_eq!(fs.open_error("link", write().create().exclusive()), Errno::Exist);
    assert!(!fs.exists("target"));
}

fn open_truncates(fs: &Fixture) {
    fs.write("a", b"hello");
    fs.open_file("a", write().truncate()).unwrap();
    assert_eq!(fs.read("a"), b"");
}

fn open_without_truncating_keeps_the_content(fs: &Fixture) {
    fs.write("a", b"hello");
    fs.open_file("a", write().create()).unwrap();
    assert_eq!(fs.read("a"), b"hello");
}

fn open_to_read_with_truncate_cuts(fs: &Fixture) {
    fs.write("a", b"hello");
    fs.open_file("a", read().truncate()).unwrap();
    assert_eq!(fs.stat("a").unwrap().size, 0);
}

fn open_of_a_directory_to_write_is_isdir(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    for name in ["d", "d/", ".", "d/."] {
        assert_eq!(fs.open_error(name, write()), Errno::Isdir, "{name}");
        assert_eq!(fs.open_error(name, write().directory()), Errno::Isdir, "{name}");
    }
}

fn open_of_a_directory_with_create_is_isdir(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    assert_eq!(fs.open_error("d", read().create()), Errno::Isdir);
}

fn open_of_a_directory_with_truncate_is_isdir(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    assert_eq!(fs.open_error("d", read().truncate()), Errno::Isdir);
}

fn open_of_dot_is_the_directory_itself(fs: &Fixture) {
    fs.write("a", b"");
    let dot = fs.open_dir(".").unwrap();
    assert_eq!(dot.filestat().unwrap().ino, fs.dir.filestat().unwrap().ino);
    assert_eq!(crate::fixture::names(&*dot), ["a"]);
}

fn open_demanding_a_directory_refuses_a_file(fs: &Fixture) {
    fs.write("a", b"");
    assert_eq!(fs.open_error("a", read().directory()), Errno::Notdir);
}

fn open_creating_a_directory_is_inval(fs: &Fixture) {
    assert_eq!(fs.open_error("d", read().create().directory()), Errno::Inval);
    assert!(!fs.exists("d"));
}

fn a_trailing_slash_demands_a_directory(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    fs.open_dir("d/").unwrap();
    fs.open_dir("d///").unwrap();
    for name in ["a/", "a///"] {
        assert_eq!(fs.open_error(name, read()), Errno::Notdir);
        assert_eq!(fs.stat(name), Err(Errno::Notdir));
        assert_eq!(fs.lstat(name), Err(Errno::Notdir));
        assert_eq!(fs.unlink(name), Err(Errno::Notdir));
        assert_eq!(fs.rename(name, "b"), Err(Errno::Notdir));
        assert_eq!(fs.link(name, "b"), Err(Errno::Notdir));
    }
}

fn a_trailing_slash_makes_no_file(fs: &Fixture) {
    assert_eq!(fs.open_error("a/", write().create()), Errno::Isdir);
    assert_eq!(fs.open_error("a/", read()), Errno::Noent);
    assert!(!fs.exists("a"));
}

fn a_trailing_dot_demands_a_directory(fs: &Fixture) {
    fs.write("a", b"");
    assert_eq!(fs.open_error("a/.", read()), Errno::Notdir);
    assert_eq!(fs.open_error("b/.", write().create()), Errno::Noent);
    assert_eq!(fs.stat("a/.."), Err(Errno::Notdir));
}

fn a_path_through_a_file_is_notdir(fs: &Fixture) {
    fs.write("a", b"");
    assert_eq!(fs.open_error("a/b", read()), Errno::Notdir);
    assert_eq!(fs.open_error("a/b", write().create()), Errno::Notdir);
    assert_eq!(fs.mkdir("a/b"), Err(Errno::Notdir));
    assert_eq!(fs.stat("a/b"), Err(Errno::Notdir));
}

fn a_path_through_a_missing_directory_is_noent(fs: &Fixture) {
    assert_eq!(fs.open_error("d/a", write().create()), Errno::Noent);
    assert_eq!(fs.mkdir("d/e"), Err(Errno::Noent));
    assert_eq!(fs.stat("d/../a"), Err(Errno::Noent));
}

fn dots_and_double_slashes_mean_nothing(fs: &Fixture) {
    fs.mkdir("dir").unwrap();
    fs.mkdir("dir/nested").unwrap();
    fs.write("dir/nested/file", b"x");
    assert_eq!(fs.read("dir/.//nested/../../dir/nested/../nested///./file"), b"x");
}

fn dotdot_stays_inside(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("a", b"x");
    assert_eq!(fs.read("d/../a"), b"x");
    assert!(fs.is_dir("d/.."));
    assert_eq!(fs.stat("d/..").unwrap().ino, fs.dir.filestat().unwrap().ino);
}

fn dotdot_out_of_the_directory_is_perm(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    for name in ["..", "../", "../a", "./..", "d/../..", "d/../../d", "../../../../../../../etc/passwd"] {
        assert_eq!(fs.open_error(name, read()), Errno::Perm, "{name}");
        assert_eq!(fs.open_error(name, write().create()), Errno::Perm, "{name}");
        assert_eq!(fs.stat(name), Err(Errno::Perm), "{name}");
        assert_eq!(fs.lstat(name), Err(Errno::Perm), "{name}");
        assert_eq!(fs.mkdir(name), Err(Errno::Perm), "{name}");
        assert_eq!(fs.rmdir(name), Err(Errno::Perm), "{name}");
        assert_eq!(fs.unlink(name), Err(Errno::Perm), "{name}");
        assert_eq!(fs.read_link(name), Err(Errno::Perm), "{name}");
        assert_eq!(fs.symlink("a", name), Err(Errno::Perm), "{name}");
        assert_eq!(fs.rename("d", name), Err(Errno::Perm), "{name}");
        assert_eq!(fs.rename(name, "b"), Err(Errno::Perm), "{name}");
        assert_eq!(fs.link(name, "b"), Err(Errno::Perm), "{name}");
    }
}

fn dotdot_out_of_a_subdirectory_is_perm(fs: &Fixture) {
    fs.write("secret", b"x");
    fs.mkdir("d").unwrap();
    let inner = fs.open_dir("d").unwrap();
    assert_eq!(inner.filestat_at(path("../secret"), true), Err(Errno::Perm));
    assert_eq!(inner.filestat_at(path(".."), true), Err(Errno::Perm));
}

fn a_name_of_255_bytes_works_and_one_of_256_is_nametoolong(fs: &Fixture) {
    let (fits, too_long) = ("x".repeat(255), "x".repeat(256));
    fs.write(&fits, b"x");
    assert_eq!(fs.read(&fits), b"x");
    assert_eq!(fs.open_error(&too_long, write().create()), Errno::Nametoolong);
    assert_eq!(fs.stat(&too_long), Err(Errno::Nametoolong));
}

fn names_may_hold_any_unicode(fs: &Fixture) {
    let name = "naïve \u{1f40d}\n\"quoted\"\t\\";
    fs.write(name, b"x");
    assert_eq!(fs.names(), [name]);
    assert_eq!(fs.read(name), b"x");
}

fn a_file_is_not_a_directory(fs: &Fixture) {
    fs.write("a", b"");
    assert_eq!(fs.rmdir("a"), Err(Errno::Notdir));
    fs.mkdir("d").unwrap();
    assert_eq!(fs.unlink("d"), Err(Errno::Isdir));
    assert_eq!(fs.unlink("d/"), Err(Errno::Isdir));
    assert_eq!(fs.unlink("."), Err(Errno::Isdir));
}
