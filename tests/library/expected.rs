//! Reads `expected.txt`, the expected failures of CPython's own tests.

use std::collections::{BTreeMap, BTreeSet};

/// The expected failures of a module.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// The outcome that a run must have: see [`crate::outcome`].
    pub(crate) outcome: BTreeSet<String>,
    /// Tests that are left out because they would end the whole run.
    pub(crate) left_out: Vec<String>,
}

/// Reads lines of three columns: a module, what does not pass in it, and the reason. Skips empty lines and
/// comments (`#`).
///
/// # Errors
/// Describes the first invalid line.
pub(crate) fn read(text: &str) -> Result<BTreeMap<String, Expected>, String> {
    let mut modules: BTreeMap<String, Expected> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let [module, what, reason] = line.splitn(3, '|').map(str::trim).collect::<Vec<_>>()[..] else {
            return Err(format!("line {}: it must have three columns: module | what | reason", number + 1));
        };
        if reason.is_empty() {
            return Err(format!("line {}: it has no reason", number + 1));
        }
        let expected = modules.entry(module.to_owned()).or_default();
        let fresh = if let Some(test) = what.strip_prefix("left out ") {
            expected.left_out.push(test.to_owned());
            true
        } else {
            expected.outcome.insert(what.to_owned())
        };
        if !fresh {
            return Err(format!("line {}: it is a repetition", number + 1));
        }
    }
    Ok(modules)
}
