//! Standard streams of the host, and waits that another thread ends.

use std::time::{Duration, Instant};

use wasi_core::fs::stdio::HostStream;
use wasi_core::{Errno, Stop, WasiCtx};

use crate::guest::{Guest, RESULT};
use crate::stdio::{poll, subscription};

#[test]
fn blocked_input_is_broken_off_by_an_interrupt_and_ended_by_terminate() {
    let (reader, _writer) = std::io::pipe().unwrap();
    let stdin = HostStream::inherit(&reader).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().stdin(Box::new(stdin)));
    let interrupt = guest.ctx.interrupt().clone();
    let thread = std::thread::spawn(move || interrupt.interrupt());
    assert_eq!(guest.read(0, 10), Err(Errno::Intr));
    thread.join().unwrap();
    let interrupt = guest.ctx.interrupt().clone();
    assert!(interrupt.take_interrupt());
    let thread = std::thread::spawn(move || interrupt.terminate());
    let ([iovs, count], _) = guest.iovecs(&[10]);
    assert_eq!(guest.raw("fd_read", &[0, iovs, count, RESULT.into()]), Err(Stop::Terminated));
    thread.join().unwrap();
}

#[test]
fn an_interrupt_noted_before_a_wait_ends_it_once() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let stdin = HostStream::inherit(&reader).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().stdin(Box::new(stdin)));
    guest.ctx.note_interrupt();
    assert_eq!(guest.read(0, 10), Err(Errno::Intr));
    std::io::Write::write_all(&mut writer, b"typed").unwrap();
    assert_eq!(guest.read(0, 10).unwrap(), b"typed");
}

#[test]
fn a_full_pipe_that_nobody_reads_is_given_up_at_the_deadline() {
    let (_reader, writer) = std::io::pipe().unwrap();
    let stdout = HostStream::inherit(&writer).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().stdout(Box::new(stdout)));
    guest.ctx.set_deadline(Some(Instant::now() + Duration::from_millis(20)));
    let ([iovs, count], _) = guest.iovecs(&[30_000]);
    let mut outcomes = (0..).map(|_| guest.raw("fd_write", &[1, iovs, count, RESULT.into()]));
    assert_eq!(outcomes.find(|outcome| *outcome != Ok(0)), Some(Err(Stop::Deadline)));
}

#[test]
fn a_large_write_to_a_pipe_is_written_whole() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let stdout = HostStream::inherit(&writer).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().stdout(Box::new(stdout)));
    drop(writer);
    assert_eq!(guest.write(1, &vec![b'x'; 20_000]), Ok(20_000));
    drop(guest);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
    assert_eq!(text.len(), 20_000);
}

#[test]
fn attributes_of_a_stream_are_its_kind_and_zeros() {
    let (reader, _writer) = std::io::pipe().unwrap();
    let stdin = HostStream::inherit(&reader).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().stdin(Box::new(stdin)));
    for fd in [0, 1, 2] {
        guest.call("fd_filestat_get", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.bytes(RESULT.into(), 64), [0; 64], "{fd}");
    }
}

#[test]
fn polled_input_at_its_end_and_from_dev_null_is_ready() {
    let (ended, _) = std::io::pipe().unwrap();
    let null = std::fs::File::open("/dev/null").unwrap();
    for stdin in [HostStream::inherit(&ended).unwrap(), HostStream::inherit(&null).unwrap()] {
        let mut guest = Guest::new(WasiCtx::builder().stdin(Box::new(stdin)));
        let events = poll(&mut guest, &[subscription(1, 1, 0, 0, 0), subscription(2, 0, 1, u64::MAX, 0)]);
        assert_eq!(events, Ok(vec![(1, 0, 1)]));
        assert_eq!(guest.read(0, 10).unwrap(), b"");
    }
}
