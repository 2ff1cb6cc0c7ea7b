//! How large a recording gets, and how much of a forged one is read.

use std::io::{Cursor, ErrorKind, Write};

use wasi_core::fs::stdio::Capture;
use wasi_core::{Limits, Replay, ReplayError, Stop, WasiCtx};

use crate::guest::{Guest, RESULT};
use crate::record::{SharedOutput, replaying};

/// Returns a recording of these parts, whose lengths are theirs unless they are given.
fn forged(parts: &[(Option<u32>, &[u8])], window_log: u32) -> Vec<u8> {
    let mut file = b"wasi-rec\x02\0\0\0".to_vec();
    let mut to = zstd::Encoder::new(&mut file, 3).unwrap();
    to.window_log(window_log).unwrap();
    for (len, bytes) in parts {
        to.write_all(&len.unwrap_or(bytes.len() as u32).to_le_bytes()).unwrap();
        to.write_all(bytes).unwrap();
    }
    to.finish().unwrap();
    file
}

fn replay(recording: &[u8]) -> Result<Replay, ReplayError> {
    Replay::open(Cursor::new(recording.to_vec()))
}

/// Returns why a guest that replays the recording is stopped at its first call.
fn refusal(recording: &[u8], call_bytes: usize) -> String {
    let limits = Limits { call_bytes, ..Limits::default() };
    let mut guest = Guest::new(WasiCtx::builder().limits(limits));
    guest.ctx.replay(replay(recording).unwrap());
    assert_eq!(guest.raw("sched_yield", &[]), Err(Stop::Diverged));
    guest.ctx.divergence().unwrap()
}

#[test]
fn a_part_that_no_call_can_have_made_is_not_unpacked() {
    let bomb = vec![0; 100 << 20];
    let whole = forged(&[(None, b""), (None, &bomb)], 21);
    assert!(whole.len() < 1 << 20, "{}", whole.len());
    assert!(
        refusal(&whole, 1000).contains("a part has 104857600 bytes, and no more than 1115112 are possible")
    );
    for promised in [u32::MAX, 1_115_113] {
        assert!(
            refusal(&forged(&[(None, b""), (Some(promised), b"")], 21), 1000)
                .contains("no more than 1115112")
        );
    }
}

#[test]
fn a_header_longer_than_any_is_refused() {
    let refused = |recording: &[u8]| match replay(recording) {
        Err(ReplayError::Io(error)) => error.kind(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("opened"),
    };
    assert_eq!(refused(&forged(&[(None, &vec![0; 100 << 20])], 21)), ErrorKind::InvalidData);
    let mut guest = Guest::new(WasiCtx::builder());
    let error = guest.ctx.record(SharedOutput::default(), &vec![0; (1 << 20) + 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn lists_that_no_call_can_have_made_are_not_built() {
    let refused = |record: &[u8]| {
        let refusal = refusal(&forged(&[(None, b""), (None, record)], 21), 8 << 20);
        assert!(refusal.contains("cannot be read after 0 calls"), "{refusal}");
    };
    // A call: the function, and a list of 300 arguments, success, no regions, no stream.
    refused(&[&[0, 0, 0xac, 0x02][..], &[0; 304]].concat());
    // A call: the function, no arguments, success, and 2,000,000 empty regions at address 0, no stream.
    refused(&[&[0, 0, 0, 0, 0, 0x80, 0x89, 0x7a][..], &vec![0; 4_000_001]].concat());
}

#[test]
fn a_window_larger_than_that_of_a_recording_is_refused() {
    assert!(replay(&forged(&[(None, b"header")], 23)).is_ok());
    assert!(matches!(replay(&forged(&[(None, b"header")], 27)), Err(ReplayError::Io(_))));
}

#[test]
fn a_recording_that_reaches_its_limit_stops_the_guest_and_its_replay_there() {
    const LIMIT: u64 = 1 << 20;
    let flood = |guest: &mut Guest| {
        (1..1000).find_map(|call| Some((call, guest.raw("random_get", &[10_000, 40_000]).err()?)))
    };
    let mut guest = Guest::new(WasiCtx::builder());
    let file = SharedOutput::default();
    guest.ctx.record_at_most(LIMIT, file.clone(), b"").unwrap();
    let stopped = flood(&mut guest).unwrap();
    assert_eq!(stopped.1, Stop::RecordingLimit);
    assert_eq!(guest.ctx.check_stop(), Err(Stop::RecordingLimit));
    let error = guest.ctx.finish_recording().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    let bytes = file.take();
    assert!((LIMIT..LIMIT + LIMIT / 2).contains(&(bytes.len() as u64)), "{}", bytes.len());

    let (mut guest, ..) = replaying(&bytes);
    assert_eq!(flood(&mut guest), Some(stopped));
    assert_eq!(guest.ctx.recorded_stop(), Some(Stop::RecordingLimit));
    assert_eq!(guest.ctx.divergence(), None);
}

#[test]
fn the_limit_on_output_counts_in_a_replay() {
    let print = |guest: &mut Guest| {
        let ([iovs, count], _) = guest.iovecs(&[3]);
        guest.raw("fd_write", &[1, iovs, count, RESULT.into()])
    };
    let file = SharedOutput::default();
    let mut guest = Guest::new(WasiCtx::builder());
    guest.ctx.record(file.clone(), b"").unwrap();
    assert_eq!(print(&mut guest), Ok(0));
    guest.ctx.finish_recording().unwrap();
    let recording = file.take();
    for (limit, outcome, shown) in [(3, Ok(0), 3), (2, Err(Stop::OutputLimit), 0)] {
        let (output, limits) = (Capture::new(), Limits { output: limit, ..Limits::default() });
        let mut guest = Guest::new(WasiCtx::builder().limits(limits).stdout(Box::new(output.clone())));
        guest.ctx.replay(replay(&recording).unwrap());
        assert_eq!(print(&mut guest), outcome);
        assert_eq!(output.take().len(), shown);
    }
}
