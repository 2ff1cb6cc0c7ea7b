//! What comes to a guest between two of its calls comes again in a replay, at the same place.

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use python_wasm_engine::{HostFunction, Instance, InstanceLimits, Module, Origin, Outcome};
use wasi_core::{Interrupt, Replay, Stop, WasiCtx};

const NO_FUNCTIONS: &[HostFunction<()>] = &[];

/// Calls the host once and counts then. Two interrupts end it with a status made of the count.
const COUNTS: &str = r#"(module
    (import "wasi_snapshot_preview1" "sched_yield" (func $begin (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (global $interrupts (mut i32) (i32.const 0))
    (func (export "python_interrupt") (result i32)
        (global.set $interrupts (i32.add (global.get $interrupts) (i32.const 1)))
        (i32.const 0))
    (func (export "_start") (local $n i32)
        (drop (call $begin))
        (loop $again
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $again (i32.lt_u (global.get $interrupts) (i32.const 2))))
        (call $exit (i32.rem_u (local.get $n) (i32.const 1000003)))))"#;

#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn instance(wasi: WasiCtx) -> Instance<()> {
    let module = Module::new(&wat::parse_str(COUNTS).unwrap(), Origin::Unknown, NO_FUNCTIONS).unwrap();
    module.instantiate(wasi, (), InstanceLimits::NONE).unwrap()
}

/// Runs the guest and, once it counts, does something to it. Returns the outcome and the recording.
fn recorded(act: impl FnOnce(&Interrupt) + Send + 'static) -> (Outcome, Vec<u8>) {
    let (began, begins) = mpsc::channel();
    let wasi = WasiCtx::builder().trace(Box::new(move |_| began.send(()).unwrap_or_default()));
    let (mut wasi, file) = (wasi.build().unwrap(), File::default());
    wasi.record(file.clone(), b"").unwrap();
    let mut instance = instance(wasi);
    let interrupt = instance.wasi().interrupt().clone();
    let thread = thread::spawn(move || {
        begins.recv().unwrap();
        act(&interrupt);
    });
    let outcome = instance.call("_start", &[]).unwrap();
    thread.join().unwrap();
    instance.wasi_mut().finish_recording().unwrap();
    let bytes = file.0.lock().unwrap().clone();
    (outcome, bytes)
}

fn replaying(recording: &[u8]) -> Instance<()> {
    let mut wasi = WasiCtx::builder().build().unwrap();
    wasi.replay(Replay::open(Cursor::new(recording.to_vec())).unwrap());
    instance(wasi)
}

/// Interrupts a guest twice: it must have seen the first one before the second comes.
fn twice(interrupt: &Interrupt) {
    for _ in 0..2 {
        interrupt.interrupt();
        while interrupt.pending().is_some() {
            thread::yield_now();
        }
    }
}

#[test]
fn interrupts_come_at_the_same_places() {
    let (outcome, recording) = recorded(twice);
    assert!(matches!(outcome, Outcome::Exited(_)), "{outcome}");
    for _ in 0..2 {
        let mut replay = replaying(&recording);
        assert_eq!(replay.call("_start", &[]).unwrap(), outcome);
        assert_eq!(replay.wasi_mut().divergence(), None);
    }
}

#[test]
fn a_stop_in_a_loop_ends_the_replay_alike() {
    let (outcome, recording) = recorded(Interrupt::terminate);
    assert_eq!(outcome, Outcome::Terminated);
    let mut replay = replaying(&recording);
    assert_eq!(replay.call("_start", &[]).unwrap(), Outcome::Terminated);
    assert_eq!(replay.wasi().recorded_stop(), Some(Stop::Terminated));
    assert_eq!(replay.wasi_mut().divergence(), None);
}

#[test]
fn a_replay_is_stopped_by_its_own_limits_and_interrupts() {
    let (_, recording) = recorded(twice);
    let mut replay = replaying(&recording);
    replay.wasi_mut().set_deadline(Some(Instant::now().checked_sub(Duration::from_secs(1)).unwrap()));
    assert_eq!(replay.call("_start", &[]).unwrap(), Outcome::Timeout);
    assert_eq!(replay.wasi().recorded_stop(), None);

    let mut replay = replaying(&recording);
    replay.wasi().interrupt().interrupt();
    assert_eq!(replay.call("_start", &[]).unwrap(), Outcome::Interrupted);
    assert!(replay.wasi().interrupt().pending().is_some(), "the guest was not told of it");
}
