//! `bench startup`: the cost of a process that starts, does next to nothing, and ends.

use std::str::FromStr;
use std::time::Duration;

use crate::collection;
use crate::failure::Failure;
use crate::interleave::interleave;
use crate::interrupt::Interrupt;
use crate::process::{self, Outcome};
use crate::python::Python;
use crate::results::{Column, Metric, Results, cost};

/// The programs: the least one, the imports of many scripts, and the prompt.
pub(crate) const PROGRAMS: [(&str, Program); 3] = [
    ("pass", Program::Code("pass")),
    ("imports", Program::Code("import json, re, dataclasses, typing, datetime, pathlib")),
    ("prompt", Program::Prompt),
];

#[derive(Clone, Copy, Debug)]
pub(crate) enum Program {
    /// Code, run with `-c`.
    Code(&'static str),
    /// No program: at a terminal, until the first prompt is shown and answered with Ctrl-D.
    Prompt,
}

/// The prompt, and the answer that ends the session.
const CTRL_D: (&str, &str) = (">>> ", "\x04");

/// The metrics, in the order of the report.
pub(crate) const METRICS: [Metric; 3] = [Metric::Cpu, Metric::Wall, Metric::Memory];

const VERSION: &str = "import platform; print(platform.python_implementation(), platform.python_version())";

/// Asks each Python for its version, runs each program once to fill the caches, then measures them. `limit`
/// applies to each process.
pub(crate) fn run(pythons: &[Python], rounds: u32, limit: Duration, interrupt: &Interrupt) -> Results {
    let columns = pythons
        .iter()
        .map(|python| Column {
            label: python.label.clone(),
            command_line: python.command_line(),
            about: version(python, limit, interrupt),
        })
        .collect();
    let names = PROGRAMS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut results = Results::new(names, columns, rounds, None);
    for column in results.live() {
        for (row, (_, program)) in PROGRAMS.iter().enumerate() {
            if let Err(failure) = execute(&pythons[column], *program, limit, interrupt)
                && !failure.is_interrupt()
            {
                results.cell_mut(row, column).failure = Some(failure);
            }
        }
    }
    interleave(&mut results, interrupt, |row, column| {
        let (_, program) = PROGRAMS[row];
        Ok(cost(execute(&pythons[column], program, limit, interrupt)?.usage))
    });
    // An interrupt may also have come while the Pythons were asked for their versions.
    results.interrupted = interrupt.is_set();
    results
}

fn version(python: &Python, limit: Duration, interrupt: &Interrupt) -> Result<String, Failure> {
    let finished = execute(python, Program::Code(VERSION), limit, interrupt)?;
    match finished.stdout.lines().next() {
        Some(line) if !line.trim().is_empty() => Ok(line.trim().to_owned()),
        _ => Err(Failure::garbled("version", &finished)),
    }
}

fn execute(
    python: &Python,
    program: Program,
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<Outcome, Failure> {
    let command = |arguments: &[&str]| python.command(collection::folder(), arguments);
    let finished = match program {
        Program::Code(text) => process::run(&mut command(&["-c", text]), limit, interrupt)?,
        Program::Prompt => process::run_at_terminal(&mut command(&[]), CTRL_D, limit, interrupt)?,
    };
    if finished.status.success() { Ok(finished) } else { Err(Failure::crashed(&finished)) }
}

/// A limit on a median: `NUMBER` for every program or `PROGRAM=NUMBER` for one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gate {
    program: Option<String>,
    limit: f64,
}

/// An invalid gate.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum GateError {
    #[error("no program '{0}': the programs are {list}", list = PROGRAMS.map(|(name, _)| name).join(", "))]
    Program(String),
    #[error("'{0}' is not a number above 0")]
    Number(String),
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let (program, number) = match text.split_once('=') {
            Some((program, number)) => (Some(program), number),
            None => (None, text),
        };
        if let Some(program) = program
            && PROGRAMS.iter().all(|(name, _)| *name != program)
        {
            return Err(GateError::Program(program.to_owned()));
        }
        let limit = number.parse().ok().filter(|limit: &f64| *limit > 0.0 && limit.is_finite());
        let limit = limit.ok_or_else(|| GateError::Number(number.to_owned()))?;
        Ok(Self { program: program.map(str::to_owned), limit })
    }
}

/// Returns a line for each median of `metric` that exceeds a gate. Every Python must pass. `option` is the
/// name of the gates' option.
pub(crate) fn exceeded(results: &Results, metric: Metric, option: &str, gates: &[Gate]) -> Vec<String> {
    let mut lines = Vec::new();
    for gate in gates {
        for (row, name) in results.rows.iter().enumerate() {
            if gate.program.as_ref().is_some_and(|program| program != name) {
                continue;
            }
            for column in results.live() {
                if let Some(summary) = results.summary(row, column, metric)
                    && summary.median > gate.limit
                {
                    lines.push(format!(
                        "{}: {name}: {:.1} {} of {} exceed {option} {}",
                        results.columns[column].label,
                        summary.median,
                        metric.unit(),
                        metric.title(),
                        gate.limit,
                    ));
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::sample;

    fn gate(text: &str) -> Result<Gate, String> {
        text.parse().map_err(|error: GateError| error.to_string())
    }

    #[test]
    fn a_gate_is_for_all_programs_or_for_one() {
        assert_eq!(gate("25"), Ok(Gate { program: None, limit: 25.0 }));
        let one = Gate { program: Some("imports".to_owned()), limit: 60.5 };
        assert_eq!(gate("imports=60.5"), Ok(one));
    }

    #[test]
    fn a_gate_needs_a_known_program_and_a_positive_number() {
        assert_eq!(
            gate("import=1"),
            Err("no program 'import': the programs are pass, imports, prompt".to_owned())
        );
        for number in ["", "0", "-1", "nan", "inf", "x"] {
            assert_eq!(gate(number), Err(format!("'{number}' is not a number above 0")));
        }
    }

    #[test]
    fn only_medians_above_a_gate_exceed_it() {
        let results = sample::results(
            &["python3", "ours"],
            &[("pass", &[Ok(&[15.0]), Ok(&[20.0, 26.0, 30.0])]), ("imports", &[Ok(&[25.0]), Ok(&[60.0])])],
        );
        let exceeded =
            |text: &str| exceeded(&results, Metric::Time, "--max-cpu-ms", &[text.parse().unwrap()]);
        assert_eq!(
            exceeded("25"),
            [
                "ours: pass: 26.0 ms of time exceed --max-cpu-ms 25",
                "ours: imports: 60.0 ms of time exceed --max-cpu-ms 25",
            ]
        );
        assert_eq!(exceeded("pass=26"), Vec::<String>::new());
        assert_eq!(exceeded("imports=59.9").len(), 1);
    }
}
