//! What a context answers its embedder about modes and access, where there are folders and streams of the host.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use wasi_core::fs::stdio::{Capture, HostStream, Input, Null};
use wasi_core::fs::{Archive, Dir, HostDir, MemoryDir, Overlay, Quota, ReadOnly, StreamSocket, TimeSource};
use wasi_core::types::{Access, Fd};
use wasi_core::{Errno, WasiCtx};

use crate::back_ends::*;
use crate::guest::Guest;
use crate::modes::{WORK, guest, mode};

/// Returns a folder of the host with a program, a file that nobody may write, and a FIFO.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, mode) in [("program", 0o755), ("fixed", 0o444)] {
        let path = folder.path().join(name);
        fs::write(&path, "text").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").args(["-m", "644"]).arg(fifo).status().unwrap().success());
    folder
}

fn host(folder: &tempfile::TempDir) -> HostDir {
    HostDir::open_ambient(folder.path(), Quota::unlimited()).unwrap()
}

fn overlay(lower: impl Dir) -> MemoryDir {
    Overlay::new(Box::new(lower), Quota::unlimited(), TimeSource::system()).dir()
}

#[test]
fn permissions_of_the_host_are_told_less_what_the_guest_cannot_do() {
    let folder = folder();
    let [program, fixed, fifo] = ["program", "fixed", "fifo"];
    for (guest, modes) in [
        (guest(host(&folder)), [0o100_755, 0o100_444, 0o010_644]),
        (guest(ReadOnly::new(Box::new(host(&folder)))), [0o100_555, 0o100_444, 0o010_444]),
        // An overlay writes regular files and nothing else.
        (guest(overlay(host(&folder))), [0o100_755, 0o100_444, 0o010_444]),
        (guest(overlay(ReadOnly::new(Box::new(host(&folder))))), [0o100_755, 0o100_644, 0o010_444]),
    ] {
        assert_eq!([program, fixed, fifo].map(|name| mode(&guest, name)), modes);
    }
}

#[test]
fn access_agrees_with_what_can_be_opened() {
    let folder = folder();
    let read_only = || ReadOnly::new(Box::new(host(&folder)));
    for mut guest in [
        guest(host(&folder)),
        guest(read_only()),
        guest(overlay(host(&folder))),
        guest(overlay(read_only())),
        guest(Archive::open(archive_of("program", b"text")).unwrap().dir()),
    ] {
        for name in ["program", "fixed"] {
            for (access, rights) in [(Access::READ, READ), (Access::WRITE, WRITE)] {
                let answer = guest.ctx.access_at(WORK, name.as_bytes(), true, access);
                let opened = guest.open(ROOT, name, 0, rights);
                assert_eq!(answer.is_ok(), opened.is_ok(), "{name}: {answer:?} and {opened:?}");
            }
        }
    }
    let guest = guest(overlay(host(&folder)));
    assert_eq!(guest.ctx.access_at(WORK, b"fifo", true, Access::WRITE), Err(Errno::Perm));
    assert_eq!(guest.ctx.access_at(WORK, b"program", true, Access::EXECUTE), Ok(()));
    assert_eq!(guest.ctx.access_at(WORK, b"fixed", true, Access::EXECUTE), Err(Errno::Acces));
}

#[test]
fn a_mode_survives_writing_forks_and_resuming() {
    let folder = folder();
    let mut guest = guest(overlay(host(&folder)));
    let fd = guest.open(ROOT, "program", 0, WRITE).unwrap();
    guest.write(fd, b"new").unwrap();
    let resumed = guest.resumed(vec![("/work", Box::new(host(&folder)))]);
    for guest in [&guest, &guest.fork(), &resumed] {
        assert_eq!(mode(guest, "program"), 0o100_755);
        assert_eq!(mode(guest, "fifo"), 0o010_444);
        assert_eq!(guest.ctx.mode_of(Fd(fd as u32)).unwrap().bits(), 0o100_755);
    }
}

#[test]
fn streams_have_the_kind_that_they_have_on_the_host() {
    let (reader, _writer) = std::io::pipe().unwrap();
    let terminal = fs::File::options().read(true).write(true).open("/dev/ptmx").unwrap();
    let file = tempfile::tempfile().unwrap();
    let null = fs::File::open("/dev/null").unwrap();
    let (socket, _peer) = std::os::unix::net::UnixStream::pair().unwrap();
    let guest = Guest::new(
        WasiCtx::builder()
            .stdin(Box::new(HostStream::inherit(&reader).unwrap()))
            .stdout(Box::new(HostStream::inherit(&terminal).unwrap()))
            .stderr(Box::new(HostStream::inherit(&file).unwrap()))
            .socket(Box::new(HostStream::inherit(&null).unwrap()))
            .socket(Box::new(StreamSocket::new(socket).unwrap()))
            .socket(Box::new(Input::new("")))
            .socket(Box::new(Capture::new()))
            .socket(Box::new(Null)),
    );
    let kinds = (0..8).map(|fd| guest.ctx.mode_of(Fd(fd)).unwrap().bits() >> 12);
    assert_eq!(kinds.collect::<Vec<_>>(), [0o1, 0o2, 0o10, 0o2, 0o14, 0o1, 0o1, 0o2]);
}

#[test]
fn permissions_change_where_they_are_kept() {
    let change = |guest: &Guest, path: &str| guest.ctx.set_mode_at(WORK, path.as_bytes(), 0o17_751);
    let memory = MemoryDir::new(Quota::unlimited(), TimeSource::system());
    memory.add_file("a", "text").unwrap();
    let mut guest = guest(memory);
    symlink(&mut guest, "a", "link").unwrap();
    assert_eq!(change(&guest, "link"), Ok(()));
    assert_eq!(mode(&guest, "a"), 0o107_751);
    assert_eq!(guest.ctx.mode_at(WORK, b"link", false).unwrap().bits(), 0o120_777);
    assert_eq!(change(&guest, "missing"), Err(Errno::Noent));
    let resumed = guest.resumed_with(vec![], wasi_core::Streams::new());
    assert_eq!(mode(&resumed, "a"), 0o107_751);

    let folder = folder();
    for (dir, refusal) in [
        (Box::new(host(&folder)) as Box<dyn Dir>, Errno::Notsup),
        (Box::new(ReadOnly::new(Box::new(host(&folder)))), Errno::Perm),
    ] {
        let guest = Guest::new(WasiCtx::builder().preopen("/work", dir));
        assert_eq!(change(&guest, "program"), Err(refusal));
        assert_eq!(mode(&guest, "program") & 0o555, 0o555);
    }
}
