//! Standard streams, descriptor numbers, polling and stopping, as a guest sees them.

use std::time::{Duration, UNIX_EPOCH};

use crate::guest::{Guest, RESULT};
use wasi_core::clock::FixedClock;
use wasi_core::fs::stdio::{Capture, Input};
use wasi_core::fs::{MemoryDir, Quota, TimeSource};
use wasi_core::types::Fd;
use wasi_core::{Errno, Instant, Limits, Stop, WasiCtx};

#[test]
fn output_is_captured_from_all_iovecs_in_order() {
    let output = Capture::new();
    let mut guest = Guest::new(WasiCtx::builder().stdout(Box::new(output.clone())));
    let ([iovs, count], buffers) = guest.iovecs(&[3, 0, 2]);
    guest.memory[buffers[0] as usize..][..3].copy_from_slice(b"abc");
    guest.memory[buffers[2] as usize..][..2].copy_from_slice(b"de");
    guest.call("fd_write", &[1, iovs, count, RESULT.into()]).unwrap();
    assert_eq!((guest.u32(RESULT.into()), output.take()), (5, b"abcde".to_vec()));
    assert_eq!(guest.traced(), "fd_write(fd=1, iovs=[3 2]) = ok 5");
}

#[test]
fn a_result_pointer_out_of_bounds_is_found_before_anything_is_written() {
    let output = Capture::new();
    let mut guest = Guest::new(WasiCtx::builder().stdout(Box::new(output.clone())));
    let ([iovs, count], _) = guest.iovecs(&[3]);
    assert_eq!(guest.call("fd_write", &[1, iovs, count, (1 << 16) - 3]), Err(Errno::Fault));
    assert_eq!(output.take(), b"");
}

#[test]
fn a_stream_read_stops_after_its_first_non_empty_buffer() {
    let mut guest = Guest::new(WasiCtx::builder().stdin(Box::new(Input::new(b"abcdef"))));
    let ([iovs, count], buffers) = guest.iovecs(&[0, 4, 4]);
    guest.call("fd_read", &[0, iovs, count, RESULT.into()]).unwrap();
    assert_eq!((guest.u32(RESULT.into()), guest.bytes(buffers[1], 4)), (4, &b"abcd"[..]));
    assert_eq!(guest.read(0, 4).unwrap(), b"ef");
    assert_eq!(guest.read(0, 4).unwrap(), b"");
}

#[test]
fn no_iovecs_move_no_bytes() {
    let mut guest = Guest::new(WasiCtx::builder().stdin(Box::new(Input::new(b"abc"))));
    guest.call("fd_read", &[0, 0, 0, RESULT.into()]).unwrap();
    assert_eq!(guest.u32(RESULT.into()), 0);
    guest.call("fd_write", &[1, 0, 0, RESULT.into()]).unwrap();
    assert_eq!(guest.u32(RESULT.into()), 0);
}

#[test]
fn streams_refuse_the_other_direction_and_offsets() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(guest.write(0, b"x"), Err(Errno::Badf));
    assert_eq!(guest.read(1, 1), Err(Errno::Badf));
    assert_eq!(guest.call("fd_seek", &[0, 0, 0, RESULT.into()]), Err(Errno::Spipe));
    assert_eq!(guest.call("fd_tell", &[1, RESULT.into()]), Err(Errno::Spipe));
    // Not even a read of no bytes.
    assert_eq!(guest.call("fd_pread", &[0, 0, 0, 0, RESULT.into()]), Err(Errno::Spipe));
    assert_eq!(guest.call("fd_advise", &[1, 0, 0, 0]), Err(Errno::Badf));
}

#[test]
fn a_descriptor_of_minus_100_is_not_open() {
    let mut guest = Guest::new(WasiCtx::builder());
    let at_fdcwd = u64::from(-100i32 as u32);
    assert_eq!(guest.call("fd_close", &[at_fdcwd]), Err(Errno::Badf));
    assert_eq!(guest.open(at_fdcwd, "a", 0, 2), Err(Errno::Badf));
}

#[test]
fn the_first_number_past_the_preopens_ends_libc_s_search() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(guest.call("fd_prestat_get", &[3, RESULT.into()]), Err(Errno::Badf));
    assert_eq!(guest.call("fd_prestat_get", &[0, RESULT.into()]), Err(Errno::Badf));
}

#[test]
fn renumber_needs_both_open_and_closes_the_target() {
    let (first, second) = (Capture::new(), Capture::new());
    let builder = WasiCtx::builder().stdout(Box::new(first.clone())).stderr(Box::new(second.clone()));
    let mut guest = Guest::new(builder);
    assert_eq!(guest.call("fd_renumber", &[1, 7]), Err(Errno::Badf));
    assert_eq!(guest.call("fd_renumber", &[7, 1]), Err(Errno::Badf));
    guest.call("fd_renumber", &[1, 1]).unwrap();
    guest.call("fd_renumber", &[2, 1]).unwrap();
    guest.write(1, b"x").unwrap();
    assert_eq!((first.take(), second.take()), (vec![], b"x".to_vec()));
    assert_eq!(guest.write(2, b"x"), Err(Errno::Badf));
}

#[test]
fn output_past_the_limit_stops_the_guest_and_is_not_written() {
    let output = Capture::new();
    let limits = Limits { output: 5, ..Limits::default() };
    let mut guest = Guest::new(WasiCtx::builder().stdout(Box::new(output.clone())).limits(limits));
    guest.write(1, b"four").unwrap();
    let ([iovs, count], _) = guest.iovecs(&[2]);
    assert_eq!(guest.raw("fd_write", &[2, iovs, count, RESULT.into()]), Err(Stop::OutputLimit));
    assert_eq!(output.take(), b"four");
}

/// Returns the 48 bytes of a subscription.
pub(crate) fn subscription(userdata: u64, tag: u8, fd_or_clock: u32, timeout: u64, flags: u16) -> Vec<u8> {
    let mut bytes = vec![0; 48];
    bytes[..8].copy_from_slice(&userdata.to_le_bytes());
    bytes[8] = tag;
    bytes[16..20].copy_from_slice(&fd_or_clock.to_le_bytes());
    bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
    bytes[40..42].copy_from_slice(&flags.to_le_bytes());
    bytes
}

/// Polls, and returns userdata, errno and tag of each event.
pub(crate) fn poll(guest: &mut Guest, subscriptions: &[Vec<u8>]) -> Result<Vec<(u64, u16, u8)>, Errno> {
    let [input, _] = guest.put(&subscriptions.concat());
    guest.call("poll_oneoff", &[input, 40_000, subscriptions.len() as u64, RESULT.into()])?;
    let count = u64::from(guest.u32(RESULT.into()));
    let event = |index: u64| {
        let bytes = guest.bytes(40_000 + index * 32, 32);
        (guest.u64(40_000 + index * 32), u16::from_le_bytes([bytes[8], bytes[9]]), bytes[10])
    };
    Ok((0..count).map(event).collect())
}

#[test]
fn polling_nothing_or_too_much_is_inval() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 0, RESULT.into()]), Err(Errno::Inval));
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 100_000, RESULT.into()]), Err(Errno::Inval));
}

#[test]
fn a_bad_descriptor_beside_a_good_one_is_reported_in_its_event() {
    let mut guest = Guest::new(WasiCtx::builder());
    let events = poll(&mut guest, &[subscription(7, 1, 99, 0, 0), subscription(8, 2, 1, 0, 0)]);
    assert_eq!(events, Ok(vec![(7, 8, 1), (8, 0, 2)]));
    let events = poll(&mut guest, &[subscription(7, 1, 99, 0, 0), subscription(8, 0, 1, u64::MAX, 0)]);
    assert_eq!(events, Ok(vec![(7, 8, 1)]));
}

#[test]
fn polling_only_what_can_never_happen_fails() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(poll(&mut guest, &[subscription(7, 1, 99, 0, 0)]), Err(Errno::Badf));
    let both = [subscription(7, 1, u32::MAX, 0, 0), subscription(8, 2, u32::MAX, 0, 0)];
    assert_eq!(poll(&mut guest, &both), Err(Errno::Badf));
    assert_eq!(poll(&mut guest, &[subscription(1, 0, 9, 0, 0)]), Err(Errno::Inval));
}

#[test]
fn a_ready_stream_comes_before_a_far_moment() {
    let mut guest = Guest::new(WasiCtx::builder());
    let events = poll(&mut guest, &[subscription(1, 0, 1, u64::MAX, 0), subscription(2, 2, 1, 0, 0)]);
    assert_eq!(events, Ok(vec![(2, 0, 2)]));
}

#[test]
fn a_sleep_lasts_at_least_as_long_as_asked() {
    let mut guest = Guest::new(WasiCtx::builder());
    let began = Instant::now();
    assert_eq!(poll(&mut guest, &[subscription(1, 0, 1, 3_000_000, 0)]), Ok(vec![(1, 0, 0)]));
    assert!(began.elapsed() >= Duration::from_millis(3));
}

#[test]
fn a_sleep_on_a_fixed_clock_takes_no_time_and_moves_it() {
    let clock = FixedClock::new(UNIX_EPOCH);
    let mut guest = Guest::new(WasiCtx::builder().clock(Box::new(clock)));
    let day = 86_400_000_000_000;
    assert_eq!(poll(&mut guest, &[subscription(1, 0, 0, day, 0)]), Ok(vec![(1, 0, 0)]));
    guest.call("clock_time_get", &[0, 0, RESULT.into()]).unwrap();
    assert!(guest.u64(RESULT.into()) >= day);
}

#[test]
fn an_absolute_moment_in_the_past_is_there_at_once() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(poll(&mut guest, &[subscription(1, 0, 0, 5, 1)]), Ok(vec![(1, 0, 0)]));
}

#[test]
fn a_sleep_without_end_stops_at_the_deadline() {
    let mut guest = Guest::new(WasiCtx::builder());
    guest.ctx.set_deadline(Instant::now().checked_add(Duration::from_millis(20)));
    let [input, _] = guest.put(&subscription(1, 0, 1, u64::MAX, 0));
    assert_eq!(guest.raw("poll_oneoff", &[input, 40_000, 1, RESULT.into()]), Err(Stop::Deadline));
}

#[test]
fn a_stream_is_not_a_socket() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(guest.call("sock_accept", &[0, 0, RESULT.into()]), Err(Errno::Notsock));
    assert_eq!(guest.call("sock_shutdown", &[0, 3]), Err(Errno::Notsock));
    assert_eq!(guest.call("sock_shutdown", &[99, 3]), Err(Errno::Badf));
}

#[test]
fn unknown_flags_are_inval() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(guest.call("fd_fdstat_set_flags", &[1, 64]), Err(Errno::Inval));
    assert_eq!(guest.call("fd_seek", &[1, 0, 3, RESULT.into()]), Err(Errno::Inval));
    assert_eq!(guest.call("fd_advise", &[1, 0, 0, 6]), Err(Errno::Inval));
}

#[test]
fn a_sleep_until_a_moment_lasts_until_then_on_both_clocks() {
    let mut guest = Guest::new(WasiCtx::builder());
    for clock in [0, 1] {
        guest.call("clock_time_get", &[clock, 0, RESULT.into()]).unwrap();
        let moment = guest.u64(RESULT.into()) + 3_000_000;
        let events = poll(&mut guest, &[subscription(1, 0, clock as u32, moment, 1)]);
        assert_eq!(events, Ok(vec![(1, 0, 0)]));
        guest.call("clock_time_get", &[clock, 0, RESULT.into()]).unwrap();
        assert!(guest.u64(RESULT.into()) >= moment, "clock {clock}");
    }
}

#[test]
fn preopens_have_their_names_exactly_and_come_in_order() {
    let memory = || Box::new(MemoryDir::new(Quota::unlimited(), TimeSource::system()));
    let names = ["/b", ".", "a/../x"];
    let builder = names.iter().fold(WasiCtx::builder(), |builder, name| builder.preopen(*name, memory()));
    let mut guest = Guest::new(builder);
    for (fd, name) in (3..).zip(names) {
        guest.call("fd_prestat_get", &[fd, RESULT.into()]).unwrap();
        assert_eq!(guest.u32(u64::from(RESULT) + 4) as usize, name.len());
        guest.call("fd_prestat_dir_name", &[fd, 500, name.len() as u64]).unwrap();
        assert_eq!(guest.bytes(500, name.len()), name.as_bytes());
    }
    assert_eq!(guest.call("fd_prestat_get", &[6, RESULT.into()]), Err(Errno::Badf));
}

#[test]
fn one_call_copies_no_more_than_its_limit() {
    let limits = Limits { call_bytes: 4, ..Limits::default() };
    let output = Capture::new();
    let builder = WasiCtx::builder().stdin(Box::new(Input::new(b"abcdef"))).stdout(Box::new(output.clone()));
    let mut guest = Guest::new(builder.limits(limits));
    assert_eq!(guest.read(0, 6).unwrap(), b"abcd");
    assert_eq!(guest.write(1, b"uvwxyz"), Ok(4));
    assert_eq!(output.take(), b"uvwx");
}

#[test]
fn randomness_without_end_stops_at_the_deadline() {
    let mut guest = Guest::new(WasiCtx::builder());
    guest.ctx.set_deadline(Some(Instant::now()));
    assert_eq!(guest.raw("random_get", &[0, 1 << 16]), Err(Stop::Deadline));
}

#[test]
fn a_duplicate_shares_the_open_file_until_the_last_number_closes() {
    let (output, other) = (Capture::new(), Capture::new());
    let builder = WasiCtx::builder().stdout(Box::new(output.clone())).stderr(Box::new(other.clone()));
    let mut guest = Guest::new(builder);
    assert_eq!(guest.ctx.duplicate(Fd(1)), Ok(Fd(3)));
    guest.ctx.duplicate_to(Fd(2), Fd(1)).unwrap();
    guest.write(1, b"to stderr ").unwrap();
    guest.write(3, b"to stdout").unwrap();
    guest.ctx.duplicate_to(Fd(3), Fd(1)).unwrap();
    guest.call("fd_close", &[3]).unwrap();
    guest.write(1, b" again").unwrap();
    assert_eq!(other.take(), b"to stderr ");
    assert_eq!(output.take(), b"to stdout again");
}

#[test]
fn duplicating_a_closed_descriptor_or_past_the_limit_is_badf() {
    let limits = Limits { open_files: 4, ..Limits::default() };
    let mut guest = Guest::new(WasiCtx::builder().limits(limits));
    assert_eq!(guest.ctx.duplicate(Fd(3)), Err(Errno::Badf));
    assert_eq!(guest.ctx.duplicate_to(Fd(1), Fd(4)), Err(Errno::Badf));
    guest.ctx.duplicate_to(Fd(1), Fd(1)).unwrap();
    guest.ctx.duplicate_to(Fd(1), Fd(3)).unwrap();
    assert_eq!(guest.ctx.duplicate(Fd(1)), Err(Errno::Mfile));
}
