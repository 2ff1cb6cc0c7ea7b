//! Read-only trees from ZIP archives, whole and damaged.

#![cfg_attr(target_arch = "wasm32", feature(custom_test_frameworks, test), test_runner(node::run))]

#[cfg(feature = "host")]
mod host;
#[cfg(target_arch = "wasm32")]
#[path = "../node/mod.rs"]
mod node;
mod zip;

use std::collections::BTreeMap;
use std::io::IoSlice;

use wasi_core::Errno;
use wasi_core::fs::{Archive, ArchiveError, Dir, File, Node, OpenOptions, RelativePath};
use wasi_core::types::{FdFlags, FileType, OFlags, SetTime, Whence};
use zip::{Entry, archive, compressed, stored};

fn path(text: &str) -> RelativePath<'_> {
    RelativePath::parse(text.as_bytes()).unwrap()
}

const READ: OpenOptions = OpenOptions {
    follow: true,
    oflags: OFlags::empty(),
    read: true,
    write: false,
    fdflags: FdFlags::empty(),
};

fn open(dir: &dyn Dir, name: &str) -> Result<Box<dyn File>, Errno> {
    match dir.open(path(name), READ)? {
        Node::File(file) => Ok(file),
        Node::Dir(_) => Err(Errno::Isdir),
    }
}

fn read(dir: &dyn Dir, name: &str) -> Result<Vec<u8>, Errno> {
    let mut file = open(dir, name)?;
    let mut content = vec![0; file.filestat()?.size as usize];
    assert_eq!(file.read(&mut content)?, content.len());
    assert_eq!(file.read(&mut [0; 1])?, 0);
    Ok(content)
}

fn sample() -> Vec<u8> {
    archive(&[
        stored("lib/", b""),
        stored("lib/short.py", b"pass"),
        compressed("lib/long.py", &vec![b'x'; 100_000]),
        compressed("lib/package/deep/ünïcode.py", b"text text text text text"),
        stored("empty", b""),
    ])
}

fn sample_dir() -> impl Dir {
    Archive::open(sample()).unwrap().dir()
}

/// Returns the names of a directory with their kinds, in the order of the listing.
fn list(dir: &dyn Dir) -> Vec<(String, FileType)> {
    dir.entries().unwrap().map(|entry| entry.unwrap()).map(|entry| (entry.name, entry.filetype)).collect()
}

#[test]
fn stored_and_compressed_files_are_read() {
    let dir = sample_dir();
    assert_eq!(read(&dir, "lib/short.py").unwrap(), b"pass");
    assert_eq!(read(&dir, "lib/long.py").unwrap(), vec![b'x'; 100_000]);
    assert_eq!(read(&dir, "lib/package/deep/ünïcode.py").unwrap(), b"text text text text text");
    assert_eq!(read(&dir, "empty").unwrap(), b"");
}

#[test]
fn directories_are_there_whether_they_have_an_entry_or_not() {
    let dir = sample_dir();
    let (file, folder) = (FileType::RegularFile, FileType::Directory);
    let expected = |names: &[(&str, FileType)]| {
        names.iter().map(|&(name, kind)| (name.to_owned(), kind)).collect::<Vec<_>>()
    };
    assert_eq!(list(&dir), expected(&[("empty", file), ("lib", folder)]));
    let Node::Dir(lib) = dir.open(path("lib/"), READ).unwrap() else { panic!("no directory") };
    assert_eq!(list(&*lib), expected(&[("long.py", file), ("package", folder), ("short.py", file)]));
    assert_eq!(read(&*lib, "package/../short.py").unwrap(), b"pass");
}

#[test]
fn listed_inodes_are_those_of_the_files() {
    let dir = sample_dir();
    for entry in dir.entries().unwrap().map(|entry| entry.unwrap()) {
        assert_eq!(entry.ino, dir.filestat_at(path(&entry.name), true).unwrap().ino);
    }
    assert_eq!(dir.filestat().unwrap().ino, dir.filestat_at(path("lib/.."), true).unwrap().ino);
}

#[test]
fn attributes_are_those_of_the_index() {
    let stat = sample_dir().filestat_at(path("lib/long.py"), true).unwrap();
    assert_eq!((stat.filetype, stat.size, stat.nlink), (FileType::RegularFile, 100_000, 1));
    assert_eq!(stat.mtim, 315_532_800_000_000_000); // 1980-01-01
}

#[test]
fn offsets_work_on_stored_and_compressed_files() {
    let dir = sample_dir();
    for (name, size) in [("lib/short.py", 4), ("lib/long.py", 100_000)] {
        let mut file = open(&dir, name).unwrap();
        assert_eq!(file.seek(-1, Whence::End), Ok(size - 1));
        assert_eq!(file.read(&mut [0; 8]), Ok(1));
        assert_eq!(file.read_at(&mut [0; 3], 1), Ok(3));
        assert_eq!(file.seek(0, Whence::Cur), Ok(size));
        assert_eq!(file.read_at(&mut [0; 3], 1 << 40), Ok(0));
    }
}

#[test]
fn wrong_paths_have_their_own_errors() {
    let dir = sample_dir();
    let error = |name| read(&dir, name).unwrap_err();
    assert_eq!(error("missing"), Errno::Noent);
    assert_eq!(error("missing/.."), Errno::Noent);
    assert_eq!(error("empty/x"), Errno::Notdir);
    assert_eq!(error("empty/"), Errno::Notdir);
    assert_eq!(error("empty/."), Errno::Notdir);
    assert_eq!(error(".."), Errno::Perm);
    assert_eq!(error("lib/../../x"), Errno::Perm);
    assert_eq!(error("lib"), Errno::Isdir);
    assert_eq!(dir.read_link(path("empty")), Err(Errno::Inval));
    let Node::Dir(lib) = dir.open(path("lib"), READ).unwrap() else { panic!("no directory") };
    assert_eq!(read(&*lib, "../empty"), Err(Errno::Perm));
}

#[test]
fn nothing_can_be_changed() {
    let dir = sample_dir();
    let open = |name, oflags, write| match dir.open(path(name), OpenOptions { oflags, write, ..READ }) {
        Ok(_) => panic!("{name} opened"),
        Err(error) => error,
    };
    assert_eq!(open("empty", OFlags::empty(), true), Errno::Rofs);
    assert_eq!(open("empty", OFlags::TRUNC, false), Errno::Rofs);
    assert_eq!(open("new", OFlags::CREAT, false), Errno::Rofs);
    assert_eq!(open("empty", OFlags::CREAT | OFlags::EXCL, false), Errno::Exist);
    assert_eq!(open("lib", OFlags::empty(), true), Errno::Isdir);
    assert_eq!(dir.create_dir(path("new")), Err(Errno::Rofs));
    assert_eq!(dir.remove_dir(path("lib")), Err(Errno::Rofs));
    assert_eq!(dir.unlink(path("empty")), Err(Errno::Rofs));
    assert_eq!(dir.symlink(path("x"), path("new")), Err(Errno::Rofs));
    assert_eq!(dir.rename(path("empty"), &dir, path("new")), Err(Errno::Rofs));
    assert_eq!(dir.link(path("empty"), &dir, path("new")), Err(Errno::Rofs));
    assert_eq!(dir.set_times_at(path("empty"), true, SetTime::To(0), SetTime::Keep), Err(Errno::Rofs));
    assert!(!dir.writable());
    let mut file = self::open(&dir, "lib/short.py").unwrap();
    assert_eq!(file.write(&[IoSlice::new(b"x")]), Err(Errno::Rofs));
    assert_eq!(file.set_size(0), Err(Errno::Rofs));
    assert_eq!(file.set_times(SetTime::To(0), SetTime::Keep), Err(Errno::Rofs));
}

/// Opens an archive and reads everything in it. Returns how many files could not be read.
fn read_all(bytes: Vec<u8>) -> Result<usize, ArchiveError> {
    fn visit(dir: &dyn Dir, damaged: &mut usize) {
        for entry in dir.entries().unwrap() {
            let name = entry.unwrap().name;
            match dir.open(path(&name), READ) {
                Ok(Node::Dir(inner)) => visit(&*inner, damaged),
                Ok(Node::File(mut file)) => drop(file.read(&mut vec![0; 200_000]).unwrap()),
                Err(error) => {
                    assert_eq!(error, Errno::Io, "{name}");
                    *damaged += 1;
                }
            }
        }
    }
    let mut damaged = 0;
    visit(&Archive::open(bytes)?.dir(), &mut damaged);
    Ok(damaged)
}

#[test]
fn a_truncated_archive_is_an_error_at_every_length() {
    let whole = sample();
    assert_eq!(read_all(whole.clone()), Ok(0));
    for len in 0..whole.len() {
        let error = read_all(whole[..len].to_vec()).unwrap_err();
        assert!(matches!(error, ArchiveError::NotZip | ArchiveError::Truncated), "{len}: {error}");
    }
}

#[test]
fn no_damaged_byte_leads_to_a_panic() {
    let whole = sample();
    for at in 0..whole.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            // Both a result and an error are right.
            let _ = read_all(bytes);
        }
    }
}

#[test]
fn damaged_compressed_data_is_an_io_error() {
    let mut entry = compressed("a", &[7; 5000]);
    let middle = entry.data.len() / 2;
    entry.data[middle] ^= 0xff;
    assert_eq!(read_all(archive(&[entry])), Ok(1));
    let wrong_sum = Entry { crc: 0, ..compressed("a", b"text") };
    assert_eq!(read_all(archive(&[wrong_sum])), Ok(1));
    for size in [4, 6] {
        let wrong_size = Entry { size, ..compressed("a", b"bytes") };
        assert_eq!(read_all(archive(&[wrong_size])), Ok(1));
    }
}

#[test]
fn what_is_not_supported_is_named() {
    let mut refused = BTreeMap::new();
    let mut refuse = |why: &'static str, entries: &[Entry]| {
        refused.insert(why, Archive::open(archive(entries)).unwrap_err().to_string());
    };
    refuse("method", &[Entry { method: 8, ..stored("a", b"x") }]);
    refuse("encrypted", &[Entry { flags: 1, ..stored("a", b"x") }]);
    refuse("huge", &[Entry { size: u32::MAX, ..compressed("a", b"x") }]);
    refuse("stored size", &[Entry { size: 2, ..stored("a", b"x") }]);
    refuse("twice", &[stored("d/a", b"x"), stored("d/a", b"y")]);
    refuse("file as directory", &[stored("a", b"x"), stored("a/b", b"y")]);
    refuse("not utf-8", &[Entry { name: b"\xff".to_vec(), ..stored("", b"x") }]);
    let expected = [
        ("encrypted", "the ZIP archive uses encryption, which is not supported"),
        ("file as directory", "`a` is in the archive twice"),
        ("huge", "`a` unpacks to 4294967295 bytes; at most 268435456 are supported"),
        ("method", "`a` is compressed by method 8; only 0 (stored) and 93 (Zstandard) are supported"),
        (
            "not utf-8",
            "`\u{fffd}` is not a name for a file in an archive: use short relative paths in UTF-8, without `.` and `..`",
        ),
        ("stored size", "the ZIP archive is truncated or damaged: its index does not fit it"),
        ("twice", "`a` is in the archive twice"),
    ];
    assert_eq!(refused, expected.into_iter().map(|(why, text)| (why, text.to_owned())).collect());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let long = "x/".repeat(3000) + "x";
    for name in ["/a", "../a", "a/../b", "a//b", "./a", "a/.", "a\0b", "", "/", long.as_str()] {
        let error = Archive::open(archive(&[stored(name, b"x")])).unwrap_err();
        assert_eq!(error, ArchiveError::Name(name.to_owned()));
    }
}

#[test]
fn bytes_that_are_not_an_archive_are_refused() {
    for bytes in [&b""[..], b"PK", b"hello, world: this is a text file, not an archive"] {
        assert_eq!(Archive::open(bytes).unwrap_err(), ArchiveError::NotZip);
    }
}
