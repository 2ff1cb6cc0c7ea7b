//! `bench call`: the cost of a request to a warm sandbox, and of the functions that its program calls.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use clap::Args;
use python_wasm::{Caller, Engine, Error, Python, Raise};

use crate::statistics::summarise;

/// Options of `bench call`.
#[derive(Debug, Args)]
pub(crate) struct Call {
    /// How often each request is made
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How many functions of the host a program calls in a row
    #[arg(long, value_name = "N", default_value = "2000", value_parser = clap::value_parser!(u32).range(1..))]
    functions: u32,
}

/// The reason why the benchmark ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error(transparent)]
    Python(#[from] Error),
    #[error("{0} answered {1}")]
    Wrong(&'static str, i64),
    #[error(transparent)]
    Print(#[from] io::Error),
}

/// Measures every engine that this build has and prints a line for each figure.
pub(crate) fn run(options: &Call, out: &mut impl Write) -> Result<(), CallError> {
    for engine in [Engine::Wasmi, Engine::Native] {
        if engine.is_available() {
            writeln!(out, "{}", if engine == Engine::Native { "native" } else { "wasmi" })?;
            measure(engine, options, out)?;
        }
    }
    Ok(())
}

fn measure(engine: Engine, options: &Call, out: &mut impl Write) -> Result<(), CallError> {
    let mut py = Python::builder()
        .engine(engine)
        .function("increased", |n: i64| Ok::<_, Raise>(n + 1))
        .function_with_caller("increased_by_caller", |_: &Caller, n: i64| Ok::<_, Raise>(n + 1))
        .build()?;
    py.exec("from host import increased, increased_by_caller\ndef same(n):\n    return n")?;
    let fuel = py.exec("x = 1")?.stats.fuel;
    writeln!(out, "{fuel:>10} units of fuel for exec(\"x = 1\")")?;

    let rounds = options.rounds;
    row(out, "exec(\"x = 1\")", &timed(rounds, || py.exec("x = 1").map(drop))?)?;
    let mut number = 0;
    let mut new_source = || {
        number += 1;
        py.exec(&format!("x = {number}")).map(drop)
    };
    row(out, "exec of a line that is new", &timed(rounds, &mut new_source)?)?;
    row(out, "exec of ten lines", &timed(rounds, || py.exec(TEN_LINES).map(drop))?)?;
    row(out, "eval(\"1 + 1\")", &timed(rounds, || check("eval", py.eval("1 + 1")?, 2))?)?;
    row(out, "call(\"same\", 2)", &timed(rounds, || check("call", py.call("same", (2,))?, 2))?)?;
    row(out, "set(\"x\", 1)", &timed(rounds, || py.set("x", &1))?)?;

    let calls = options.functions;
    for name in ["increased", "increased_by_caller"] {
        let program = format!("n = 0\nfor _ in range({calls}): n = {name}(n)");
        py.exec(&program)?;
        let start = Instant::now();
        py.exec(&program)?;
        let second = f64::from(calls) / start.elapsed().as_secs_f64();
        check(name, py.eval("n")?, calls.into())?;
        writeln!(out, "{second:>10.0} a second: calls of {name}")?;
    }
    Ok(())
}

const TEN_LINES: &str = "
total = 0
rows = [{'n': n, 'square': n * n} for n in range(10)]
for row in rows:
    if row['n'] % 2:
        total += row['square']
    else:
        total -= row['n']
text = ', '.join(str(row['n']) for row in rows)
print(total, text)
";

fn check(what: &'static str, answer: i64, right: i64) -> Result<(), CallError> {
    if answer == right { Ok(()) } else { Err(CallError::Wrong(what, answer)) }
}

fn timed<E>(rounds: u32, mut act: impl FnMut() -> Result<(), E>) -> Result<Vec<Duration>, E> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        act()?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn row(out: &mut impl Write, what: &str, times: &[Duration]) -> io::Result<()> {
    let microseconds: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
    if let Some(summary) = summarise(&microseconds) {
        writeln!(out, "{:>10.1} µs   {what} (median of {})", summary.median, times.len())?;
    }
    Ok(())
}
