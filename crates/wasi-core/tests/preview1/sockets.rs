//! Granted sockets, as a guest sees them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;

use wasi_core::fs::StreamSocket;
use wasi_core::{Errno, WasiCtx};

use crate::guest::{Guest, RESULT};

#[test]
fn a_preopened_listener_accepts_receives_sends_and_shuts_down() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let socket = StreamSocket::new(listener).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().socket(Box::new(socket)));
    let mut client = TcpStream::connect(address).unwrap();
    guest.call("sock_accept", &[3, 0, RESULT.into()]).unwrap();
    let fd = u64::from(guest.u32(RESULT.into()));
    assert_eq!(fd, 4);

    client.write_all(b"hello").unwrap();
    let ([iovs, count], buffers) = guest.iovecs(&[10]);
    guest.call("sock_recv", &[fd, iovs, count, 0, RESULT.into(), (RESULT + 4).into()]).unwrap();
    assert_eq!((guest.u32(RESULT.into()), guest.bytes(buffers[0], 5)), (5, &b"hello"[..]));

    let ([iovs, count], buffers) = guest.iovecs(&[3]);
    guest.memory[buffers[0] as usize..][..3].copy_from_slice(b"bye");
    guest.call("sock_send", &[fd, iovs, count, 0, RESULT.into()]).unwrap();
    guest.call("sock_shutdown", &[fd, 2]).unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).unwrap();
    assert_eq!(text, "bye");
}

#[test]
fn unknown_flags_of_sockets_are_inval() {
    let (here, _there) = UnixStream::pair().unwrap();
    let socket = StreamSocket::new(here).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().socket(Box::new(socket)));
    let out = u64::from(RESULT);
    assert_eq!(guest.call("sock_recv", &[3, 0, 0, 4, out, out + 4]), Err(Errno::Inval));
    assert_eq!(guest.call("sock_send", &[3, 0, 0, 1, out]), Err(Errno::Inval));
    assert_eq!(guest.call("sock_shutdown", &[3, 4]), Err(Errno::Inval));
    assert_eq!(guest.call("sock_shutdown", &[3, 0]), Err(Errno::Inval));
    assert_eq!(guest.call("sock_accept", &[3, 1, out]), Err(Errno::Inval));
}
