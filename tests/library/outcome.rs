//! Reads the outcome of a module from the output of `python -m test -v`.

use std::collections::BTreeSet;

/// The number of tests in a module, and how many of them were skipped.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) run: usize,
    pub(crate) skipped: usize,
}

/// Returns what did not pass: empty if the module passed, `skipped` if all of it was skipped, the dotted name of
/// each failed test, `cannot be imported`, `environment changed` if it did not clean up, and `status N` if the
/// run ended early.
pub(crate) fn outcome(status: Option<i32>, output: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = output.lines().filter_map(failed).map(str::to_owned).collect();
    if summary(output, "Total test files:", "env_changed").is_some() {
        found.insert("environment changed".to_owned());
    }
    let files = |key| summary(output, "Total test files:", key);
    match files("run") {
        // The run ended early: failures up to then do not count.
        None => BTreeSet::from([match status {
            Some(status) => format!("status {status}"),
            None => "a signal".to_owned(),
        }]),
        Some(all) if all == files("skipped").unwrap_or(0) + files("resource_denied").unwrap_or(0) => {
            BTreeSet::from(["skipped".to_owned()])
        }
        Some(_) if found.is_empty() && status != Some(0) => BTreeSet::from(["cannot be imported".to_owned()]),
        Some(_) => found,
    }
}

/// Returns the counts of one run.
pub(crate) fn counts(output: &str) -> Counts {
    let number = |key| summary(output, "Total tests:", key).unwrap_or(0);
    Counts { run: number("run"), skipped: number("skipped") }
}

/// Returns a number of a summary: 7 for the key `run` of `Total tests: run=1,000/7 skipped=3`.
fn summary(output: &str, line: &str, key: &str) -> Option<usize> {
    let line = output.lines().rev().find_map(|found| found.strip_prefix(line))?;
    let value = line.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))?;
    let value = value.rsplit('/').next().unwrap_or_default();
    value.replace(',', "").parse().ok()
}

/// Returns the test that a line names, such as `FAIL: test_x (test.test_y.Class.test_x) (i=1)` or `ERROR: setUpClass (test.test_y.Class)`.
fn failed(line: &str) -> Option<&str> {
    let test = line.strip_prefix("FAIL: ").or_else(|| line.strip_prefix("ERROR: "))?;
    let (name, rest) = test.split_once(" (").unwrap_or((test, ""));
    let path = rest.split(')').next().unwrap_or_default();
    Some(if path.starts_with("test.") { path } else { name })
}
