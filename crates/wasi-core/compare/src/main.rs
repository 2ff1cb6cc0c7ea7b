//! Makes the same calls in wasi-core and in wasmtime, each in a new folder of the host, and compares errnos,
//! bytes and the tree at the end. [`differences`] lists those that have a reason.
//!
//! `cargo run --release --manifest-path crates/wasi-core/compare/Cargo.toml [PLANS [SEED]]` runs that many
//! plans from that seed on. A single plan is shown call by call.

mod differences;
#[path = "../../fuzz/src/plans.rs"]
mod plans;
mod sides;

use std::collections::BTreeMap;
use std::process::ExitCode;

use differences::{NOT_COMPARED, reason};
use plans::{Call, Calls};
use sides::{Ours, Outcome, Theirs, tree};
use wasi_core::random::{Random as _, SeededRandom};
use wasmtime::Result;

/// The outcome of all plans.
#[derive(Default)]
struct Tally {
    calls: u64,
    successes: u64,
    /// How often each reason for a difference applied.
    justified: BTreeMap<&'static str, u64>,
    /// Differences without a reason: how often each occurred, and its first example.
    open: BTreeMap<String, (u64, String)>,
}

/// Returns the bytes of a plan, which are read as up to about forty calls.
fn plan(seed: u64) -> Vec<u8> {
    let mut random = SeededRandom::new(seed);
    let mut len = [0; 2];
    random.fill(&mut len).unwrap();
    let mut bytes = vec![0; 16 + usize::from(u16::from_le_bytes(len)) % 400];
    random.fill(&mut bytes).unwrap();
    bytes
}

/// Makes the calls of one plan on both sides until they differ.
fn run(theirs: &sides::Wasmtime, seed: u64, shown: bool, tally: &mut Tally) -> Result<()> {
    let folders = [tempfile::tempdir_in("/dev/shm")?, tempfile::tempdir_in("/dev/shm")?];
    let mut ours = Ours::new(folders[0].path());
    let mut theirs = Theirs::new(theirs, folders[1].path())?;
    for call in Calls::new(&plan(seed)) {
        let name = call.function.name;
        if NOT_COMPARED.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let before = ours.memory.clone();
        let stream = call.arguments.first().is_some_and(|&fd| ours.is_stream(fd));
        let (mine, other) = (ours.make(&call), theirs.make(&call));
        if shown {
            println!("{call}: {mine}, wasmtime {other}");
        }
        tally.calls += 1;
        tally.successes += u64::from(mine == Outcome::Errno(0) && other == mine);
        let bytes_differ =
            mine == other && mine == Outcome::Errno(0) && !theirs.same_bytes(&call, &ours.memory, &before);
        if mine != other || bytes_differ {
            note(tally, seed, &call, stream, mine, other);
            // The plan ends if only one side did something, because everything after it would differ, and if
            // the guest ended. It goes on if both refused, or if the call only read a clock.
            let done = bytes_differ || [mine, other].contains(&Outcome::Errno(0));
            if other == Outcome::Trap || done && !name.starts_with("clock_") {
                return Ok(());
            }
        }
        // A difference with a reason must not make later calls differ.
        theirs.memory_mut().copy_from_slice(&ours.memory);
    }
    let trees = [tree(folders[0].path())?, tree(folders[1].path())?];
    if trees[0] != trees[1] {
        let example = format!("seed {seed}: {:?} and {:?}", trees[0], trees[1]);
        tally.open.entry("the tree at the end".into()).or_insert((0, example)).0 += 1;
    }
    Ok(())
}

fn note(tally: &mut Tally, seed: u64, call: &Call, stream: bool, ours: Outcome, theirs: Outcome) {
    let name = call.function.name;
    if let Some(reason) = reason(call, stream, ours, theirs) {
        *tally.justified.entry(reason).or_default() += 1;
        return;
    }
    let example = format!("seed {seed}: {call}");
    let what = format!("{name}: {ours}, wasmtime {theirs}");
    tally.open.entry(what).or_insert((0, example)).0 += 1;
}

fn main() -> Result<ExitCode> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let plans: u64 = numbers.next().unwrap_or(10_000);
    let first: u64 = numbers.next().unwrap_or(0);
    let wasmtime = sides::Wasmtime::new()?;
    let mut tally = Tally::default();
    for seed in first..first + plans {
        run(&wasmtime, seed, plans == 1, &mut tally)?;
    }
    println!("{plans} plans, {} calls, {} of which succeeded on both sides", tally.calls, tally.successes);
    for (reason, count) in &tally.justified {
        println!("{count:>8}  {reason}");
    }
    for (what, (count, example)) in &tally.open {
        println!("{count:>8}  NOT JUSTIFIED  {what} ({example})");
    }
    Ok(if tally.open.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
