//! What an embedder changes between two calls of a guest, or in a fork.

use wasi_core::fs::{Device, MemoryDir, Quota, TimeSource};
use wasi_core::random::{Random, SeededRandom};
use wasi_core::{Limits, Stop, Streams, WasiCtx};

use crate::back_ends::*;
use crate::guest::{Guest, RESULT};

#[test]
fn a_fork_with_a_source_of_its_own_draws_all_randomness_from_it() {
    let dev = MemoryDir::new(Quota::new(0, 0), TimeSource::fixed(0));
    dev.add_device("random", Device::random(SeededRandom::new(7))).unwrap();
    let mut guest = Guest::new(WasiCtx::builder().preopen("/dev", Box::new(dev)));
    let fd = guest.open(ROOT, "random", 0, READ).unwrap();
    let draw = |seed: Option<u64>| {
        let random = seed.map(|seed| Box::new(SeededRandom::new(seed)) as Box<dyn Random>);
        let mut fork = Guest::with(guest.ctx.fork_with_random(Streams::new(), random).unwrap());
        fork.call("random_get", &[30_000, 16]).unwrap();
        [fork.bytes(30_000, 16).to_vec(), fork.read(fd, 16).unwrap()]
    };
    assert_eq!(draw(Some(1)), draw(Some(1)));
    let [seeded, system] = [draw(Some(1)), draw(None)];
    assert!(seeded[0] != system[0] && seeded[1] != system[1]);
}

#[test]
fn output_can_be_allowed_again() {
    let limits = Limits { output: 3, ..Limits::default() };
    let mut guest = Guest::new(WasiCtx::builder().limits(limits));
    guest.write(1, b"123").unwrap();
    guest.ctx.set_output_left(2);
    guest.write(2, b"12").unwrap();
    assert_eq!(guest.ctx.output_left(), 0);
    let ([iovs, count], _) = guest.iovecs(&[1]);
    assert_eq!(guest.raw("fd_write", &[1, iovs, count, RESULT.into()]), Err(Stop::OutputLimit));
}
