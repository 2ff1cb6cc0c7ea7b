//! What a sandbox that goes on from a snapshot takes of its builder, and what the builder refuses.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use python_wasm::{ChangeKind, Error, Limits, Mount, Python, PythonBuilder, Snapshot};
use tempfile::TempDir;

/// A sandbox's state, in memory and in a file.
struct Saved {
    folder: TempDir,
    snapshot: Snapshot,
}

impl Saved {
    fn of(builder: PythonBuilder, source: &str) -> Self {
        let mut py = builder.build().unwrap();
        py.exec(source).unwrap();
        let (folder, snapshot) = (tempfile::tempdir().unwrap(), py.snapshot().unwrap());
        snapshot.save(folder.path().join("s.snap")).unwrap();
        Self { folder, snapshot }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("s.snap")
    }

    /// Goes on with what `describe` adds: from memory, and from the file.
    fn both(&self, describe: impl Fn(PythonBuilder) -> PythonBuilder) -> [Result<Python, Error>; 2] {
        [describe(self.snapshot.builder()).spawn(), describe(Python::builder()).resume(self.file())]
    }
}

#[test]
fn arguments_variables_streams_and_functions_are_the_builder_s() {
    let saved = Saved::of(
        Python::builder().args(["old"]).env("A", "old").env("B", "kept"),
        "import os, sys\nnumber = 1",
    );
    let describe = |builder: PythonBuilder| {
        builder
            .args(["new", "-x"])
            .env("A", "1")
            .env("C", "2")
            .stdin_bytes("a line")
            .function("twice", |n: i64| Ok::<_, String>(2 * n))
    };
    for python in saved.both(describe) {
        let mut py = python.unwrap();
        assert_eq!(py.repr("sys.argv").unwrap(), "['new', '-x']");
        assert_eq!(
            py.repr("[(name, os.environ[name]) for name in 'ABC']").unwrap(),
            "[('A', '1'), ('B', 'kept'), ('C', '2')]"
        );
        assert_eq!(py.repr("os.getenv('A')").unwrap(), "'1'");
        assert_eq!(py.eval::<String>("input()").unwrap(), "a line");
        py.exec("from host import twice").unwrap();
        assert_eq!(py.eval::<i64>("twice(number)").unwrap(), 2);
    }
    assert_eq!(saved.snapshot.spawn().unwrap().repr("sys.argv").unwrap(), "['old']");
}

#[test]
fn functions_of_the_same_name_are_replaced_and_others_stay() {
    let price = |factor: i64| move |n: i64| Ok::<_, String>(factor * n);
    let mut py = Python::builder().function("one", price(1)).function("two", price(2)).build().unwrap();
    py.exec("from host import one, two").unwrap();
    let mut other = py.snapshot().unwrap().builder().function("two", price(20)).spawn().unwrap();
    assert_eq!(other.repr("one(1), two(1)").unwrap(), "(1, 20)");
    assert_eq!(py.repr("one(1), two(1)").unwrap(), "(1, 2)");
}

#[test]
fn a_seed_decides_all_randomness_from_here_on() {
    let saved = Saved::of(Python::builder(), "import os, random");
    let draw = |seed| {
        let drawn = saved.both(|builder| builder.seed(seed)).map(|python| {
            let source = "random.random(), os.urandom(4), open('/dev/urandom', 'rb').read(4)";
            python.unwrap().repr(source).unwrap()
        });
        assert_eq!(drawn[0], drawn[1]);
        drawn[0].clone()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn further_folders_can_be_granted() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("f"), "of the host").unwrap();
    let saved = Saved::of(Python::builder().mount("/old", Mount::memory()), "import os");
    let describe = |builder: PythonBuilder| {
        builder.mount("/host", Mount::read_only(&data).unwrap()).mount("/new", Mount::memory())
    };
    for python in saved.both(describe) {
        let mut py = python.unwrap();
        assert_eq!(py.eval::<String>("open('/host/f').read()").unwrap(), "of the host");
        py.exec("open('/new/g', 'w').write('x'); open('/old/h', 'w').write('y')").unwrap();
        assert_eq!(py.repr("os.listdir('/new'), os.listdir('/old')").unwrap(), "(['g'], ['h'])");
    }
}

#[test]
fn limits_are_the_builder_s() {
    let saved = Saved::of(Python::builder(), "print('x' * 990)");
    let limits = Limits::default().output(100_000).timeout(Duration::from_millis(300));
    for python in saved.both(|builder| builder.limits(limits.clone())) {
        let mut py = python.unwrap();
        assert_eq!(py.exec("print('y' * 5000)").unwrap().stdout.len(), 5001);
        assert!(matches!(py.exec("while True: pass"), Err(Error::Timeout)));
        assert!(matches!(py.exec("print('y' * 200_000)"), Err(Error::OutputLimit)));
    }
    let low = Saved::of(Python::builder().limits(Limits::default().output(1000)), "print('x' * 990)");
    let mut py = low.snapshot.builder().limits(limits).spawn().unwrap();
    assert_eq!(py.exec("print('y' * 5000)").unwrap().stdout.len(), 5001);
    let mut py = saved.snapshot.builder().limits(Limits::default().memory(100 << 20)).spawn().unwrap();
    assert!(matches!(py.exec("x = bytes(150_000_000)"), Err(Error::OutOfMemory)));
}

#[test]
fn what_does_not_fit_a_python_that_has_started_is_refused_by_name() {
    let saved = Saved::of(Python::builder().mount("/data", Mount::memory()), "pass");
    let refused = |word: &str, describe: fn(PythonBuilder) -> PythonBuilder| {
        for python in saved.both(describe) {
            match python {
                Err(Error::Config { message, .. }) => assert!(message.contains(word), "{word}: {message}"),
                other => panic!("{word}: {other:?}"),
            }
        }
    };
    refused("fixed_clock", |builder| builder.fixed_clock(SystemTime::UNIX_EPOCH));
    refused("PYTHONPATH", |builder| builder.env("PYTHONPATH", "/data"));
    refused("\"/data\"", |builder| builder.mount("/data", Mount::memory()));
    refused("\"/usr\"", |builder| builder.mount("/usr", Mount::memory()));
    refused("\"A=B\"", |builder| builder.env("A=B", "c"));
    refused("call_bytes(0)", |builder| builder.limits(Limits::default().call_bytes(0)));
    let host = Mount::read_only(saved.folder.path()).unwrap();
    let saved_host = Saved::of(Python::builder().mount("/data", host), "pass");
    let memory = Python::builder().mount("/data", Mount::memory()).resume(saved_host.file()).unwrap_err();
    assert!(matches!(&memory, Error::Config { message, .. } if message.contains("\"/data\"")), "{memory}");
    let disk = saved.snapshot.builder().limits(Limits::default().disk(10)).spawn().unwrap_err();
    assert!(disk.to_string().contains("disk(10)"), "{disk}");
}

/// The changes in a folder of the host that is mounted as an overlay.
fn changes(py: &Python) -> Vec<(String, ChangeKind)> {
    py.files("/project").diff().unwrap().into_iter().map(|change| (change.path, change.kind)).collect()
}

#[test]
fn a_resumed_overlay_is_committed() {
    let project = tempfile::tempdir().unwrap();
    let overlay = || Mount::overlay(&project).unwrap();
    let path = |name: &str| project.path().join(name);
    std::fs::write(path("old"), "as it was").unwrap();
    let saved = Saved::of(
        Python::builder().mount("/project", overlay()),
        "open('/project/new', 'w').write('N')\nopen('/project/old', 'a').write('!')",
    );
    let mut py = Python::builder().mount("/project", overlay()).resume(saved.file()).unwrap();
    py.exec("open('/project/more', 'w').write('M')").unwrap();
    // Once more through a file: it must not lose the permission to commit.
    py.snapshot().unwrap().save(saved.file()).unwrap();
    let py = Python::builder().mount("/project", overlay()).resume(saved.file()).unwrap();
    assert_eq!(std::fs::read_to_string(path("old")).unwrap(), "as it was");
    let expected = [("more", ChangeKind::Added), ("new", ChangeKind::Added), ("old", ChangeKind::Changed)];
    assert_eq!(changes(&py), expected.map(|(name, kind)| (name.to_owned(), kind)));
    py.files("/project").commit().unwrap();
    assert_eq!(changes(&py), []);
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    assert_eq!([read("new"), read("old"), read("more")], ["N", "as it was!", "M"]);
}

#[test]
fn a_fork_of_a_resumed_overlay_is_committed() {
    let project = tempfile::tempdir().unwrap();
    let overlay = || Mount::overlay(&project).unwrap();
    let saved = Saved::of(Python::builder().mount("/project", overlay()), "pass");
    let mut py = Python::builder().mount("/project", overlay()).resume(saved.file()).unwrap();
    let mut fork = py.fork().unwrap();
    fork.exec("open('/project/new', 'w').write('N')").unwrap();
    fork.files("/project").commit().unwrap();
    assert!(project.path().join("new").exists());
}

#[test]
fn a_file_cannot_write_where_the_builder_mounts_an_overlay() {
    let project = tempfile::tempdir().unwrap();
    let target = |path: &Path| Mount::read_write(path).unwrap();
    // The saved sandbox could write there; the one that goes on shall not.
    let saved = Saved::of(Python::builder().mount("/project", target(project.path())), "import os");
    let builder = Python::builder().mount("/project", Mount::overlay(&project).unwrap());
    let mut py = builder.resume(saved.file()).unwrap();
    for source in [
        "open('/project/f', 'w')",
        "os.mkdir('/project/d')",
        "os.symlink('a', '/project/l')",
        "os.open('/project/g', os.O_CREAT | os.O_RDWR)",
    ] {
        assert!(py.exec(source).is_err(), "{source}");
    }
    assert_eq!(std::fs::read_dir(&project).unwrap().count(), 0);
}
