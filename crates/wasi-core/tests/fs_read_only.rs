//! Read-only views of directories that are writable otherwise.

#![cfg_attr(target_arch = "wasm32", feature(custom_test_frameworks, test), test_runner(node::run))]

#[cfg(target_arch = "wasm32")]
mod node;

use std::io::IoSlice;

use wasi_core::Errno;
use wasi_core::fs::{
    Dir, File, MemoryDir, Node, OpenOptions, Overlay, Quota, ReadOnly, RelativePath, TimeSource,
};
use wasi_core::types::{FdFlags, Filestat, OFlags, SetTime};

fn path(text: &str) -> RelativePath<'_> {
    RelativePath::parse(text.as_bytes()).unwrap()
}

/// Runs a test with an empty directory of each kind.
fn on_each(test: impl Fn(&dyn Dir)) {
    #[cfg(feature = "host")]
    {
        let scratch = tempfile::tempdir().unwrap();
        test(&wasi_core::fs::HostDir::open_ambient(scratch.path(), Quota::unlimited()).unwrap());
    }
    test(&MemoryDir::new(Quota::unlimited(), TimeSource::system()));
}

/// Returns the same small tree on both back ends, each writable and read-only.
fn on_every_back_end(test: impl Fn(&dyn Dir, &dyn Dir)) {
    on_each(|dir| {
        dir.create_dir(path("d")).unwrap();
        dir.symlink(path("d/a"), path("link")).unwrap();
        let Node::File(mut file) = dir.open(path("d/a"), with(OFlags::CREAT, true)).unwrap() else {
            panic!("no file")
        };
        file.write(&[IoSlice::new(b"hello")]).unwrap();
        test(dir, &ReadOnly::new(dir.reopen().unwrap()));
    });
}

fn with(oflags: OFlags, write: bool) -> OpenOptions {
    OpenOptions { follow: true, oflags, read: true, write, fdflags: FdFlags::empty() }
}

fn open_error(dir: &dyn Dir, name: &str, options: OpenOptions) -> Errno {
    match dir.open(path(name), options) {
        Ok(_) => panic!("{name} opened"),
        Err(error) => error,
    }
}

fn open_file(dir: &dyn Dir, name: &str) -> Box<dyn File> {
    match dir.open(path(name), with(OFlags::empty(), false)).unwrap() {
        Node::File(file) => file,
        Node::Dir(_) => panic!("{name} is a directory"),
    }
}

#[test]
fn everything_can_be_read() {
    on_every_back_end(|dir, view| {
        let mut buffer = [0; 8];
        assert_eq!(open_file(view, "link").read(&mut buffer), Ok(5));
        assert_eq!(&buffer[..5], b"hello");
        assert_eq!(view.read_link(path("link")).unwrap(), "d/a");
        let (own, stat) = (dir.filestat_at(path("d/a"), true).unwrap(), view.filestat_at(path("d/a"), true));
        assert_eq!(stat.map(|stat| Filestat { mode: own.mode, ..stat }), Ok(own));
        assert_eq!(view.entries().unwrap().count(), 2);
    });
}

#[test]
fn an_open_that_would_change_something_is_perm() {
    on_every_back_end(|dir, view| {
        assert_eq!(open_error(view, "d/a", with(OFlags::empty(), true)), Errno::Perm);
        assert_eq!(open_error(view, "d/a", with(OFlags::TRUNC, false)), Errno::Perm);
        assert_eq!(open_error(view, "link", with(OFlags::TRUNC, true)), Errno::Perm);
        assert_eq!(open_error(view, "new", with(OFlags::CREAT, false)), Errno::Perm);
        assert_eq!(open_error(view, "new", with(OFlags::CREAT | OFlags::EXCL, true)), Errno::Perm);
        assert_eq!(dir.filestat_at(path("d/a"), true).unwrap().size, 5);
        assert_eq!(dir.entries().unwrap().count(), 2);
    });
}

#[test]
fn an_open_that_fails_anyway_keeps_its_own_error() {
    on_every_back_end(|_, view| {
        assert_eq!(open_error(view, "new", with(OFlags::empty(), true)), Errno::Noent);
        assert_eq!(open_error(view, "d", with(OFlags::empty(), true)), Errno::Isdir);
        assert_eq!(open_error(view, "d/a", with(OFlags::CREAT | OFlags::EXCL, true)), Errno::Exist);
        assert_eq!(open_error(view, "d/a/b", with(OFlags::CREAT, true)), Errno::Notdir);
        assert_eq!(open_error(view, "../a", with(OFlags::CREAT, true)), Errno::Perm);
    });
}

#[test]
fn an_open_that_would_create_finds_what_exists() {
    on_every_back_end(|_, view| {
        assert!(view.open(path("d/a"), with(OFlags::CREAT, false)).is_ok());
    });
}

#[test]
fn names_stay_as_they_are() {
    on_every_back_end(|dir, view| {
        assert_eq!(view.create_dir(path("new")), Err(Errno::Perm));
        assert_eq!(view.remove_dir(path("d")), Err(Errno::Perm));
        assert_eq!(view.unlink(path("d/a")), Err(Errno::Perm));
        assert_eq!(view.symlink(path("x"), path("new")), Err(Errno::Perm));
        assert_eq!(view.rename(path("d/a"), view, path("b")), Err(Errno::Perm));
        assert_eq!(view.set_times(SetTime::To(0), SetTime::To(0)), Err(Errno::Perm));
        assert_eq!(view.set_times_at(path("d/a"), true, SetTime::To(0), SetTime::Keep), Err(Errno::Perm));
        assert_eq!(dir.entries().unwrap().count(), 2);
    });
}

#[test]
fn nothing_is_linked_or_moved_across_its_border() {
    on_every_back_end(|dir, view| {
        assert_eq!(view.link(path("d/a"), dir, path("stolen")), Err(Errno::Perm));
        assert_eq!(view.rename(path("d/a"), dir, path("stolen")), Err(Errno::Perm));
        assert_eq!(dir.link(path("d/a"), view, path("smuggled")), Err(Errno::Perm));
        assert_eq!(dir.rename(path("d/a"), view, path("smuggled")), Err(Errno::Perm));
        assert_eq!(dir.entries().unwrap().count(), 2);
    });
}

#[test]
fn what_is_opened_through_it_stays_read_only() {
    on_every_back_end(|_, view| {
        let Node::Dir(inner) = view.open(path("d"), with(OFlags::DIRECTORY, false)).unwrap() else {
            panic!("no directory")
        };
        for inner in [inner.reopen().unwrap(), inner] {
            assert!(!inner.writable());
            assert_eq!(inner.unlink(path("a")), Err(Errno::Perm));
            assert_eq!(open_error(&*inner, "a", with(OFlags::TRUNC, true)), Errno::Perm);
        }
        let mut file = open_file(view, "d/a");
        assert_eq!(file.set_times(SetTime::To(0), SetTime::To(0)), Err(Errno::Perm));
        assert_eq!(file.set_size(0), Err(Errno::Perm));
        assert_eq!(file.write(&[IoSlice::new(b"x")]), Err(Errno::Perm));
        assert_eq!(file.write_at(&[IoSlice::new(b"x")], 0), Err(Errno::Perm));
    });
}

#[test]
fn below_an_overlay_only_the_commit_writes() {
    on_every_back_end(|dir, read_only| {
        let below = ReadOnly::below_overlay(dir.reopen().unwrap());
        let create = with(OFlags::CREAT, true);
        assert_eq!(open_error(&below, "new", create), Errno::Perm);
        assert_eq!(open_error(&*below.reopen().unwrap(), "d/a", with(OFlags::TRUNC, true)), Errno::Perm);
        assert_eq!(below.create_dir(path("new")), Err(Errno::Perm));

        let over = |lower| Overlay::new(lower, Quota::unlimited(), TimeSource::system());
        let fails = over(read_only.reopen().unwrap());
        // A saved world may wrap it once more.
        let wrapped = Box::new(ReadOnly::new(Box::new(below))) as Box<dyn Dir>;
        let commits = over(wrapped);
        for overlay in [&fails, &commits] {
            overlay.dir().create_dir(path("new")).unwrap();
        }
        assert_eq!(fails.commit_below().unwrap_err().errno, Errno::Perm);
        assert!(dir.filestat_at(path("new"), false).is_err());
        assert_eq!(commits.commit_below().unwrap().len(), 1);
        assert!(dir.filestat_at(path("new"), false).is_ok());
    });
}
