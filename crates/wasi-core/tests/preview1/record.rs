//! Recordings and replays.

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use wasi_core::fs::stdio::{Capture, Input};
use wasi_core::fs::{MemoryDir, Quota, TimeSource};
use wasi_core::{Errno, Replay, ReplayError, Stop, WasiCtx};

use crate::back_ends::{CREAT, READ, ROOT, WRITE};
use crate::guest::{Guest, RESULT};

/// Output in memory, shared by two holders.
#[derive(Clone, Default)]
pub(crate) struct SharedOutput(Arc<Mutex<Vec<u8>>>);

impl SharedOutput {
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Write for SharedOutput {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

type Learnt = Vec<Result<Vec<u8>, Errno>>;

/// Runs the guest of these tests. Returns everything that it learns, including errors.
fn program(guest: &mut Guest) -> Learnt {
    let mut learnt = Vec::new();
    let input = guest.read(0, 100);
    learnt.push(input);
    let fd = guest.open(ROOT, "a", CREAT, READ | WRITE).unwrap();
    guest.write(fd, b"some text").unwrap();
    guest.call("fd_seek", &[fd, 5, 0, RESULT.into()]).unwrap();
    let rest = guest.read(fd, 100);
    learnt.push(rest);
    learnt.push(guest.open(ROOT, "missing", 0, READ).map(|_| vec![]));
    guest.call("random_get", &[30_000, 16]).unwrap();
    learnt.push(Ok(guest.bytes(30_000, 16).to_vec()));
    guest.call("fd_readdir", &[ROOT, 31_000, 500, 0, RESULT.into()]).unwrap();
    learnt.push(Ok(guest.bytes(31_000, 500).to_vec()));
    guest.write(1, b"out").unwrap();
    guest.write(2, b"err").unwrap();
    learnt
}

/// Returns the recording, what the guest learnt, and its memory at the end.
fn recorded() -> (Vec<u8>, Learnt, Vec<u8>) {
    let dir = MemoryDir::new(Quota::unlimited(), TimeSource::system());
    let builder = WasiCtx::builder().stdin(Box::new(Input::new("typed"))).preopen("/work", Box::new(dir));
    let mut guest = Guest::new(builder);
    let file = SharedOutput::default();
    guest.ctx.record(file.clone(), b"the header").unwrap();
    let learnt = program(&mut guest);
    assert_eq!(guest.raw("proc_exit", &[7]), Err(Stop::Exit(7)));
    guest.ctx.finish_recording().unwrap();
    let bytes = file.0.lock().unwrap().clone();
    (bytes, learnt, guest.memory)
}

/// Returns a guest without grants that replays a recording.
pub(crate) fn replaying(bytes: &[u8]) -> (Guest, Capture, Capture) {
    let (stdout, stderr) = (Capture::new(), Capture::new());
    let builder = WasiCtx::builder().stdout(Box::new(stdout.clone())).stderr(Box::new(stderr.clone()));
    let mut guest = Guest::new(builder);
    guest.ctx.replay(Replay::open(Cursor::new(bytes.to_vec())).unwrap());
    (guest, stdout, stderr)
}

#[test]
fn a_replay_learns_what_the_recorded_run_did_and_prints_the_same() {
    let (bytes, learnt, memory) = recorded();
    assert_eq!(Replay::open(Cursor::new(bytes.clone())).unwrap().header(), b"the header");
    let (mut guest, stdout, stderr) = replaying(&bytes);
    assert_eq!(program(&mut guest), learnt);
    assert_eq!(guest.raw("proc_exit", &[7]), Err(Stop::Exit(7)));
    assert_eq!(guest.memory, memory);
    assert_eq!((stdout.take(), stderr.take()), (b"out".into(), b"err".into()));
    assert_eq!(guest.ctx.divergence(), None);
}

#[test]
fn another_call_is_refused_and_named_by_its_number() {
    let (bytes, ..) = recorded();
    let (mut guest, ..) = replaying(&bytes);
    guest.read(0, 100).unwrap();
    assert_eq!(guest.raw("fd_close", &[0]), Err(Stop::Diverged));
    let difference = guest.ctx.divergence().unwrap();
    assert!(difference.starts_with("call 2 was path_open(3, 1, "), "{difference}");
    assert!(difference.ends_with("and is fd_close(0) now"), "{difference}");
    assert_eq!(guest.ctx.check_stop(), Err(Stop::Diverged));
}

#[test]
fn other_arguments_are_another_call() {
    let (bytes, ..) = recorded();
    let (mut guest, ..) = replaying(&bytes);
    let ([iovs, count], _) = guest.iovecs(&[100]);
    assert_eq!(guest.raw("fd_read", &[1, iovs, count, RESULT.into()]), Err(Stop::Diverged));
    assert!(guest.ctx.divergence().unwrap().starts_with("call 1 was fd_read(0, "));
}

#[test]
fn a_program_that_goes_on_or_ends_early_is_reported() {
    let (bytes, ..) = recorded();
    let (mut guest, ..) = replaying(&bytes);
    program(&mut guest);
    let early = guest.ctx.divergence().unwrap();
    assert_eq!(early, "it goes on with proc_exit(7), and the program has ended");

    let (mut guest, ..) = replaying(&bytes);
    program(&mut guest);
    assert_eq!(guest.raw("proc_exit", &[7]), Err(Stop::Exit(7)));
    assert_eq!(guest.raw("sched_yield", &[]), Err(Stop::Diverged));
    let late = guest.ctx.divergence().unwrap();
    assert_eq!(late, "it ends after 11 calls, and the program goes on with sched_yield()");
}

#[test]
fn a_call_of_the_embedder_is_recorded_with_the_others() {
    let mut guest = Guest::new(WasiCtx::builder());
    let file = SharedOutput::default();
    guest.ctx.record(file.clone(), b"").unwrap();
    assert_eq!(guest.ctx.replayed("host", &[1, 2], &mut guest.memory), None);
    guest.ctx.note("host", &[1, 2], 42, &[(100, b"answer")]);
    guest.call("sched_yield", &[]).unwrap();
    guest.ctx.finish_recording().unwrap();

    let bytes = file.0.lock().unwrap().clone();
    let (mut guest, ..) = replaying(&bytes);
    assert_eq!(guest.ctx.replayed("host", &[1, 2], &mut guest.memory), Some(42));
    assert_eq!(guest.bytes(100, 6), b"answer");
    guest.call("sched_yield", &[]).unwrap();
    assert_eq!(guest.ctx.divergence(), None);

    let (mut guest, ..) = replaying(&bytes);
    assert_eq!(guest.ctx.replayed("host", &[1, 3], &mut guest.memory), Some(-1));
    assert_eq!(guest.ctx.check_stop(), Err(Stop::Diverged));
}

#[test]
fn bytes_that_are_not_a_recording_are_refused_and_damage_is_reported() {
    let (bytes, ..) = recorded();
    let open = |bytes: &[u8]| Replay::open(Cursor::new(bytes.to_vec()));
    for other in [&b""[..], b"wasi", b"something else entirely"] {
        assert!(matches!(open(other), Err(ReplayError::NotARecording)));
    }
    let mut newer = bytes.clone();
    newer[8] = 9;
    assert!(matches!(open(&newer), Err(ReplayError::Version(9))));
    assert!(matches!(open(&bytes[..14]), Err(ReplayError::Io(_))));

    // Wherever the damage is, the replay is refused or reports it at its end.
    for at in (12..bytes.len()).step_by(3) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        // Opening a recording as small as this reads all of it.
        let Ok(replay) = open(&damaged) else { continue };
        let mut guest = Guest::new(WasiCtx::builder());
        guest.ctx.replay(replay);
        program(&mut guest);
        assert!(guest.ctx.divergence().is_some(), "{at}");
    }
    let (mut guest, ..) = replaying(&bytes[..bytes.len() - 3]);
    program(&mut guest);
    let _exit = guest.raw("proc_exit", &[7]);
    assert!(guest.ctx.divergence().unwrap().contains("cannot be read"));
}

#[test]
fn a_recording_that_cannot_be_written_is_reported_at_the_end_and_the_guest_goes_on() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| std::io::Error::other("full"))?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut guest = Guest::new(WasiCtx::builder());
    guest.ctx.record(Full(20), b"").unwrap();
    guest.call("sched_yield", &[]).unwrap();
    assert_eq!(guest.ctx.finish_recording().unwrap_err().to_string(), "full");
    assert_eq!(guest.ctx.finish_recording().map_err(|error| error.to_string()), Ok(()));
}
