//! Makes the same calls in a folder of the host, one in memory and an overlay, which must return the same
//! errnos and bytes.
#![no_main]

use std::cell::RefCell;
use std::fs;
use std::time::UNIX_EPOCH;

use libfuzzer_sys::fuzz_target;
use wasi_core::clock::FixedClock;
use wasi_core::fs::stdio::{Capture, Input};
use wasi_core::fs::{Dir, HostDir, MemoryDir, Overlay, Quota, TimeSource};
use wasi_core::random::SeededRandom;
use wasi_core::{Limits, WasiCtx, preview1};
use wasi_core_fuzz::{Call, Calls, make, memory};

thread_local! {
    static SCRATCH: RefCell<Option<tempfile::TempDir>> = const { RefCell::new(None) };
}

/// Calls that are not compared. Listings have another order and other inodes, and are compared at the end,
/// sorted.
const NOT_COMPARED: [&str; 2] = ["fd_readdir", "proc_exit"];

/// One guest on one back end.
struct Side {
    ctx: WasiCtx,
    memory: Vec<u8>,
}

impl Side {
    fn new(dir: Box<dyn Dir>) -> Self {
        let ctx = WasiCtx::builder()
            .stdin(Box::new(Input::new(b"input")))
            .stdout(Box::new(Capture::new()))
            .preopen("dir", dir)
            .clock(Box::new(FixedClock::new(UNIX_EPOCH)))
            .random(Box::new(SeededRandom::new(1)))
            .limits(Limits { open_files: 12, output: u64::MAX, ..Limits::default() })
            .build()
            .unwrap();
        Self { ctx, memory: memory() }
    }

    fn make(&mut self, call: &Call) -> Result<i32, wasi_core::Stop> {
        let outcome = make(call, &mut self.ctx, &mut self.memory);
        let at = call.arguments.last().copied().unwrap_or(0) as usize;
        if call.function.name.ends_with("filestat_get") && outcome == Ok(0) {
            self.clear_what_differs(at);
        }
        outcome
    }

    /// Clears numbers of devices and inodes, and all times. Of a folder, links and size, too.
    fn clear_what_differs(&mut self, at: usize) {
        let Some(stat) = self.memory.get_mut(at..at + 64) else { return };
        stat[..16].fill(0);
        stat[40..].fill(0);
        if stat[16] == 3 {
            stat[24..40].fill(0);
        }
    }

    /// Returns the names below the preopen with their kinds, sorted.
    fn names(&mut self) -> Vec<(Vec<u8>, u8)> {
        let readdir = preview1::function("fd_readdir").unwrap();
        let mut page = vec![0; 1 << 16];
        if readdir.call(&mut self.ctx, &mut page, &[3, 16, 60_000, 0, 0]) != Ok(0) {
            return Vec::new();
        }
        let used = u32::from_le_bytes(page[..4].try_into().unwrap()) as usize;
        let mut rest = &page[16..16 + used];
        let mut names = Vec::new();
        while rest.len() >= 24 {
            let len = u32::from_le_bytes(rest[16..20].try_into().unwrap()) as usize;
            names.push((rest[24..24 + len].to_vec(), rest[20]));
            rest = &rest[24 + len..];
        }
        names.sort();
        names
    }
}

fn run(scratch: &tempfile::TempDir, bytes: &[u8]) {
    let granted = scratch.path().join("granted");
    match fs::remove_dir_all(&granted) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => fs::create_dir_all(&granted).unwrap(),
    }
    let quota = || Quota::new(1 << 20, 50);
    let in_memory = || Box::new(MemoryDir::new(Quota::unlimited(), TimeSource::system()));
    let overlay = Overlay::new(in_memory(), quota(), TimeSource::system());
    let memory_dir = MemoryDir::new(quota(), TimeSource::system());
    let host_dir = HostDir::open_ambient(&granted, quota()).unwrap();
    let mut sides =
        [Side::new(Box::new(host_dir)), Side::new(Box::new(memory_dir)), Side::new(Box::new(overlay.dir()))];
    for call in Calls::new(bytes) {
        let name = call.function.name;
        if NOT_COMPARED.contains(&name) {
            continue;
        }
        let [host, others @ ..] = &mut sides;
        let expected = host.make(&call);
        for (other, which) in others.iter_mut().zip(["memory", "overlay"]) {
            let outcome = other.make(&call);
            assert_eq!(outcome, expected, "{name}{:x?}: {which} and the host", call.arguments);
            assert!(
                other.memory == host.memory,
                "{name}{:x?}: the bytes of {which} and the host",
                call.arguments
            );
        }
    }
    let [host, memory, overlay] = sides.each_mut().map(Side::names);
    assert_eq!(host, memory);
    assert_eq!(host, overlay);
}

fuzz_target!(|bytes: &[u8]| {
    SCRATCH.with_borrow_mut(|scratch| {
        let scratch = scratch.get_or_insert_with(|| {
            tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
        });
        run(scratch, bytes);
    });
});
