//! `bench run`: the collection of benchmarks, one process per benchmark.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::failure::Failure;
use crate::interleave::interleave;
use crate::interrupt::Interrupt;
use crate::process::{self, Outcome};
use crate::python::Python;
use crate::results::{Column, Metric, Results, Sample, cost};

/// Returns the folder of the collection's sources, which is part of this crate.
pub(crate) fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/collection"))
}

/// What to measure, and how.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The share of the full work that each benchmark does: above 0, at most 1.
    pub(crate) scale: f64,
    /// Only benchmarks whose name contains this; empty for all.
    pub(crate) only: String,
    pub(crate) rounds: u32,
    /// The time limit for each process.
    pub(crate) limit: Duration,
}

/// The output of `all.py --list --json-lines`.
#[derive(Debug, Deserialize)]
struct Listing {
    implementation: String,
    version: String,
    names: Vec<String>,
}

/// A line of `all.py --json-lines`, for one benchmark.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Time { name: String, ms: f64 },
    Error { name: String, error: String },
}

/// Asks each Python for its list of benchmarks, then measures all of them.
pub(crate) fn run(pythons: &[Python], plan: &Plan, interrupt: &Interrupt) -> Results {
    let mut names = Vec::new();
    let columns = pythons
        .iter()
        .map(|python| {
            let listing = list(python, plan, interrupt);
            let about = listing.map(|listing| {
                let about = format!("{} {}", listing.implementation, listing.version);
                names = listing.names;
                about
            });
            Column { label: python.label.clone(), command_line: python.command_line(), about }
        })
        .collect();
    let mut results = Results::new(names.clone(), columns, plan.rounds, Some(plan.scale));
    interleave(&mut results, interrupt, |row, column| {
        measure(&pythons[column], &names[row], plan, interrupt)
    });
    // An interrupt may also have come while the Pythons were asked for their versions.
    results.interrupted = interrupt.is_set();
    results
}

fn list(python: &Python, plan: &Plan, interrupt: &Interrupt) -> Result<Listing, Failure> {
    let finished = all_py(python, &["--list", "--json-lines", "--only", &plan.only], plan, interrupt)?;
    if !finished.status.success() {
        return Err(Failure::crashed(&finished));
    }
    find_line(&finished.stdout).ok_or_else(|| Failure::garbled("list of benchmarks", &finished))
}

fn measure(python: &Python, name: &str, plan: &Plan, interrupt: &Interrupt) -> Result<Sample, Failure> {
    let scale = plan.scale.to_string();
    let arguments = ["--json-lines", "--scale", &scale, "--only", name];
    let finished = all_py(python, &arguments, plan, interrupt)?;
    let time = time_of(name, &finished)?;
    let mut sample = cost(finished.usage);
    sample.insert(Metric::Time, time);
    Ok(sample)
}

/// Returns the time that the process reported. It counts only if the process ended well.
fn time_of(name: &str, finished: &Outcome) -> Result<f64, Failure> {
    match find_line(&finished.stdout) {
        Some(Line::Error { name: of, error }) if of == name => Err(Failure::reported(&error)),
        _ if !finished.status.success() => Err(Failure::crashed(finished)),
        Some(Line::Time { name: of, ms }) if of == name && ms.is_finite() && ms >= 0.0 => Ok(ms),
        _ => Err(Failure::garbled("time", finished)),
    }
}

/// Returns the first line that is such a JSON object: a Python may print other lines, too.
fn find_line<'a, T: Deserialize<'a>>(stdout: &'a str) -> Option<T> {
    stdout.lines().find_map(|line| serde_json::from_str(line).ok())
}

fn all_py(
    python: &Python,
    arguments: &[&str],
    plan: &Plan,
    interrupt: &Interrupt,
) -> Result<Outcome, Failure> {
    let script: PathBuf = folder().join("all.py");
    let mut command = python.command(folder(), &[&script.to_string_lossy()]);
    command.args(arguments);
    Ok(process::run(&mut command, plan.limit, interrupt)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;
    use crate::process::Usage;

    fn time(stdout: &str, stderr: &str, code: i32) -> Result<f64, String> {
        let finished = Outcome {
            status: ExitStatus::from_raw(code << 8),
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
            usage: Usage { wall: Duration::ZERO, cpu: Duration::ZERO, peak_memory: 0 },
        };
        time_of("fib/recursive", &finished).map_err(|failure| failure.to_string())
    }

    fn error(message: &str) -> Result<f64, String> {
        Err(message.to_owned())
    }

    #[test]
    fn a_time_is_read_from_among_other_lines() {
        let stdout = "hello\n{\"name\": \"fib/recursive\", \"ms\": 1.25}\nbye\n";
        assert_eq!(time(stdout, "", 0), Ok(1.25));
    }

    #[test]
    fn a_wrong_answer_has_no_time() {
        let stdout = r#"{"name": "fib/recursive", "error": "WrongAnswer: 1 instead of 2"}"#;
        assert_eq!(time(stdout, "", 1), error("WrongAnswer: 1 instead of 2"));
    }

    #[test]
    fn a_crash_after_the_time_takes_it_away() {
        let stdout = r#"{"name": "fib/recursive", "ms": 1.25}"#;
        assert_eq!(
            time(stdout, "Traceback\nMemoryError\n\n", 1),
            error("ended with exit status: 1: MemoryError")
        );
    }

    #[test]
    fn the_time_of_another_benchmark_does_not_count() {
        let stdout = r#"{"name": "fib/other", "ms": 1.25}"#;
        assert!(time(stdout, "", 0).unwrap_err().starts_with("printed no time: "));
    }

    #[test]
    fn silence_and_impossible_times_are_failures() {
        assert_eq!(time("", "", 0), error("printed no time"));
        for ms in ["-1", "1e999", "null", "\"1\""] {
            let stdout = format!("{{\"name\": \"fib/recursive\", \"ms\": {ms}}}");
            assert!(time(&stdout, "", 0).unwrap_err().starts_with("printed no time"), "{ms}");
        }
    }
}
