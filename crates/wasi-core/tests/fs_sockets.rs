//! Granted sockets: TCP and Unix.

use std::io::{IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::event::{PollFd, PollFlags, poll};
use wasi_core::Errno;
use wasi_core::fs::{File, Readiness, StreamSocket};
use wasi_core::types::{FdFlags, FileType, RiFlags, SdFlags};

/// Returns both ends of a connection: the guest's and the other side's.
fn connection() -> (StreamSocket, UnixStream) {
    let (guest, other) = UnixStream::pair().unwrap();
    (StreamSocket::new(guest).unwrap(), other)
}

/// Waits on the host's descriptor, as `poll_oneoff` does.
fn wait(file: &dyn File, events: PollFlags) {
    let Readiness::Host(fd) = file.readiness() else { panic!("no descriptor to wait for") };
    poll(&mut [PollFd::from_borrowed_fd(fd, events)], None).unwrap();
}

fn accepts(listener: impl Into<OwnedFd>, connect: impl FnOnce() -> Box<dyn Write>) {
    let mut listener = StreamSocket::new(listener).unwrap();
    assert_eq!(listener.filetype(), FileType::SocketStream);
    let socket = listener.socket().unwrap();
    assert!(matches!(socket.accept(FdFlags::empty()), Err(Errno::Again)));
    let mut client = connect();
    wait(&listener, PollFlags::IN);
    let mut connection = listener.socket().unwrap().accept(FdFlags::NONBLOCK).unwrap();
    assert_eq!(connection.fdflags(), FdFlags::NONBLOCK);
    client.write_all(b"hello").unwrap();
    wait(&*connection, PollFlags::IN);
    let mut buffer = [0; 8];
    assert_eq!(connection.read(&mut buffer), Ok(5));
    assert_eq!(&buffer[..5], b"hello");
}

#[test]
fn a_tcp_listener_accepts_and_its_connection_reads() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    accepts(listener, || Box::new(TcpStream::connect(address).unwrap()));
}

#[test]
fn a_unix_listener_accepts_and_its_connection_reads() {
    let scratch = tempfile::tempdir().unwrap();
    let address = scratch.path().join("socket");
    accepts(UnixListener::bind(&address).unwrap(), || Box::new(UnixStream::connect(&address).unwrap()));
}

#[test]
fn nothing_to_read_is_again_and_a_closed_end_is_the_end() {
    let (mut guest, other) = connection();
    assert_eq!(guest.read(&mut [0; 8]), Err(Errno::Again));
    drop(other);
    assert_eq!(guest.read(&mut [0; 8]), Ok(0));
}

#[test]
fn peeking_leaves_the_data() {
    let (mut guest, mut other) = connection();
    other.write_all(b"hello").unwrap();
    assert_eq!(guest.readable_bytes(), 5);
    let socket = guest.socket().unwrap();
    let mut buffer = [0; 3];
    assert_eq!(socket.recv(&mut buffer, RiFlags::RECV_PEEK), Ok(3));
    assert_eq!(socket.recv(&mut buffer, RiFlags::empty()), Ok(3));
    assert_eq!(&buffer, b"hel");
    assert_eq!(guest.readable_bytes(), 2);
}

#[test]
fn buffers_are_sent_in_order() {
    let (mut guest, mut other) = connection();
    assert_eq!(guest.write(&[IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two")]), Ok(7));
    drop(guest);
    let mut received = String::new();
    other.read_to_string(&mut received).unwrap();
    assert_eq!(received, "one two");
}

#[test]
fn writing_to_a_closed_connection_is_an_error_and_no_signal() {
    let (mut guest, other) = connection();
    drop(other);
    assert_eq!(guest.write(&[IoSlice::new(b"x")]), Err(Errno::Pipe));
}

#[test]
fn a_full_connection_is_again() {
    let (mut guest, _other) = connection();
    let block = vec![0; 1 << 20];
    let error = loop {
        if let Err(error) = guest.write(&[IoSlice::new(&block)]) {
            break error;
        }
    };
    assert_eq!(error, Errno::Again);
}

#[test]
fn shutdown_ends_one_direction() {
    let (mut guest, mut other) = connection();
    let socket = guest.socket().unwrap();
    assert_eq!(socket.shutdown(SdFlags::empty()), Err(Errno::Inval));
    socket.shutdown(SdFlags::WR).unwrap();
    assert_eq!(other.read(&mut [0; 8]).unwrap(), 0);
    other.write_all(b"still").unwrap();
    assert_eq!(guest.read(&mut [0; 8]), Ok(5));
}

#[test]
fn a_connection_cannot_accept_and_a_listener_cannot_receive() {
    let (mut guest, _other) = connection();
    assert!(matches!(guest.socket().unwrap().accept(FdFlags::empty()), Err(Errno::Inval)));
    let mut listener = StreamSocket::new(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
    assert_eq!(listener.read(&mut [0; 8]), Err(Errno::Notconn));
}

#[test]
fn a_socket_has_no_offset_and_no_size() {
    let (mut guest, _other) = connection();
    assert_eq!(guest.read_at(&mut [0; 8], 0), Err(Errno::Spipe));
    assert_eq!(guest.set_size(0), Err(Errno::Inval));
    assert_eq!(guest.set_fdflags(FdFlags::APPEND), Err(Errno::Notsup));
}
