//! Senseless arguments: whatever a guest passes, the host does not panic, wait or leave the folder.

use std::time::UNIX_EPOCH;

use rand::rngs::ChaCha20Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use wasi_core::clock::FixedClock;
use wasi_core::fs::stdio::Input;
use wasi_core::fs::{Dir, MemoryDir, Quota, TimeSource};
use wasi_core::random::SeededRandom;
use wasi_core::{Limits, WasiCtx, preview1};

use crate::guest::Guest;

/// Numbers at the limits of checks, and small ones, which are often valid.
const INTERESTING: [u64; 24] = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    16,
    24,
    64,
    255,
    1024,
    4096,
    60_000,
    65_528,
    65_535,
    65_536,
    0x7fff_ffff,
    0xffff_fffe,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

const PATHS: [&str; 14] =
    ["a", "b", "d", "d/a", "d/..", "../a", "./d/./b", "a/", "d/../../x", "l", "l/a", ".", "..", "e/f/g"];

fn run(seed: u64, folder: Box<dyn Dir>, quota: &Quota) {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let builder = WasiCtx::builder()
        .args(["a", "b"])
        .env("K", "v")
        .stdin(Box::new(Input::new(b"input")))
        .preopen("/folder", folder)
        .preopen("/memory", Box::new(MemoryDir::new(quota.clone(), TimeSource::fixed(0))))
        .clock(Box::new(FixedClock::new(UNIX_EPOCH)))
        .random(Box::new(SeededRandom::new(seed)))
        .limits(Limits { open_files: 12, output: u64::MAX, ..Limits::default() });
    let mut guest = Guest::new(builder);
    let mut paths: Vec<[u64; 2]> = PATHS.iter().map(|path| guest.put(path.as_bytes())).collect();
    paths.push(guest.put(b"nul\0nul"));
    paths.push(guest.put(b"\xff\xfe"));
    let iovecs = guest.iovecs(&[5, 0, 300]).0;

    for _ in 0..1000 {
        let function = preview1::FUNCTIONS.choose(&mut random).unwrap();
        let mut arguments: Vec<u64> = Vec::new();
        while arguments.len() < function.params.len() {
            match random.random_range(0..4) {
                0 => arguments.extend(paths.choose(&mut random).unwrap()),
                1 => arguments.extend(iovecs),
                2 => arguments.push(random.random_range(0..8)),
                _ => arguments.push(*INTERESTING.choose(&mut random).unwrap()),
            }
        }
        arguments.truncate(function.params.len());
        // Any outcome is right, as long as the call returns.
        let _outcome = guest.raw(function.name, &arguments);
    }

    let (bytes, files) = quota.used();
    assert!(bytes <= 1 << 20 && files <= 200, "seed {seed} is over its quota: {bytes} bytes, {files} files");
}

fn quota() -> Quota {
    Quota::new(1 << 20, 200)
}

#[cfg(feature = "host")]
#[test]
fn twenty_thousand_random_calls_end_without_a_panic_inside_of_the_folder() {
    for seed in 0..20 {
        let (outer, quota) = (tempfile::tempdir().unwrap(), quota());
        let folder = outer.path().join("granted");
        std::fs::create_dir(&folder).unwrap();
        let dir = wasi_core::fs::HostDir::open_ambient(&folder, quota.clone()).unwrap();
        run(seed, Box::new(dir), &quota);
        let beside: Vec<_> =
            std::fs::read_dir(outer.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(beside, ["granted"], "seed {seed} left the folder");
    }
}

#[test]
fn twenty_thousand_random_calls_in_memory_end_without_a_panic() {
    for seed in 0..20 {
        let quota = quota();
        run(seed, Box::new(MemoryDir::new(quota.clone(), TimeSource::fixed(0))), &quota);
    }
}
