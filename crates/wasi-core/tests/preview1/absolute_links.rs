//! Links with absolute targets, which the host made: they lead to what was granted, and nowhere else.

use std::fs;
use std::os::unix::fs::symlink as host_link;
use std::path::Path;

use wasi_core::fs::{Dir, HostDir, MemoryDir, Overlay, Quota, ReadOnly, TimeSource};
use wasi_core::types::{Access, Fd};
use wasi_core::{Errno, WasiCtx};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

const LINKS: [(&str, &str); 14] = [
    ("/home/a/file", "file-link"),
    ("/home//a/./file", "untidy"),
    ("/home/a", "itself"),
    ("/home/a/", "itself-slash"),
    ("/home/b/file", "other"),
    ("/home/b/sub", "folder"),
    ("/home/a/folder/deep", "chain"),
    ("sub/../folder", "relative"),
    ("/home/a/round", "round"),
    ("/home/b/../secret", "up"),
    ("/home/secret", "beside"),
    ("/home/ab/file", "prefix"),
    ("/home/b/missing", "dangling"),
    ("/", "root"),
];

/// Makes the two folders below `top`, one with all links, and a secret beside them.
fn populate(top: &Path) {
    for folder in ["a/sub", "b/sub", "ab"] {
        fs::create_dir_all(top.join(folder)).unwrap();
    }
    for (path, text) in [("a/file", "of a"), ("b/file", "of b"), ("b/sub/deep", "deep"), ("ab/file", "x")] {
        fs::write(top.join(path), text).unwrap();
    }
    fs::write(top.join("secret"), "secret").unwrap();
    for (target, name) in LINKS {
        host_link(target, top.join("a").join(name)).unwrap();
    }
    host_link(top.join("secret"), top.join("a/of-the-host")).unwrap();
}

/// Runs a test with the first folder on the host, read-only, and below an overlay, each with a read-only second
/// one.
fn on_each(test: impl Fn(&mut Guest, &Path)) {
    let views: [fn(HostDir) -> Box<dyn Dir>; 3] = [
        |dir| Box::new(dir),
        |dir| Box::new(ReadOnly::new(Box::new(dir))),
        |dir| Box::new(Overlay::new(Box::new(dir), Quota::unlimited(), TimeSource::system()).dir()),
    ];
    for view in views {
        let scratch = tempfile::tempdir().unwrap();
        populate(scratch.path());
        let host = |name| HostDir::open_ambient(scratch.path().join(name), Quota::unlimited()).unwrap();
        let b = ReadOnly::new(Box::new(host("b")));
        let builder = WasiCtx::builder().preopen("/home/a", view(host("a"))).preopen("/home/b/", Box::new(b));
        test(&mut Guest::new(builder), scratch.path());
    }
}

fn opened(guest: &mut Guest, path: &str) -> Result<Vec<u8>, Errno> {
    let fd = guest.open(ROOT, path, 0, READ)?;
    let bytes = guest.read(fd, 100).unwrap();
    close(guest, fd)?;
    Ok(bytes)
}

#[test]
fn a_link_into_a_granted_folder_leads_there() {
    on_each(|guest, _| {
        for (path, text) in [
            ("file-link", "of a"),
            ("untidy", "of a"),
            ("itself/file", "of a"),
            ("itself-slash/sub/../file-link", "of a"),
            ("itself/itself/itself/other", "of b"),
            ("other", "of b"),
            ("folder/deep", "deep"),
            ("chain", "deep"),
            ("relative/deep", "deep"),
        ] {
            assert_eq!(opened(guest, path), Ok(text.as_bytes().to_vec()), "{path}");
            assert_eq!(stat(guest, path, true).unwrap().1, text.len() as u64, "{path}");
            assert!(guest.ctx.mode_at(Fd(3), path.as_bytes(), true).is_ok());
            assert_eq!(guest.ctx.access_at(Fd(3), path.as_bytes(), true, Access::READ), Ok(()));
            assert_eq!(guest.ctx.ungranted_target(&format!("/home/a/{path}")), None, "{path}");
        }
        let fd = guest.open(ROOT, "folder", DIRECTORY, READ).unwrap();
        assert_eq!(names(guest, fd, 1000), [".", "..", "deep"]);
    });
}

#[test]
fn a_link_to_anything_else_is_refused_and_its_target_is_known() {
    on_each(|guest, top| {
        let own = top.join("secret").to_str().unwrap().to_owned();
        for (path, target) in [
            ("beside", "/home/secret"),
            ("prefix", "/home/ab/file"),
            ("dangling", "/home/b/missing"),
            ("root", "/"),
            ("root/etc/passwd", "/etc/passwd"),
            ("itself/root/etc/passwd", "/etc/passwd"),
            ("of-the-host", &*own),
        ] {
            assert_eq!(opened(guest, path), Err(Errno::Perm), "{path}");
            assert_eq!(stat(guest, path, true), Err(Errno::Perm), "{path}");
            assert_eq!(guest.ctx.mode_at(Fd(3), path.as_bytes(), true), Err(Errno::Perm), "{path}");
            let known = guest.ctx.ungranted_target(&format!("/home/a/{path}"));
            assert_eq!(known.as_deref(), Some(target), "{path}");
        }
        for path in ["up", "up/", "folder/../../secret", "../secret"] {
            assert_eq!(opened(guest, path), Err(Errno::Perm), "{path}");
        }
        assert!(matches!(opened(guest, "round"), Err(Errno::Loop)));
        for path in ["/home/a/round", "/home/a/missing", "/elsewhere"] {
            assert_eq!(guest.ctx.ungranted_target(path), None, "{path}");
        }
    });
}

#[test]
fn nothing_is_changed_through_a_link_to_a_read_only_folder() {
    on_each(|guest, top| {
        assert_eq!(guest.open(ROOT, "other", 0, WRITE), Err(Errno::Perm));
        assert_eq!(guest.open(ROOT, "other", TRUNC, READ), Err(Errno::Perm));
        assert_eq!(guest.open(ROOT, "folder/new", CREAT, WRITE), Err(Errno::Perm));
        assert_eq!(guest.open(ROOT, "dangling", CREAT, WRITE), Err(Errno::Perm));
        assert_eq!(guest.open(ROOT, "beside", CREAT | TRUNC, WRITE), Err(Errno::Perm));
        for name in ["path_create_directory", "path_unlink_file", "path_remove_directory"] {
            assert_eq!(at(guest, name, "folder/deep"), Err(Errno::Perm), "{name}");
        }
        assert_eq!(symlink(guest, "x", "folder/new"), Err(Errno::Perm));
        for (from, to) in [("folder/deep", "moved"), ("file", "folder/new"), ("folder/deep", "folder/new")] {
            assert!(rename(guest, from, to).is_err(), "{from} {to}");
            assert!(link(guest, from, to, 0).is_err(), "{from} {to}");
        }
        assert_eq!(fs::read(top.join("b/file")).unwrap(), b"of b");
        assert_eq!(fs::read(top.join("b/sub/deep")).unwrap(), b"deep");
        assert_eq!(fs::read_dir(top.join("b/sub")).unwrap().count(), 1);
        assert_eq!(fs::read(top.join("secret")).unwrap(), b"secret");
        assert_eq!(fs::read_dir(top).unwrap().count(), 4);
    });
}

#[test]
fn the_link_itself_stays_what_names_are_about() {
    on_each(|guest, _| {
        assert_eq!(stat(guest, "other", false).unwrap().0, 7);
        assert_eq!(guest.open(ROOT, "other", CREAT | EXCL, READ), Err(Errno::Exist));
        let [path, len] = guest.put(b"other");
        assert_eq!(
            guest.call("path_open", &[ROOT, 0, path, len, 0, READ, 0, 0, RESULT.into()]),
            Err(Errno::Loop)
        );
        let removed = at(guest, "path_unlink_file", "other");
        if removed.is_ok() {
            assert_eq!(stat(guest, "other", false), Err(Errno::Noent));
            rename(guest, "itself/file-link", "moved").unwrap();
            assert_eq!(stat(guest, "moved", false).unwrap().0, 7);
            file(guest, "itself/new", b"new");
            assert_eq!(opened(guest, "new"), Ok(b"new".to_vec()));
        } else {
            assert_eq!(removed, Err(Errno::Perm));
        }
    });
}

#[test]
fn a_preopen_that_was_closed_is_not_led_to() {
    on_each(|guest, _| {
        close(guest, 4).unwrap();
        assert_eq!(opened(guest, "other"), Err(Errno::Perm));
        assert_eq!(guest.ctx.ungranted_target("/home/a/other").as_deref(), Some("/home/b/file"));
    });
}

#[test]
fn long_paths_and_many_links_end_in_an_error() {
    let scratch = tempfile::tempdir().unwrap();
    populate(scratch.path());
    let dir = HostDir::open_ambient(scratch.path().join("a"), Quota::unlimited()).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().preopen("/home/a", Box::new(dir)));
    assert!(opened(&mut guest, &format!("{}file", "itself/".repeat(39))).is_ok());
    assert_eq!(opened(&mut guest, &format!("{}file", "itself/".repeat(60))), Err(Errno::Loop));
    assert_eq!(opened(&mut guest, &format!("{}root", "sub/../".repeat(300))), Err(Errno::Perm));
    host_link(format!("/home/a/{}", "x/".repeat(2000)), scratch.path().join("a/long")).unwrap();
    let too_long = opened(&mut guest, &format!("long/{}", "y/".repeat(1000)));
    assert!(matches!(too_long, Err(Errno::Nametoolong | Errno::Perm)), "{too_long:?}");
}

#[test]
fn what_is_in_memory_is_told_apart_from_what_shows_the_host() {
    on_each(|guest, _| {
        let memory = || MemoryDir::new(Quota::unlimited(), TimeSource::system());
        guest.ctx.add_preopen("/tmp", Box::new(memory())).unwrap();
        guest.ctx.add_preopen("/", Box::new(ReadOnly::new(Box::new(memory())))).unwrap();
        for (path, expected) in
            [("/tmp", true), ("/tmp/a/b", true), ("/tmpfs", true), ("/home/a/file", false)]
        {
            assert_eq!(guest.ctx.is_in_memory(path), expected, "{path}");
        }
    });
}
