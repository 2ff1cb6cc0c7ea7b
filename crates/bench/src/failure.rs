//! The reasons why a figure is missing, each in one line.

use std::process::ExitStatus;

use crate::process::{Outcome, ProcessError};

/// Longer lines, in characters, are cut.
const MAX_LINE: usize = 300;

/// The reason why a Python has no figure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("ended with {status}{}", because(last_words))]
    Crashed { status: ExitStatus, last_words: String },
    /// An error that the collection reported, such as a wrong answer.
    #[error("{0}")]
    Reported(String),
    /// A peer of `bench peers` has no such thing, for this reason.
    #[error("{0}")]
    Absent(String),
    #[error("printed no {expected}{}", because(last_words))]
    Garbled { expected: &'static str, last_words: String },
}

impl Failure {
    /// Returns the failure of a child that ended badly, with its status and last line.
    pub(crate) fn crashed(finished: &Outcome) -> Self {
        Self::Crashed { status: finished.status, last_words: last_words(finished) }
    }

    /// Returns the failure of a child that ended well but did not print what was expected.
    pub(crate) fn garbled(expected: &'static str, finished: &Outcome) -> Self {
        Self::Garbled { expected, last_words: last_words(finished) }
    }

    /// Returns a failure that a program reported, as one line.
    pub(crate) fn reported(message: &str) -> Self {
        Self::Reported(one_line(message))
    }

    /// Whether the user interrupted the measurement.
    pub(crate) fn is_interrupt(&self) -> bool {
        matches!(self, Self::Process(ProcessError::Interrupted))
    }
}

/// Returns the last line of the output: in a traceback it names the error.
fn last_words(finished: &Outcome) -> String {
    [&finished.stderr, &finished.stdout]
        .iter()
        .find_map(|text| text.lines().rev().find(|line| !line.trim().is_empty()))
        .map(one_line)
        .unwrap_or_default()
}

fn because(last_words: &str) -> String {
    if last_words.is_empty() { String::new() } else { format!(": {last_words}") }
}

/// Returns the text as one line of limited length, without control characters, which could move the cursor.
fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_one_line_without_control_characters() {
        assert_eq!(one_line("  a\n\tb\u{1b}[31mc\r\n"), "a b [31mc");
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let line = one_line(&"é".repeat(1000));
        assert_eq!(line.chars().count(), MAX_LINE + 1);
        assert!(line.ends_with('…'));
    }
}
