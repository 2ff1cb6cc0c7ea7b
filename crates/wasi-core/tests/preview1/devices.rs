//! `/dev`: the guest's own descriptors under names, and a directory where nothing can be added.

use wasi_core::fs::stdio::{Capture, Input};
use wasi_core::fs::{Device, Dir, MemoryDir, Quota, ReadOnly, TimeSource};
use wasi_core::{Errno, Limits, Stop, Streams, WasiCtx};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

fn devices() -> MemoryDir {
    let dir = MemoryDir::new(Quota::new(0, 0), TimeSource::fixed(0));
    dir.add_device("null", Device::Null).unwrap();
    dir.add_descriptors(10).unwrap();
    dir
}

/// Returns a guest with `/dev`, which reads "typed" and may print 10 bytes, and what it printed.
fn guest_with(dev: Box<dyn Dir>) -> (Guest, Capture, Capture) {
    let (stdout, stderr) = (Capture::new(), Capture::new());
    let builder = WasiCtx::builder()
        .stdin(Box::new(Input::new("typed")))
        .stdout(Box::new(stdout.clone()))
        .stderr(Box::new(stderr.clone()))
        .limits(Limits { output: 10, ..Limits::default() })
        .preopen("/dev", dev);
    (Guest::new(builder), stdout, stderr)
}

#[test]
fn standard_streams_have_names() {
    for dev in [Box::new(devices()) as Box<dyn Dir>, Box::new(ReadOnly::new(Box::new(devices())))] {
        let writes = dev.writable();
        let (mut guest, stdout, stderr) = guest_with(dev);
        for (name, expected) in [("stdin", b"typ"), ("fd/0", b"ed\0")] {
            let fd = guest.open(ROOT, name, 0, READ).unwrap();
            let read = guest.read(fd, 3).unwrap();
            assert_eq!(read, &expected[..read.len()], "{name}");
            close(&mut guest, fd).unwrap();
        }
        for (name, output) in [("stdout", &stdout), ("fd/1", &stdout), ("stderr", &stderr), ("fd/2", &stderr)]
        {
            let opened = guest.open(ROOT, name, CREAT | TRUNC, WRITE);
            let Ok(fd) = opened else {
                assert_eq!((opened, writes), (Err(Errno::Perm), false), "{name}");
                continue;
            };
            guest.write(fd, b"x").unwrap();
            close(&mut guest, fd).unwrap();
            assert_eq!(output.take(), b"x", "{name}");
        }
    }
}

#[test]
fn output_through_a_name_is_output() {
    let (mut guest, ..) = guest_with(Box::new(devices()));
    let fd = guest.open(ROOT, "stdout", 0, WRITE).unwrap();
    guest.write(fd, b"12345").unwrap();
    let ([iovs, count], _) = guest.iovecs(&[6]);
    assert_eq!(guest.raw("fd_write", &[fd, iovs, count, RESULT.into()]), Err(Stop::OutputLimit));
}

#[test]
fn another_number_shares_the_offset_and_outlives_the_first() {
    let (mut guest, ..) = guest_with(Box::new(devices()));
    let work = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(0));
    work.add_file("a", "abcdef").unwrap();
    let work = guest.ctx.add_preopen("/work", Box::new(work)).unwrap();
    let fd = guest.open(work.0.into(), "a", 0, READ).unwrap();
    assert_eq!(fd, 5);
    guest.read(fd, 2).unwrap();
    let again = guest.open(ROOT, "fd/5", 0, READ).unwrap();
    assert_eq!(guest.read(again, 2).unwrap(), b"cd");
    close(&mut guest, fd).unwrap();
    assert_eq!(guest.read(again, 2).unwrap(), b"ef");
    let dir = guest.open(ROOT, "fd/4", DIRECTORY, READ);
    assert_eq!(dir, Err(Errno::Notdir));
    let dir = guest.open(ROOT, "fd/4", 0, READ).unwrap();
    assert!(guest.open(dir, "a", 0, READ).is_ok());
}

#[test]
fn what_is_not_open_or_not_open_for_that_is_refused() {
    let (mut guest, ..) = guest_with(Box::new(devices()));
    assert_eq!(guest.open(ROOT, "stdin", 0, WRITE), Err(Errno::Acces));
    assert_eq!(guest.open(ROOT, "stdout", 0, READ), Err(Errno::Acces));
    assert_eq!(guest.open(ROOT, "fd/3", 0, WRITE), Err(Errno::Isdir));
    assert_eq!(guest.open(ROOT, "fd/9", 0, READ), Err(Errno::Noent));
    assert_eq!(guest.open(ROOT, "fd/10", 0, READ), Err(Errno::Noent));
    assert_eq!(guest.open(ROOT, "stdout", CREAT | EXCL, WRITE), Err(Errno::Exist));
    close(&mut guest, 1).unwrap();
    assert_eq!(guest.open(ROOT, "stdout", 0, WRITE), Err(Errno::Noent));
    // Its own number, which is the lowest free one, and so never there when it is looked for.
    assert_eq!(guest.open(ROOT, "fd/1", 0, 0), Err(Errno::Noent));
    while guest.open(ROOT, "null", 0, READ).is_ok() {}
    assert_eq!(guest.open(ROOT, "stdin", 0, READ), Err(Errno::Mfile));
}

#[test]
fn another_name_is_no_permission_and_not_a_full_disk() {
    let (mut guest, ..) = guest_with(Box::new(devices()));
    for name in ["new", "fd/10", "fd/new"] {
        assert_eq!(guest.open(ROOT, name, CREAT, WRITE), Err(Errno::Perm), "{name}");
        assert_eq!(at(&mut guest, "path_create_directory", name), Err(Errno::Perm), "{name}");
        assert_eq!(symlink(&mut guest, "null", name), Err(Errno::Perm), "{name}");
        assert_eq!(link(&mut guest, "null", name, 0), Err(Errno::Perm), "{name}");
    }
    // What takes no room works as before.
    let fd = guest.open(ROOT, "null", CREAT | TRUNC, WRITE).unwrap();
    assert_eq!(guest.write(fd, b"x"), Ok(1));
}

#[test]
fn names_of_descriptors_lead_to_the_streams_of_a_fork_and_of_a_resumed_guest() {
    let (guest, stdout, _) = guest_with(Box::new(devices()));
    let output = Capture::new();
    let streams = || Streams::new().stdout(Box::new(output.clone()));
    for mut other in [guest.fork_with(streams()), guest.resumed_with(vec![], streams())] {
        let fd = other.open(ROOT, "stdout", 0, WRITE).unwrap();
        other.write(fd, b"x").unwrap();
        assert_eq!((output.take(), stdout.take()), (b"x".to_vec(), vec![]));
    }
}
