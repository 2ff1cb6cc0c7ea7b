//! Forks of a guest with folders and sockets of the host.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use wasi_core::fs::{HostDir, Quota, StreamSocket};
use wasi_core::{Errno, Streams, WasiCtx};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

#[test]
fn a_folder_of_the_host_is_the_same_one() {
    with_host(|guest| {
        let mut other = guest.fork();
        file(&mut other, "a", b"abc");
        assert_eq!(content(guest, "a"), b"abc");
    });
}

#[test]
fn a_socket_is_the_callers_and_a_connection_is_lost() {
    let socket = |stream: UnixStream| Box::new(StreamSocket::new(stream).unwrap());
    let ((here, _there), (new, mut peer)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
    let mut guest = Guest::new(WasiCtx::builder().socket(socket(here)));
    let mut other = guest.fork_with(Streams::new().socket(socket(new)));
    other.write(3, b"hi").unwrap();
    peer.write_all(b"ho").unwrap();
    assert_eq!(other.read(3, 9).unwrap(), b"ho");
    drop(other);
    let mut text = String::new();
    peer.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hi");

    let mut without = guest.fork();
    assert_eq!(without.write(3, b"hi"), Err(Errno::Io));
    assert_eq!(without.read(3, 1), Err(Errno::Io));
    assert_eq!(without.call("fd_filestat_get", &[3, RESULT.into()]), Err(Errno::Io));
    close(&mut without, 3).unwrap();
    guest.write(3, b"x").unwrap();
}

#[test]
fn a_host_files_growth_is_charged_to_the_guest_that_grows_it() {
    let folder = tempfile::tempdir().unwrap();
    let quota = Quota::new(4, 4);
    let dir = HostDir::open_ambient(folder.path(), quota.clone()).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().preopen("/work", Box::new(dir)));
    let fd = guest.open(ROOT, "a", CREAT, WRITE).unwrap();
    let mut other = guest.fork();
    assert_eq!(other.write(fd, b"12345"), Err(Errno::Nospc));
    assert_eq!(other.write(fd, b"1234"), Ok(4));
    assert_eq!(quota.used(), (0, 1));
}
