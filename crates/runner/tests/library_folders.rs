//! Files that the host reads and writes in a sandbox's folders.

use std::fs;
use std::os::unix::fs::symlink;

use python_wasm::{EntryKind, Error, Limits, Mount, Python};
use rustix::io::Errno;
use tempfile::TempDir;

/// Makes a sandbox with each kind of folder; the last three show the same one of the host.
fn python(folder: &TempDir) -> Python {
    Python::builder()
        .mount("/memory", Mount::memory())
        .mount("/overlay", Mount::overlay(folder).unwrap())
        .mount("/host", Mount::read_write(folder).unwrap())
        .mount("/fixed", Mount::read_only(folder).unwrap())
        .build()
        .unwrap()
}

fn number(error: &Error) -> Option<i32> {
    assert!(matches!(error, Error::Io(_)), "{error:?}");
    error.os_error()
}

#[test]
fn what_the_host_writes_the_program_reads_and_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let mut py = python(&folder);
    for mount in ["/memory", "/overlay", "/host", "/tmp"] {
        py.files(mount).write("in", b"\0one\xff").unwrap();
        py.exec(&format!(
            "data = open('{mount}/in', 'rb').read()\nopen('{mount}/out', 'wb').write(data * 2)"
        ))
        .unwrap();
        assert_eq!(py.files(mount).read("out").unwrap(), b"\0one\xff\0one\xff", "{mount}");
        py.files(mount).write("out", b"short").unwrap();
        assert_eq!(py.eval::<String>(&format!("open('{mount}/out').read()")).unwrap(), "short", "{mount}");
    }
    assert_eq!(fs::read(folder.path().join("out")).unwrap(), b"short");
}

#[test]
fn an_overlay_keeps_aside_what_the_host_writes_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "below").unwrap();
    let py = python(&folder);
    py.files("/overlay").write("a", b"above").unwrap();
    assert_eq!(py.files("/overlay").read("a").unwrap(), b"above");
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "below");
    assert_eq!(py.files("/overlay").diff().unwrap().len(), 1);
}

#[test]
fn folders_are_made_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut py = python(&folder);
    py.exec("import os\nos.symlink('b', '/memory/link')").unwrap();
    let files = py.files("/memory");
    files.create_dir("a").unwrap();
    files.write("a/deep", b"12").unwrap();
    files.write("b", b"123").unwrap();
    let listed = files.list(".").unwrap();
    let listed: Vec<_> = listed.iter().map(|entry| (entry.name.as_str(), entry.kind, entry.size)).collect();
    let expected =
        [("a", EntryKind::Folder, listed[0].2), ("b", EntryKind::File, 3), ("link", EntryKind::Link, 1)];
    assert_eq!(listed, expected);
    assert_eq!(files.entry("a/deep").unwrap().size, 2);
    assert_eq!(number(&files.remove("a").unwrap_err()), Some(Errno::NOTEMPTY.raw_os_error()));
    files.remove("a/deep").unwrap();
    files.remove("a").unwrap();
    files.remove("link").unwrap();
    files.remove("b").unwrap();
    assert_eq!(files.list(".").unwrap(), []);
}

#[test]
fn paths_obey_the_programs_rules() {
    let folder = tempfile::tempdir().unwrap();
    let secret = tempfile::NamedTempFile::new_in(folder.path().parent().unwrap()).unwrap();
    symlink(secret.path(), folder.path().join("out")).unwrap();
    symlink("../", folder.path().join("up")).unwrap();
    let name = secret.path().file_name().unwrap().to_str().unwrap();
    let py = python(&folder);
    for mount in ["/overlay", "/host", "/fixed"] {
        let files = py.files(mount);
        for path in ["out", &format!("../{name}"), &format!("up/{name}"), secret.path().to_str().unwrap()] {
            assert!(matches!(files.read(path), Err(Error::Io(_))), "{mount} {path}");
            assert!(files.write(path, b"x").is_err(), "{mount} {path}");
        }
        assert_eq!(number(&files.read("missing").unwrap_err()), Some(Errno::NOENT.raw_os_error()), "{mount}");
        assert_eq!(number(&files.read("").unwrap_err()), Some(Errno::NOENT.raw_os_error()), "{mount}");
        assert_eq!(number(&files.read(".").unwrap_err()), Some(Errno::ISDIR.raw_os_error()), "{mount}");
        assert_eq!(number(&files.read("a\0b").unwrap_err()), Some(Errno::INVAL.raw_os_error()), "{mount}");
        assert!(files.write("no/such/folder", b"x").is_err(), "{mount}");
    }
    assert_eq!(fs::read(secret.path()).unwrap(), b"");
    for change in [py.files("/fixed").write("a", b""), py.files("/fixed").remove("out")] {
        assert!(matches!(change, Err(Error::Io(_))));
    }
    assert!(!folder.path().join("a").exists());
}

#[test]
fn what_is_written_counts_for_the_limits_on_disk_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default().disk(10_000).files(3);
    let mut py = Python::builder()
        .limits(limits)
        .mount("/memory", Mount::memory())
        .mount("/host", Mount::read_write(&folder).unwrap())
        .build()
        .unwrap();
    py.files("/memory").write("a", &[1; 6_000]).unwrap();
    assert!(matches!(py.files("/host").write("b", &[1; 6_000]), Err(Error::DiskLimit)));
    assert!(matches!(py.exec("open('/memory/a', 'ab', 0).write(bytes(9_000))"), Err(Error::DiskLimit)));
    py.files("/memory").remove("a").unwrap();
    py.files("/host").remove("b").unwrap();
    py.files("/host").write("b", &[1; 9_000]).unwrap();
}

#[test]
fn what_is_not_a_regular_file_is_neither_read_nor_written() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let py = python(&folder);
    for (mount, path) in [("/host", "fifo"), ("/overlay", "fifo"), ("/dev", "zero")] {
        let files = py.files(mount);
        assert_eq!(number(&files.read(path).unwrap_err()), Some(Errno::INVAL.raw_os_error()), "{mount}");
        assert_eq!(
            number(&files.write(path, b"x").unwrap_err()),
            Some(Errno::INVAL.raw_os_error()),
            "{mount}"
        );
    }
    assert_eq!(py.files("/host").entry("fifo").unwrap().kind, EntryKind::Other);
}

#[test]
fn a_folder_that_is_not_mounted_or_was_closed_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut py = python(&folder);
    let refused = |error: Error| matches!(&error, Error::Argument(text) if text.contains("mounted at"));
    assert!(refused(py.files("/nowhere").read("a").unwrap_err()));
    assert!(refused(py.files("").list(".").unwrap_err()));
    py.exec("import os\nfor fd in range(3, 12):\n  try: os.close(fd)\n  except OSError: pass").unwrap();
    assert!(refused(py.files("/memory").write("a", b"").unwrap_err()));
}

#[test]
fn files_outlive_a_session_that_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut py = python(&folder);
    py.files("/memory").write("before", b"1").unwrap();
    assert!(py.exec("open('/memory/kept', 'w').write('2')\nimport os\nos._exit(3)").is_err());
    assert!(!py.is_usable());
    assert_eq!(py.files("/memory").read("before").unwrap(), b"1");
    assert_eq!(py.files("/memory").list(".").unwrap().len(), 2);
}
