//! `bench fork`: the cost of starting sandboxes from snapshots, keeping them, and dropping them.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use python_wasm::{Error, Mount, MountError, Pool, Python, Snapshot};

use crate::process::private_memory;
use crate::statistics::summarise;

/// Options of `bench fork`.
#[derive(Debug, Args)]
pub(crate) struct Fork {
    /// How often each operation is measured
    #[arg(long, value_name = "N", default_value = "200", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How many sandboxes are kept alive at once
    #[arg(long, value_name = "N", default_value = "1000")]
    live: u32,

    /// How many snapshots are held at once
    #[arg(long, value_name = "N", default_value = "10000", value_parser = clap::value_parser!(u32).range(1..))]
    held: u32,

    /// How many sandboxes are made and dropped, to show that nothing leaks
    #[arg(long, value_name = "N", default_value = "10000")]
    dropped: u32,

    /// A folder with sympy, to fork a session that has imported it
    #[arg(long, value_name = "DIR")]
    sympy: Option<PathBuf>,
}

/// Measures everything and prints a line for each figure.
pub(crate) fn run(options: &Fork, out: &mut impl Write) -> Result<(), ForkError> {
    times(options, out)?;
    if let Some(folder) = &options.sympy {
        let mut py =
            Python::builder().mount("/site", Mount::read_only(folder)?).env("PYTHONPATH", "/site").build()?;
        py.exec("import sympy; x = sympy.Symbol('x')")?;
        py.fork()?;
        row(out, "fork of a session with sympy", &timed(options.rounds, || py.fork())?)?;
    }
    sizes(options, out)?;
    many(options, out)?;
    Ok(())
}

/// The reason why the benchmark ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForkError {
    #[error(transparent)]
    Python(#[from] Error),
    #[error(transparent)]
    Folder(#[from] MountError),
    #[error("sandbox {number} answered {answer}")]
    MixedUp { number: usize, answer: usize },
    #[error(transparent)]
    Print(#[from] io::Error),
}

fn times(options: &Fork, out: &mut impl Write) -> Result<(), ForkError> {
    let rounds = options.rounds;
    let mut py = Python::builder().build()?;
    py.exec("pass")?;
    let prepared = py.snapshot()?;
    prepared.spawn()?;
    row(out, "spawn, a slot is there", &timed(rounds, || prepared.spawn())?)?;
    let mut kept = Vec::new();
    let mut made = Vec::new();
    for _ in 0..rounds.min(100) {
        let start = Instant::now();
        kept.push(prepared.spawn()?);
        made.push(start.elapsed());
    }
    row(out, "spawn, the slot is made", &made)?;
    drop(kept);
    row(out, "spawn and the first `pass`", &timed(rounds, || prepared.spawn()?.exec("pass"))?)?;
    py.exec("import json, re, dataclasses\nrows = [{'n': n} for n in range(100)]")?;
    row(out, "snapshot of a warm session", &timed(rounds, || py.snapshot())?)?;
    row(out, "fork of a warm session", &timed(rounds, || py.fork())?)?;
    py.exec("x = 1")?;
    let small = py.snapshot()?;
    row(out, "spawn from that snapshot", &timed(rounds, || small.spawn())?)?;
    row(out, "going back to it", &timed(rounds, || py.restore(&small))?)?;
    let pool = Pool::new(small, 8)?;
    let mut out_of_pool = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        let sandbox = pool.checkout()?;
        out_of_pool.push(start.elapsed());
        drop(sandbox);
        // A server does other work between two checkouts.
        std::thread::sleep(Duration::from_millis(1));
    }
    row(out, "checkout from a pool", &out_of_pool)?;
    large(options, out)
}

/// Measures a checkpoint, as the prompt takes one, and a snapshot, after a block that changed much memory. In
/// CPU time of this thread, which does not depend on other programs.
fn large(options: &Fork, out: &mut impl Write) -> Result<(), ForkError> {
    let change = "for at in range(0, len(big), 4096): big[at] = big[at] + 1 & 255";
    let replace = "big = bytearray(b'%03d.' % (big[1] % 10 * 10 + 11)) * 10_000_000";
    for (what, block) in [("10,000 pages were changed", change), ("40 MB are new", replace)] {
        for (kind, take) in [
            ("a checkpoint", Python::checkpoint as fn(&mut Python) -> Result<Snapshot, Error>),
            ("a snapshot", Python::snapshot),
        ] {
            let mut py = Python::builder().build()?;
            py.exec("big = bytearray(40_000_000)")?;
            let mut kept = take(&mut py)?;
            let (mut first, mut again) = (Vec::new(), Vec::new());
            for _ in 0..options.rounds.min(20) {
                py.exec(block)?;
                for times in [&mut first, &mut again] {
                    let start = cpu_time();
                    let next = take(&mut py)?;
                    times.push(cpu_time().saturating_sub(start));
                    kept = next;
                }
            }
            drop(kept);
            row(out, &format!("{kind} when {what}"), &first)?;
            row(out, "one more, of the same", &again)?;
        }
    }
    Ok(())
}

/// Returns the CPU time that this thread has used.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn sizes(options: &Fork, out: &mut impl Write) -> Result<(), ForkError> {
    let mut py = Python::builder().build()?;
    py.exec("pass")?;
    let prepared = py.snapshot()?.settled()?;
    let per = |count: u32, before: u64| {
        private_memory("self").saturating_sub(before) / u64::from(count.max(1)) / 1024
    };
    drop((0..64).map(|_| prepared.spawn()).collect::<Result<Vec<_>, _>>()?);
    let before = private_memory("self");
    let idle = (0..options.live).map(|_| prepared.spawn()).collect::<Result<Vec<_>, _>>()?;
    writeln!(
        out,
        "{:>10} KiB  private memory of an idle sandbox ({} alive)",
        per(options.live, before),
        options.live
    )?;
    drop(idle);
    py.exec("x = 1")?;
    writeln!(out, "{:>10} B    a snapshot after `x = 1`", py.snapshot()?.size())?;
    let before = private_memory("self");
    let held = (0..options.held)
        .map(|n| {
            py.set("x", &n)?;
            py.snapshot()
        })
        .collect::<Result<Vec<Snapshot>, _>>()?;
    writeln!(out, "{:>10} KiB  each of {} snapshots held", per(options.held, before), options.held)?;
    let spawned = timed(options.rounds, || held[held.len() / 2].spawn())?;
    row(out, "spawn from one of them", &spawned)
}

/// Keeps many sandboxes with different states alive, and shows what is left after they are dropped.
fn many(options: &Fork, out: &mut impl Write) -> Result<(), ForkError> {
    let mut py = Python::builder().build()?;
    py.exec("x = 0")?;
    let snapshot = py.snapshot()?.settled()?;
    let before = private_memory("self");
    let mut alive = Vec::new();
    for number in 0..options.live {
        let mut sandbox = snapshot.spawn()?;
        sandbox.set("x", &number)?;
        alive.push(sandbox);
    }
    for (number, sandbox) in alive.iter_mut().enumerate() {
        let x: usize = sandbox.eval("x")?;
        if x != number {
            return Err(ForkError::MixedUp { number, answer: x });
        }
    }
    let all = private_memory("self").saturating_sub(before) >> 20;
    writeln!(out, "{all:>10} MiB  {} sandboxes alive, each of which answered with its own x", options.live)?;
    drop(alive);
    let (descriptors, mappings, before) = (count("/proc/self/fd"), mappings(), private_memory("self"));
    for _ in 0..options.dropped {
        snapshot.spawn()?.exec("x = 1")?;
    }
    writeln!(
        out,
        "after {} more: {} -> {} descriptors, {mappings} -> {} mappings, {} -> {} MiB private",
        options.dropped,
        descriptors,
        count("/proc/self/fd"),
        self::mappings(),
        before >> 20,
        private_memory("self") >> 20,
    )?;
    Ok(())
}

fn timed<T>(rounds: u32, mut act: impl FnMut() -> Result<T, Error>) -> Result<Vec<Duration>, ForkError> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        let made = act()?;
        times.push(start.elapsed());
        drop(made);
    }
    Ok(times)
}

fn row(out: &mut impl Write, what: &str, times: &[Duration]) -> Result<(), ForkError> {
    let milliseconds: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    if let Some(summary) = summarise(&milliseconds) {
        let spread = summary.spread.map_or(String::new(), |spread| format!(" ±{:.0} %", spread * 100.0));
        writeln!(out, "{:>10.3} ms   {what} (median of {}{spread})", summary.median, times.len())?;
    }
    Ok(())
}

fn mappings() -> usize {
    fs::read_to_string("/proc/self/maps").unwrap_or_default().lines().count()
}

fn count(folder: &str) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}
