//! Spawns a thousand sandboxes from the snapshot of one warm session, and keeps all of them alive.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Instant;

use python_wasm::{Error, Python};

const COUNT: usize = 1_000;

fn main() -> Result<(), Error> {
    let mut py = Python::builder().build()?;
    py.exec("import json, re, dataclasses\ntable = {n: n * n for n in range(1_000)}\nx = None")?;
    let snapshot = py.snapshot()?;

    let mut times = Vec::new();
    let mut forks = Vec::new();
    for number in 0..COUNT {
        let begun = Instant::now();
        let mut fork = snapshot.spawn()?;
        times.push(begun.elapsed());
        fork.set("x", &number)?;
        forks.push(fork);
    }
    times.sort();
    println!("a fork took {:?} (median)", times[COUNT / 2]);

    // Each fork has its own x. All share the table until one of them changes it.
    for (number, fork) in forks.iter_mut().enumerate() {
        assert_eq!(fork.eval::<usize>("x")?, number);
    }
    forks[7].exec("table[3] = 'changed'")?;
    assert_eq!(forks[7].repr("table[3]")?, "'changed'");
    assert_eq!(forks[8].repr("table[3]")?, "9");
    assert_eq!(py.repr("x")?, "None");
    println!("{COUNT} sandboxes answered, each with its own x");
    Ok(())
}
