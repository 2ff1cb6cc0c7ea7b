//! A thousand guests in one process, ended in every possible way: the process keeps neither their memory nor
//! their descriptors, and the next guest runs.
//!
//! Linux only: the test reads the process's memory and descriptors from `/proc`.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::PipeWriter;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use python_wasm_engine::{HostFunction, Instance, InstanceLimits, Module, Origin, Outcome};
use wasi_core::fs::stdio::{Capture, HostStream};
use wasi_core::fs::{HostDir, MemoryDir, Overlay, Quota, TimeSource};
use wasi_core::{WasiCtx, WasiCtxBuilder};

const NO_FUNCTIONS: &[HostFunction<()>] = &[];

/// A guest with one export for each way to end. Each export first grows the memory and opens files.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_readdir" (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "file")
    ;; An iovec at 16: 64 KiB from address 0; a subscription at 128: to read from descriptor 0.
    (data (i32.const 16) "\00\00\00\00\00\00\01\00")
    (data (i32.const 136) "\01")
    (func $prepare (local $i i32)
        (drop (memory.grow (i32.const 60)))
        (memory.fill (i32.const 65536) (i32.const 7) (i32.const 3000000))
        (loop $again
            (drop (call $open (i32.add (i32.const 3) (i32.and (local.get $i) (i32.const 1))) (i32.const 0) (i32.const 0)
                (i32.const 4) (i32.const 1) (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 8)))
            (drop (call $readdir (i32.const 3) (i32.const 512) (i32.const 512) (i64.const 0) (i32.const 8)))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20)))))
    (func (export "loop") (call $prepare) (loop $again (br $again)))
    (func (export "read") (call $prepare) (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 8))))
    (func (export "poll") (call $prepare) (drop (call $poll (i32.const 128) (i32.const 256) (i32.const 1) (i32.const 8))))
    (func (export "copy") (call $prepare)
        (loop $again (memory.copy (i32.const 65536) (i32.const 65537) (i32.const 3000000)) (br $again)))
    (func (export "output") (call $prepare)
        (loop $again (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))) (br $again)))
    (func (export "disk") (call $prepare)
        (loop $again (br_if $again (i32.eqz (call $write (i32.const 5) (i32.const 16) (i32.const 1) (i32.const 8)))))
        (call $exit (i32.const 51)))
    (func (export "memory_grow") (call $prepare)
        (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (call $exit (i32.const 48)))
    (func (export "trap") (call $prepare) unreachable)
    (func (export "recurse") (call $prepare) (call $down))
    (func $down (call $down) (call $down))
    (func (export "return") (call $prepare)))"#;

/// Returns whether an outcome is the expected one.
type Check = fn(&Outcome) -> bool;

/// Each way to end, and the only outcome that it may have.
const ENDS: &[(&str, Check)] = &[
    ("loop", |outcome| *outcome == Outcome::Timeout),
    ("read", |outcome| *outcome == Outcome::Timeout),
    ("poll", |outcome| *outcome == Outcome::Timeout),
    ("fuel", |outcome| *outcome == Outcome::OutOfFuel),
    ("terminate", |outcome| *outcome == Outcome::Terminated),
    ("interrupt", |outcome| *outcome == Outcome::Interrupted),
    ("output", |outcome| *outcome == Outcome::OutputLimit),
    ("disk", |outcome| *outcome == Outcome::Exited(51)),
    ("memory_grow", |outcome| *outcome == Outcome::Exited(48)),
    ("trap", |outcome| matches!(outcome, Outcome::Trapped(_))),
    ("recurse", |outcome| matches!(outcome, Outcome::Trapped(_))),
    ("return", |outcome| *outcome == Outcome::Returned(None)),
];

/// The tests of this file measure the whole process, so they run one at a time.
static ALONE: Mutex<()> = Mutex::new(());

const GUESTS: usize = 1_000;

/// Guests before the first measurement: by then, what is allocated once is allocated.
const WARM_UP: usize = 120;

/// Bytes by which the process may grow, because an allocator keeps some.
const SLACK: u64 = 8 << 20;

fn world(folder: &tempfile::TempDir) -> (WasiCtxBuilder, PipeWriter) {
    let quota = Quota::new(1 << 20, 100);
    let host = || Box::new(HostDir::open_ambient(folder.path(), quota.clone()).unwrap());
    let overlay = Overlay::new(host(), quota.clone(), TimeSource::system());
    // Nobody writes to the pipe, so a guest that reads from it waits.
    let (reader, writer) = std::io::pipe().unwrap();
    let builder = WasiCtx::builder()
        .stdin(Box::new(HostStream::inherit(&reader).unwrap()))
        .stdout(Box::new(Capture::new()))
        .preopen("host", host())
        .preopen("overlay", Box::new(overlay.dir()))
        .preopen("memory", Box::new(MemoryDir::new(quota, TimeSource::system())))
        .limits(wasi_core::Limits { output: 200_000, open_files: 40, ..wasi_core::Limits::default() });
    (builder, writer)
}

fn instance(module: &Module<()>, builder: WasiCtxBuilder, limits: InstanceLimits) -> Instance<()> {
    module.instantiate(builder.build().unwrap(), (), limits).unwrap()
}

fn run(module: &Module<()>, folder: &tempfile::TempDir, end: &str) -> Outcome {
    let (builder, _writer) = world(folder);
    let fuel = if end == "fuel" { 1_000_000 } else { u64::MAX };
    let mut instance = instance(module, builder, InstanceLimits { memory: 8 << 20, fuel });
    let soon = Instant::now() + Duration::from_millis(2);
    let interrupt = instance.wasi().interrupt().clone();
    let (function, from_outside) = match end {
        "fuel" => ("loop", None),
        "terminate" => ("read", Some(thread::spawn(move || interrupt.terminate()))),
        "interrupt" => ("loop", Some(thread::spawn(move || interrupt.interrupt()))),
        other => {
            instance.wasi_mut().set_deadline(Some(match other {
                "loop" | "read" | "poll" => soon,
                // The others end before this.
                _ => soon + Duration::from_mins(10),
            }));
            (other, None)
        }
    };
    let outcome = instance.call(function, &[]).unwrap();
    if let Some(thread) = from_outside {
        thread.join().unwrap();
    }
    outcome
}

/// Returns the resident bytes and the number of open descriptors of this process.
fn held() -> (u64, usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    (kib << 10, fs::read_dir("/proc/self/fd").unwrap().count())
}

#[test]
fn a_thousand_guests_ended_in_every_way_leave_nothing_behind() {
    let _alone = ALONE.lock();
    let module = Module::new(&wat::parse_str(GUEST).unwrap(), Origin::Unknown, NO_FUNCTIONS).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut before = None;
    for (number, (end, fits)) in ENDS.iter().cycle().take(GUESTS).enumerate() {
        let outcome = run(&module, &folder, end);
        assert!(fits(&outcome), "guest {number}: {end} ended so: {outcome:?}");
        if number == WARM_UP {
            before = Some(held());
        }
    }
    let (before, after) = (before.unwrap(), held());
    assert_eq!(before.1, after.1, "open descriptors");
    assert!(after.0 <= before.0 + SLACK, "{} MiB became {} MiB", before.0 >> 20, after.0 >> 20);
}

#[test]
fn a_deadline_is_kept_to_a_tenth_of_a_second_wherever_the_guest_is() {
    let _alone = ALONE.lock();
    let module = Module::new(&wat::parse_str(GUEST).unwrap(), Origin::Unknown, NO_FUNCTIONS).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for end in ["loop", "read", "poll", "copy"] {
        let late = || {
            let (builder, _writer) = world(&folder);
            let mut instance = instance(&module, builder, InstanceLimits { memory: 8 << 20, fuel: u64::MAX });
            let deadline = Instant::now() + Duration::from_millis(50);
            instance.wasi_mut().set_deadline(Some(deadline));
            assert_eq!(instance.call(end, &[]).unwrap(), Outcome::Timeout, "{end}");
            Instant::now().duration_since(deadline)
        };
        // The best of a few, because the machine may be busy.
        let best = (0..5).map(|_| late()).min().unwrap();
        assert!(best < Duration::from_millis(100), "{end} ended {best:?} late");
    }
}
