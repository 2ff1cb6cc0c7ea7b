//! Makes any calls with any arguments on every back end: none may panic, leave the folder, leak a descriptor
//! or exceed the quota.
#![no_main]

use std::cell::RefCell;
use std::fs;
use std::os::unix::net::UnixStream;
use std::time::{Instant, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use wasi_core::clock::FixedClock;
use wasi_core::fs::stdio::{Capture, Input};
use wasi_core::fs::{Device, HostDir, MemoryDir, Overlay, Quota, ReadOnly, StreamSocket, TimeSource};
use wasi_core::random::SeededRandom;
use wasi_core::{Limits, WasiCtx};
use wasi_core_fuzz::{Calls, make, memory, populate};

const BYTES: u64 = 1 << 20;
const FILES: u64 = 100;

/// A folder with a canary beside it, which all runs share.
struct World {
    scratch: tempfile::TempDir,
    descriptors: usize,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

impl World {
    fn new() -> Self {
        let scratch = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        fs::write(scratch.path().join("canary"), "canary").unwrap();
        Self { scratch, descriptors: 0 }
    }

    fn prepare(&self) -> std::path::PathBuf {
        let granted = self.scratch.path().join("granted");
        match fs::remove_dir_all(&granted) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => populate(&granted).unwrap(),
        }
        granted
    }

    fn check(&mut self, quota: &Quota) {
        let beside = fs::read_dir(self.scratch.path()).unwrap().count();
        assert_eq!(beside, 2, "something was made or removed outside");
        assert_eq!(fs::read(self.scratch.path().join("canary")).unwrap(), b"canary");
        let (bytes, files) = quota.used();
        assert!(bytes <= BYTES && files <= FILES, "{bytes} bytes and {files} files");
        let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        if self.descriptors == 0 {
            self.descriptors = open;
        }
        assert_eq!(open, self.descriptors, "a descriptor of the host was kept");
    }
}

fn run(world: &mut World, bytes: &[u8]) {
    let granted = world.prepare();
    let quota = Quota::new(BYTES, FILES);
    let host = || Box::new(HostDir::open_ambient(&granted, quota.clone()).unwrap());
    let memory_dir = MemoryDir::new(quota.clone(), TimeSource::fixed(7));
    memory_dir.add_device("null", Device::Null).unwrap();
    memory_dir.add_device("random", Device::random(SeededRandom::new(1))).unwrap();
    memory_dir.add_file("a", "text").unwrap();
    let overlay = Overlay::new(host(), quota.clone(), TimeSource::fixed(7));
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let mut calls = Calls::new(bytes);
    let mut ctx = WasiCtx::builder()
        .args(["program", "argument"])
        .env("KEY", "value")
        .stdin(Box::new(Input::new(b"input")))
        .stdout(Box::new(Capture::new()))
        .preopen("host", host())
        .preopen("memory", Box::new(memory_dir))
        .preopen("overlay", Box::new(overlay.dir()))
        .preopen("read-only", Box::new(ReadOnly::new(host())))
        .socket(Box::new(StreamSocket::new(ours).unwrap()))
        .clock(Box::new(FixedClock::new(UNIX_EPOCH)))
        .random(Box::new(SeededRandom::new(u64::from(calls.byte()))))
        .limits(Limits { open_files: 20, output: 10_000, ..Limits::default() })
        .build()
        .unwrap();
    let mut memory = memory();
    for call in calls {
        // The deadline has passed already, so that no call waits.
        ctx.set_deadline(Some(Instant::now()));
        let _errno_or_stop = make(&call, &mut ctx, &mut memory);
    }
    let _listed = overlay.diff();
    drop((ctx, overlay));
    world.check(&quota);
}

fuzz_target!(|bytes: &[u8]| {
    WORLD.with_borrow_mut(|world| run(world.get_or_insert_with(World::new), bytes));
});
