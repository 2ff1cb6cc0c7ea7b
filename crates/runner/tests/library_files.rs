//! Overlays: what a program changed is looked at, committed or forgotten.

use std::fs;

use python_wasm::{ChangeKind, Error, Limits, Mount, Python};

fn python(folder: &tempfile::TempDir) -> Python {
    let mount = Mount::overlay(folder.path()).unwrap();
    Python::builder().mount("/data", mount).mount("/other", Mount::memory()).build().unwrap()
}

fn changes(py: &Python) -> Vec<(String, ChangeKind)> {
    let changes = py.files("/data").diff().unwrap();
    changes.into_iter().map(|change| (change.path, change.kind)).collect()
}

#[test]
fn changes_are_kept_aside_until_they_are_committed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["kept", "changed", "removed"] {
        fs::write(folder.path().join(name), name).unwrap();
    }
    let mut py = python(&folder);
    assert_eq!(changes(&py), []);
    py.exec(
        "import os\nopen('/data/changed', 'a').write('!')\nos.remove('/data/removed')\n\
         os.mkdir('/data/new')\nopen('/data/new/file', 'w').write('text')",
    )
    .unwrap();
    let expected = [
        ("changed", ChangeKind::Changed),
        ("new", ChangeKind::Added),
        ("new/file", ChangeKind::Added),
        ("removed", ChangeKind::Removed),
    ];
    let expected = expected.map(|(path, kind)| (path.to_owned(), kind));
    assert_eq!(changes(&py), expected);
    assert_eq!(fs::read_to_string(folder.path().join("changed")).unwrap(), "changed");

    let committed = py.files("/data").commit().unwrap();
    assert_eq!(committed.into_iter().map(|change| (change.path, change.kind)).collect::<Vec<_>>(), expected);
    assert_eq!(fs::read_to_string(folder.path().join("changed")).unwrap(), "changed!");
    assert_eq!(fs::read_to_string(folder.path().join("new/file")).unwrap(), "text");
    assert!(!folder.path().join("removed").exists());
    assert_eq!(changes(&py), []);

    py.exec("open('/data/new/file', 'a').write(' and more')").unwrap();
    assert_eq!(changes(&py), [("new/file".to_owned(), ChangeKind::Changed)]);
    assert_eq!(fs::read_to_string(folder.path().join("new/file")).unwrap(), "text");
}

#[test]
fn discarded_changes_were_never_made() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "before").unwrap();
    let mut py = python(&folder);
    py.exec("f = open('/data/a', 'w')\nf.write('after')\nf.flush()").unwrap();
    py.files("/data").discard().unwrap();
    assert_eq!(changes(&py), []);
    assert_eq!(py.eval::<String>("open('/data/a').read()").unwrap(), "before");
    assert!(py.exec("f.write('x'); f.flush()").unwrap_err().is_exception("OSError"));
}

#[test]
fn a_commit_does_not_count_for_the_programs_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mount = Mount::overlay(folder.path()).unwrap();
    let limits = Limits::default().disk(10_000);
    let mut py = Python::builder().limits(limits).mount("/data", mount).build().unwrap();
    py.exec("open('/data/a', 'wb').write(bytes(9_000))").unwrap();
    py.files("/data").commit().unwrap();
    assert_eq!(fs::metadata(folder.path().join("a")).unwrap().len(), 9_000);
    assert!(matches!(py.exec("open('/data/b', 'wb', 0).write(bytes(2_000))"), Err(Error::DiskLimit)));
}

#[test]
fn a_commit_into_a_folder_that_is_gone_is_an_error_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut py = python(&folder);
    py.exec("open('/data/a', 'w').write('text')").unwrap();
    folder.close().unwrap();
    let error = py.files("/data").commit().unwrap_err();
    assert!(matches!(error, Error::Io(_)), "{error:?}");
    assert_eq!(py.eval::<String>("open('/data/a').read()").unwrap(), "text");
}

#[test]
fn what_is_no_overlay_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let py = python(&folder);
    for mount in ["/other", "/nowhere", "", "/data/"] {
        let error = py.files(mount).diff().unwrap_err();
        assert!(matches!(&error, Error::Argument(message) if message.contains(mount)), "{error:?}");
        assert!(matches!(py.files(mount).commit(), Err(Error::Argument(_))));
        assert!(matches!(py.files(mount).discard(), Err(Error::Argument(_))));
    }
}
