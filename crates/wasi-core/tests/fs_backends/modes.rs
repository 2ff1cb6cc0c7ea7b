//! Kinds and permissions, as POSIX has them.

use wasi_core::Errno;
use wasi_core::fs::{Dir, ReadOnly};
use wasi_core::types::{Access, FileType, Mode};

use crate::fixture::{Fixture, path, read, write};

crate::on_every_back_end! {
    a_mode_tells_the_kind,
    what_is_new_belongs_to_its_owner,
    a_mode_is_the_same_by_name_and_by_descriptor,
    what_is_read_only_has_no_write_bits,
    what_can_be_used_is_accessible,
    what_cannot_be_found_is_not_accessible,
    what_is_read_only_is_accessible_for_reading,
}

fn kind(mode: Mode) -> u32 {
    mode.bits() >> 12
}

fn a_mode_tells_the_kind(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    fs.symlink("a", "link").unwrap();
    for (name, number, filetype) in
        [("a", 0o10, FileType::RegularFile), ("d", 0o4, FileType::Directory), (".", 0o4, FileType::Directory)]
    {
        let mode = fs.stat(name).unwrap().mode;
        assert_eq!((kind(mode), mode.filetype()), (number, filetype), "{name}");
    }
    assert_eq!(fs.lstat("link").unwrap().mode.bits(), 0o120_777);
    assert_eq!(fs.stat("link").unwrap().mode, fs.stat("a").unwrap().mode);
}

fn what_is_new_belongs_to_its_owner(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    // The host's umask decides on the others.
    assert_eq!(fs.stat("a").unwrap().mode.bits() & 0o7700, 0o600);
    assert_eq!(fs.stat("a").unwrap().mode.bits() & 0o111, 0);
    assert_eq!(fs.stat("d").unwrap().mode.bits() & 0o7700, 0o700);
}

fn a_mode_is_the_same_by_name_and_by_descriptor(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    let by_name = |name| fs.stat(name).unwrap().mode;
    assert_eq!(fs.open_file("a", read()).unwrap().filestat().unwrap().mode, by_name("a"));
    assert_eq!(fs.open_dir("d").unwrap().filestat().unwrap().mode, by_name("d"));
    assert_eq!(fs.dir.filestat().unwrap().mode, by_name("."));
}

fn what_is_read_only_has_no_write_bits(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    fs.symlink("a", "link").unwrap();
    let own = fs.stat("a").unwrap().mode.bits();
    let view = ReadOnly::new(fs.dir.reopen().unwrap());
    for name in ["a", "d", "."] {
        assert_eq!(view.filestat_at(path(name), true).unwrap().mode.bits() & 0o222, 0, "{name}");
    }
    assert_eq!(view.filestat().unwrap().mode.bits() & 0o222, 0);
    assert_eq!(view.filestat_at(path("a"), true).unwrap().mode.bits(), own & !0o222);
    assert_eq!(view.filestat_at(path("link"), false).unwrap().mode.bits(), 0o120_777);
    let wasi_core::fs::Node::File(file) = view.open(path("a"), read().0).unwrap() else { panic!("no file") };
    assert_eq!(file.filestat().unwrap().mode.bits(), own & !0o222);
}

fn what_can_be_used_is_accessible(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    fs.symlink("missing", "link").unwrap();
    let access = |name, access| fs.dir.access_at(path(name), true, access);
    for name in ["a", "d", ".", "d/"] {
        assert_eq!(access(name, Access::READ | Access::WRITE), Ok(()), "{name}");
        assert_eq!(access(name, Access::empty()), Ok(()), "{name}");
    }
    assert_eq!(access("d", Access::all()), Ok(()));
    assert_eq!(access("a", Access::EXECUTE), Err(Errno::Acces));
    assert_eq!(fs.dir.access_at(path("link"), false, Access::READ), Ok(()));
    fs.open_file("a", write()).unwrap();
}

fn what_cannot_be_found_is_not_accessible(fs: &Fixture) {
    fs.write("a", b"");
    fs.symlink("missing", "link").unwrap();
    fs.symlink("../secret", "out").unwrap();
    for (name, error) in [
        ("missing", Errno::Noent),
        ("link", Errno::Noent),
        ("a/", Errno::Notdir),
        ("a/b", Errno::Notdir),
        ("..", Errno::Perm),
        ("out", Errno::Perm),
    ] {
        for access in [Access::empty(), Access::READ, Access::all()] {
            assert_eq!(fs.dir.access_at(path(name), true, access), Err(error), "{name}");
        }
    }
}

fn what_is_read_only_is_accessible_for_reading(fs: &Fixture) {
    fs.write("a", b"");
    let view = ReadOnly::new(fs.dir.reopen().unwrap());
    assert_eq!(view.access_at(path("a"), true, Access::READ), Ok(()));
    assert_eq!(view.access_at(path("."), true, Access::READ | Access::EXECUTE), Ok(()));
    assert_eq!(view.access_at(path("a"), true, Access::WRITE), Err(Errno::Perm));
    assert_eq!(view.access_at(path("missing"), true, Access::WRITE), Err(Errno::Noent));
}
