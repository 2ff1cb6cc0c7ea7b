//! Overlays, over a directory of the host and over one in memory.

#![cfg_attr(target_arch = "wasm32", feature(custom_test_frameworks, test), test_runner(node::run))]

#[cfg(target_arch = "wasm32")]
mod node;

use std::collections::BTreeMap;
use std::io::IoSlice;

use wasi_core::Errno;
use wasi_core::fs::{
    Change, ChangeKind, Dir, File, MemoryDir, Node, OpenOptions, Overlay, Quota, RelativePath, TimeSource,
};
use wasi_core::types::{FdFlags, FileType, OFlags, SetTime};

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
const WRITE: OpenOptions = OpenOptions { write: true, ..READ };

fn open(dir: &dyn Dir, name: &str, options: OpenOptions) -> Result<Box<dyn File>, Errno> {
    match dir.open(path(name), options)? {
        Node::File(file) => Ok(file),
        Node::Dir(_) => Err(Errno::Isdir),
    }
}

fn write(dir: &dyn Dir, name: &str, text: &str) {
    let mut file = open(dir, name, OpenOptions { oflags: OFlags::CREAT | OFlags::TRUNC, ..WRITE }).unwrap();
    assert_eq!(file.write(&[IoSlice::new(text.as_bytes())]), Ok(text.len()));
}

fn read(dir: &dyn Dir, name: &str) -> String {
    let mut file = open(dir, name, READ).unwrap();
    let mut buffer = [0; 100];
    let len = file.read(&mut buffer).unwrap();
    String::from_utf8(buffer[..len].to_vec()).unwrap()
}

/// Returns everything below a directory: contents of files, targets of links, slashes for directories.
fn tree(dir: &dyn Dir) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![String::new()];
    while let Some(folder) = left.pop() {
        let Node::Dir(opened) = dir.open(path(&format!("{folder}.")), READ).unwrap() else {
            panic!("no directory")
        };
        for entry in opened.entries().unwrap().map(|entry| entry.unwrap()) {
            let at = format!("{folder}{}", entry.name);
            let what = match entry.filetype {
                FileType::Directory => "/".to_owned(),
                FileType::SymbolicLink => format!("-> {}", dir.read_link(path(&at)).unwrap()),
                _ => read(dir, &at),
            };
            if what == "/" {
                left.push(format!("{at}/"));
            }
            found.insert(at, what);
        }
    }
    found
}

fn fill(dir: &dyn Dir) {
    write(dir, "a", "old a");
    write(dir, "b", "old b");
    for folder in ["d", "d/e", "empty"] {
        dir.create_dir(path(folder)).unwrap();
    }
    write(dir, "d/one", "old one");
    write(dir, "d/e/two", "old two");
    dir.symlink(path("d/one"), path("link")).unwrap();
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

/// Runs a test over a lower directory of each kind, which the test may change.
fn over_each(test: impl Fn(&Overlay, &dyn Dir, &Quota)) {
    on_each(|lower| {
        fill(lower);
        let quota = Quota::new(1000, 100);
        let overlay = Overlay::new(lower.reopen().unwrap(), quota.clone(), TimeSource::system());
        test(&overlay, lower, &quota);
    });
}

/// Runs a test over a lower directory of each kind, and checks that the directory did not change.
fn over_every_back_end(test: impl Fn(&Overlay, &dyn Dir, &Quota)) {
    on_each(|lower| {
        fill(lower);
        let before = (tree(lower), lower.filestat_at(path("a"), true).unwrap());
        let quota = Quota::new(1000, 10);
        let overlay = Overlay::new(lower.reopen().unwrap(), quota.clone(), TimeSource::system());
        test(&overlay, &overlay.dir(), &quota);
        let after = lower.filestat_at(path("a"), true).unwrap();
        assert_eq!(tree(lower), before.0);
        assert_eq!((after.mtim, after.ctim), (before.1.mtim, before.1.ctim));
    });
}

fn diff(overlay: &Overlay) -> Vec<String> {
    let line = |change: Change| match change.kind {
        ChangeKind::Added => format!("+{}", change.path),
        ChangeKind::Changed => format!("~{}", change.path),
        ChangeKind::Removed => format!("-{}", change.path),
    };
    overlay.diff().unwrap().into_iter().map(line).collect()
}

#[test]
fn it_starts_as_the_lower_directory_and_without_changes() {
    over_every_back_end(|overlay, dir, quota| {
        let expected = MemoryDir::new(Quota::unlimited(), TimeSource::system());
        fill(&expected);
        assert_eq!(tree(dir), tree(&expected));
        assert_eq!(diff(overlay), [""; 0]);
        assert_eq!(quota.used(), (0, 0));
    });
}

#[test]
fn attributes_agree_between_listings_paths_and_open_files() {
    over_every_back_end(|_, dir, _| {
        for entry in dir.entries().unwrap().map(|entry| entry.unwrap()) {
            assert_eq!(dir.filestat_at(path(&entry.name), false).unwrap().ino, entry.ino);
        }
        let stat = dir.filestat_at(path("a"), true).unwrap();
        assert_eq!(open(dir, "a", READ).unwrap().filestat(), Ok(stat));
        assert_eq!(stat.size, 5);
    });
}

#[test]
fn writing_copies_up_and_charges() {
    over_every_back_end(|overlay, dir, quota| {
        let mut file = open(dir, "d/one", WRITE).unwrap();
        assert_eq!(quota.used(), (7, 0));
        file.write(&[IoSlice::new(b"NEW")]).unwrap();
        assert_eq!(read(dir, "link"), "NEW one");
        assert_eq!(diff(overlay), ["~d/one"]);
    });
}

#[test]
fn truncating_copies_nothing() {
    over_every_back_end(|overlay, dir, quota| {
        open(dir, "a", OpenOptions { oflags: OFlags::TRUNC, ..WRITE }).unwrap();
        assert_eq!(quota.used(), (0, 0));
        assert_eq!(read(dir, "a"), "");
        assert_eq!(diff(overlay), ["~a"]);
    });
}

#[test]
fn copying_up_past_the_quota_is_nospc_and_changes_nothing() {
    over_every_back_end(|_, lower, _| {
        let quota = Quota::new(3, 0);
        let overlay = Overlay::new(lower.reopen().unwrap(), quota.clone(), TimeSource::system());
        let dir = overlay.dir();
        assert_eq!(open(&dir, "a", WRITE).err(), Some(Errno::Nospc));
        assert_eq!(quota.used(), (0, 0));
        assert_eq!(read(&dir, "a"), "old a");
        assert_eq!(diff(&overlay), [""; 0]);
    });
}

#[test]
fn a_file_open_before_it_is_written_shows_the_new_content() {
    over_every_back_end(|_, dir, _| {
        let mut before = open(dir, "a", READ).unwrap();
        write(dir, "a", "new");
        let mut buffer = [0; 8];
        assert_eq!(before.read(&mut buffer), Ok(3));
        assert_eq!(&buffer[..3], b"new");
        assert_eq!(before.filestat().unwrap().ino, dir.filestat_at(path("a"), true).unwrap().ino);
    });
}

#[test]
fn what_is_removed_is_gone_and_can_come_back() {
    over_every_back_end(|overlay, dir, quota| {
        dir.unlink(path("a")).unwrap();
        dir.unlink(path("d/e/two")).unwrap();
        dir.remove_dir(path("d/e")).unwrap();
        assert_eq!(open(dir, "a", READ).err(), Some(Errno::Noent));
        assert_eq!(dir.remove_dir(path("d")), Err(Errno::Notempty));
        assert_eq!(diff(overlay), ["-a", "-d/e"]);
        write(dir, "a", "back");
        dir.create_dir(path("d/e")).unwrap();
        assert_eq!(diff(overlay), ["~a", "-d/e/two"]);
        assert_eq!(quota.used(), (4, 2));
    });
}

#[test]
fn removing_what_was_below_earns_no_budget() {
    over_every_back_end(|_, dir, quota| {
        write(dir, "new", "12345");
        for name in ["a", "b", "link", "d/one"] {
            dir.unlink(path(name)).unwrap();
        }
        assert_eq!(quota.used(), (5, 1));
    });
}

#[test]
fn a_moved_directory_takes_what_is_below_with_it_and_copies_nothing() {
    over_every_back_end(|overlay, dir, quota| {
        dir.rename(path("d"), dir, path("empty/moved")).unwrap();
        assert_eq!(quota.used(), (0, 0));
        assert_eq!(read(dir, "empty/moved/e/two"), "old two");
        assert_eq!(open(dir, "d/one", READ).err(), Some(Errno::Noent));
        assert_eq!(
            diff(overlay),
            ["-d", "+empty/moved", "+empty/moved/e", "+empty/moved/e/two", "+empty/moved/one"]
        );
        dir.rename(path("empty/moved"), dir, path("d")).unwrap();
        assert_eq!(diff(overlay), [""; 0]);
    });
}

#[test]
fn links_are_changed_when_their_text_is() {
    over_every_back_end(|overlay, dir, _| {
        dir.unlink(path("link")).unwrap();
        dir.symlink(path("d/one"), path("link")).unwrap();
        assert_eq!(diff(overlay), [""; 0]);
        dir.unlink(path("link")).unwrap();
        dir.symlink(path("a"), path("link")).unwrap();
        assert_eq!(diff(overlay), ["~link"]);
    });
}

#[test]
fn times_are_kept_aside_too() {
    over_every_back_end(|overlay, dir, _| {
        dir.set_times_at(path("a"), true, SetTime::To(1), SetTime::To(2)).unwrap();
        open(dir, "a", READ).unwrap().set_times(SetTime::Keep, SetTime::To(3)).unwrap();
        let stat = dir.filestat_at(path("a"), true).unwrap();
        assert_eq!((stat.atim, stat.mtim), (1, 3));
        assert_eq!(diff(overlay), [""; 0]);
    });
}

/// Makes changes of every kind, including swaps and changes of a file's kind.
fn change_everything(dir: &dyn Dir) {
    dir.rename(path("a"), dir, path("spare")).unwrap();
    dir.rename(path("b"), dir, path("a")).unwrap();
    dir.rename(path("spare"), dir, path("b")).unwrap();
    dir.unlink(path("link")).unwrap();
    dir.create_dir(path("link")).unwrap();
    write(dir, "link/inside", "a link became a directory");
    dir.remove_dir(path("empty")).unwrap();
    dir.symlink(path("d"), path("empty")).unwrap();
    write(dir, "d/one", "changed");
    dir.rename(path("d/e"), dir, path("f")).unwrap();
    dir.link(path("d/one"), dir, path("d/another name")).unwrap();
    write(dir, "f/new", "new");
    let mut deep = "f/deep".to_owned();
    for _ in 0..5 {
        dir.create_dir(path(&deep)).unwrap();
        deep.push_str("/deeper");
    }
}

#[test]
fn committing_to_a_copy_makes_it_what_the_guest_saw() {
    over_every_back_end(|_, lower, _| {
        let overlay = Overlay::new(lower.reopen().unwrap(), Quota::unlimited(), TimeSource::system());
        change_everything(&overlay.dir());
        on_each(|copy| {
            fill(copy);
            overlay.commit(copy).unwrap();
            assert_eq!(tree(copy), tree(&overlay.dir()));
        });
    });
}

#[test]
fn committing_to_the_lower_directory_itself_survives_moves_and_swaps() {
    on_each(|lower| {
        fill(lower);
        let overlay = Overlay::new(lower.reopen().unwrap(), Quota::unlimited(), TimeSource::system());
        change_everything(&overlay.dir());
        let expected = tree(&overlay.dir());
        overlay.commit(lower).unwrap();
        assert_eq!(tree(lower), expected);
    });
}

#[test]
fn after_a_commit_below_there_are_no_changes_and_the_guest_goes_on() {
    over_each(|overlay, lower, quota| {
        let dir = overlay.dir();
        change_everything(&dir);
        let mut held = open(&dir, "held", OpenOptions { oflags: OFlags::CREAT, ..WRITE }).unwrap();
        held.write(&[IoSlice::new(b"one")]).unwrap();
        let seen = tree(&dir);
        let charged = quota.used();
        let expected = overlay.diff().unwrap();
        assert_eq!(overlay.commit_below().unwrap(), expected);
        assert_eq!((tree(lower), tree(&dir)), (seen.clone(), seen));
        assert_eq!(diff(overlay), [""; 0]);
        assert_eq!(quota.used(), charged);

        held.write(&[IoSlice::new(b"two")]).unwrap();
        assert_eq!(diff(overlay), ["~held"]);
        assert_eq!((read(&dir, "held"), read(lower, "held")), ("onetwo".into(), "one".into()));
        overlay.commit_below().unwrap();
        assert_eq!(read(lower, "held"), "onetwo");
        dir.rename(path("held"), &dir, path("moved")).unwrap();
        assert_eq!(diff(overlay), ["-held", "+moved"]);
        overlay.commit_below().unwrap();
        assert_eq!((tree(lower), diff(overlay)), (tree(&dir), vec![]));
    });
}

#[test]
fn discarding_shows_what_lies_below_and_gives_the_budget_back() {
    over_each(|overlay, lower, quota| {
        let dir = overlay.dir();
        let free = quota.used();
        change_everything(&dir);
        let mut held = open(&dir, "held", OpenOptions { oflags: OFlags::CREAT, ..WRITE }).unwrap();
        held.write(&[IoSlice::new(b"one")]).unwrap();
        overlay.discard();
        write(lower, "later", "shows");
        assert_eq!((tree(&dir), diff(overlay)), (tree(lower), vec![]));
        assert_eq!(quota.used(), free);
        assert_eq!(held.write(&[IoSlice::new(b"two")]), Err(Errno::Stale));
        drop(held);
        write(&dir, "new", "text");
        assert_eq!(diff(overlay), ["+new"]);
    });
}

#[test]
fn a_commit_that_fails_names_the_path() {
    over_every_back_end(|overlay, dir, _| {
        write(dir, "new", "12345");
        let full = MemoryDir::new(Quota::new(3, 10), TimeSource::system());
        let error = overlay.commit(&full).unwrap_err();
        assert_eq!(error.to_string(), "cannot apply the change of `new`: no space left on device");
        assert_eq!(overlay.commit(dir).unwrap_err().errno, Errno::Inval);
    });
}

#[cfg(feature = "host")]
#[test]
fn links_out_of_the_directory_lead_nowhere() {
    let scratch = tempfile::tempdir().unwrap();
    let granted = scratch.path().join("granted");
    std::fs::create_dir_all(granted.join("sub")).unwrap();
    std::fs::write(scratch.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret", granted.join("relative")).unwrap();
    std::os::unix::fs::symlink(scratch.path(), granted.join("absolute")).unwrap();
    let lower = wasi_core::fs::HostDir::open_ambient(&granted, Quota::unlimited()).unwrap();
    let overlay = Overlay::new(Box::new(lower), Quota::unlimited(), TimeSource::system());
    let dir = overlay.dir();
    for name in ["relative", "absolute", "absolute/secret", "sub/../../secret", ".."] {
        assert_eq!(open(&dir, name, READ).err(), Some(Errno::Perm), "{name}");
        assert_eq!(open(&dir, name, OpenOptions { oflags: OFlags::CREAT, ..WRITE }).err(), Some(Errno::Perm));
    }
    assert_eq!(dir.filestat_at(path("relative"), false).unwrap().filetype, FileType::SymbolicLink);
}

#[test]
fn nesting_as_deep_as_the_guest_likes_is_an_error_and_no_crash() {
    let lower = MemoryDir::new(Quota::unlimited(), TimeSource::system());
    let overlay = Overlay::new(Box::new(lower), Quota::unlimited(), TimeSource::system());
    let mut dir: Box<dyn Dir> = Box::new(overlay.dir());
    for _ in 0..50_000 {
        dir.create_dir(path("d")).unwrap();
        let Node::Dir(deeper) = dir.open(path("d"), READ).unwrap() else { panic!("no directory") };
        dir = deeper;
    }
    assert_eq!(overlay.diff(), Err(Errno::Nametoolong));
    drop(dir);
    drop(overlay);
}
