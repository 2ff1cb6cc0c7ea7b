//! Arguments, environment, clocks, randomness and the end of the process, as a guest sees them.

use std::time::{Duration, UNIX_EPOCH};

use crate::guest::{Guest, RESULT};
use wasi_core::clock::FixedClock;
use wasi_core::random::SeededRandom;
use wasi_core::{Errno, Stop, WasiCtx};

#[test]
fn args_are_written_with_a_nul_each_and_their_addresses() {
    let mut guest = Guest::new(WasiCtx::builder().args(["prog", "a\nb"]));
    guest.call("args_sizes_get", &[RESULT.into(), (RESULT + 4).into()]).unwrap();
    assert_eq!((guest.u32(RESULT.into()), guest.u32((RESULT + 4).into())), (2, 9));
    assert_eq!(guest.traced(), "args_sizes_get() = ok 2 9");
    guest.call("args_get", &[100, 200]).unwrap();
    assert_eq!(guest.bytes(200, 9), b"prog\0a\nb\0");
    assert_eq!((guest.u32(100), guest.u32(104)), (200, 205));
}

#[test]
fn args_that_do_not_fit_are_fault_and_write_nothing() {
    let mut guest = Guest::new(WasiCtx::builder().args(["prog"]));
    assert_eq!(guest.call("args_get", &[100, (1 << 16) - 4]), Err(Errno::Fault));
    assert_eq!(guest.u32(100), 0);
}

#[test]
fn the_environment_holds_only_what_was_granted_and_the_last_of_one_name() {
    let mut guest = Guest::new(WasiCtx::builder().env("A", "1").env("B", "x=\"y\"").env("A", "2"));
    guest.call("environ_sizes_get", &[RESULT.into(), (RESULT + 4).into()]).unwrap();
    assert_eq!((guest.u32(RESULT.into()), guest.u32((RESULT + 4).into())), (2, 12));
    guest.call("environ_get", &[100, 200]).unwrap();
    assert_eq!(guest.bytes(200, 12), b"B=x=\"y\"\0A=2\0");
}

#[test]
fn a_nul_in_an_argument_is_refused_before_the_guest_starts() {
    assert_eq!(WasiCtx::builder().arg("a\0b").build().err(), Some(Errno::Inval));
    assert_eq!(WasiCtx::builder().env("a=b", "c").build().err(), Some(Errno::Inval));
}

#[test]
fn clocks_tell_the_fixed_time_and_refuse_unknown_ids() {
    let clock = FixedClock::new(UNIX_EPOCH + Duration::from_secs(1));
    let mut guest = Guest::new(WasiCtx::builder().clock(Box::new(clock)));
    guest.call("clock_time_get", &[0, 0, RESULT.into()]).unwrap();
    assert_eq!(guest.u64(RESULT.into()), 1_000_001_000);
    assert_eq!(guest.traced(), "clock_time_get(id=Realtime, precision=0) = ok 1000001000");
    guest.call("clock_res_get", &[1, RESULT.into()]).unwrap();
    assert_eq!(guest.u64(RESULT.into()), 1_000);
    assert_eq!(guest.call("clock_time_get", &[4, 0, RESULT.into()]), Err(Errno::Inval));
    assert_eq!(guest.call("clock_res_get", &[99, RESULT.into()]), Err(Errno::Inval));
}

#[test]
fn random_bytes_fill_the_buffer_and_nothing_beside_it() {
    let mut guest = Guest::new(WasiCtx::builder().random(Box::new(SeededRandom::new(1))));
    guest.call("random_get", &[101, 30]).unwrap();
    assert_eq!((guest.bytes(100, 1), guest.bytes(131, 1)), (&[0][..], &[0][..]));
    assert!(guest.bytes(101, 30).iter().any(|&byte| byte != 0));
    guest.call("random_get", &[1 << 16, 0]).unwrap();
    assert_eq!(guest.call("random_get", &[0, u64::from(u32::MAX)]), Err(Errno::Fault));
}

#[test]
fn the_full_exit_status_crosses() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(guest.raw("proc_exit", &[300]), Err(Stop::Exit(300)));
    assert_eq!(guest.traced(), "proc_exit(status=300) = exit 300");
}

#[test]
fn a_raised_signal_never_reaches_the_host() {
    let mut guest = Guest::new(WasiCtx::builder());
    assert_eq!(guest.call("proc_raise", &[9]), Err(Errno::Notsup));
    guest.call("sched_yield", &[]).unwrap();
}
