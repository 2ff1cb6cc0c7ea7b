//! With a fixed clock and a seed a program is the same program every time, to the unit of fuel.
//!
//! The pinned figures hold for debug and release and for every machine. They change with CPython,
//! its library and the image that it starts from: then the failure tells the new ones.

use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use python_wasm::{Engine, Error, Limits, Mount, Python, PythonBuilder};

const PROGRAM: &str = "
import hashlib, os, random, tempfile, time, uuid
print(random.random(), random.sample(range(100), 3), uuid.uuid4())
print(time.time(), time.ctime(), time.perf_counter() < time.perf_counter())
print(hash('text') == hash('text'), {('a', 1), ('b', 2)} == {('b', 2), ('a', 1)})
time.sleep(3600)
print(time.ctime(), os.urandom(4).hex(), tempfile.mktemp())
with open('/tmp/f', 'w') as f: f.write('x' * 1000)
print([os.stat(path)[:7] for path in ('/tmp', '/tmp/f', '/dev/null', '/data')], sorted(os.listdir('/')))
print(hashlib.sha256(repr([object() for _ in range(3)]).encode()).hexdigest()[:16])
print(sum(i * i for i in range(20_000)), id(object()) > 0)
";

/// What it prints.
const OUTPUT: &str = "\
0.9937092536679856 [10, 49, 40] 1f196f09-cd88-41b7-b0bc-b4f6f653cc98
1000000000.0000011 Sun Sep  9 01:46:40 2001 True
True True
Sun Sep  9 02:46:40 2001 002b1008 /tmp/tmp5m3xmdxz
[(16877, 1, 281474976710658, 1, 0, 0, 0), (33188, 3, 281474976710658, 1, 0, 0, 1000), (8630, 2, 281474976710657, 1, 0, 0, 0), (16877, 1, 281474976710656, 1, 0, 0, 0)] ['data', 'dev', 'home', 'tmp', 'usr']
56fab602762bc484
2666466670000 True
";

/// What it costs on this engine: each has a unit of its own.
fn fuel() -> u64 {
    match Engine::default() {
        Engine::Wasmi => 957_133,
        Engine::Native => 746_269,
    }
}

/// How far a loop gets with 3 and with 6 million units of fuel.
fn reached() -> (u64, u64) {
    match Engine::default() {
        Engine::Wasmi => (187_230, 374_730),
        Engine::Native => (214_110, 428_396),
    }
}

fn deterministic() -> PythonBuilder {
    let moment = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    Python::builder().fixed_clock(moment).seed(7).mount("/data", Mount::memory())
}

/// What the program prints, and what it costs, in a sandbox of its own.
fn run() -> (String, u64) {
    let mut py = deterministic().build().unwrap();
    py.init().unwrap();
    py.take_output();
    let output = py.exec(PROGRAM).unwrap();
    (output.stdout, output.stats.fuel)
}

#[test]
fn output_and_fuel_are_pinned() {
    let (stdout, spent) = run();
    assert_eq!((stdout.as_str(), spent), (OUTPUT, fuel()));
}

#[test]
fn sandboxes_on_other_threads_and_forked_ones_do_the_same() {
    let first = run();
    let mut py = deterministic().build().unwrap();
    let snapshot = py.snapshot().unwrap();
    let forked = || {
        let mut fork = snapshot.spawn().unwrap();
        let output = fork.exec(PROGRAM).unwrap();
        (output.stdout, output.stats.fuel)
    };
    assert_eq!(forked(), forked());
    let threads: Vec<_> = (0..4).map(|_| thread::spawn(run)).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), first);
    }
    assert_eq!(run(), first);
}

#[test]
fn another_seed_is_another_run() {
    let random = |seed| {
        let mut py = Python::builder().seed(seed).build().unwrap();
        py.exec("import random, os").unwrap();
        (py.eval::<f64>("random.random()").unwrap().to_bits(), py.repr("os.urandom(8)").unwrap())
    };
    assert_eq!(random(1), random(1));
    assert_ne!(random(1), random(2));
}

#[test]
fn a_fuel_limit_stops_at_the_same_instruction() {
    let stopped = |fuel| {
        let mut py = deterministic().limits(Limits::default().fuel(fuel)).build().unwrap();
        py.exec("n = 0").unwrap();
        assert!(matches!(py.exec("while True: n += 1"), Err(Error::OutOfFuel)));
        py.get::<u64>("n").unwrap()
    };
    for _ in 0..2 {
        assert_eq!((stopped(3_000_000), stopped(6_000_000)), reached());
    }
}
