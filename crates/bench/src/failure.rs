//! Why there is no figure: always one clear line.

use std::process::ExitStatus;

use crate::process::{Outcome, ProcessError};

/// A line longer than this, in characters, is cut.
const MAX_LINE: usize = 300;

/// Why a Python has no figure for something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("ended with {status}{}", because(last_words))]
    Crashed { status: ExitStatus, last_words: String },
    /// What the collection itself says, a wrong answer among it.
    #[error("{0}")]
    Reported(String),
    #[error("printed no {expected}{}", because(last_words))]
    Garbled { expected: &'static str, last_words: String },
}

impl Failure {
    /// The child ended badly: its status and the last thing that it said.
    pub(crate) fn crashed(finished: &Outcome) -> Self {
        Self::Crashed { status: finished.status, last_words: last_words(finished) }
    }

    /// The child ended well without what it was asked for.
    pub(crate) fn garbled(expected: &'static str, finished: &Outcome) -> Self {
        Self::Garbled { expected, last_words: last_words(finished) }
    }

    /// What a program wrote about its own failure, made one line.
    pub(crate) fn reported(message: &str) -> Self {
        Self::Reported(one_line(message))
    }

    /// Whether the user wanted it.
    pub(crate) fn is_interrupt(&self) -> bool {
        matches!(self, Self::Process(ProcessError::Interrupted))
    }
}

/// The last line of a traceback is the one that names the error.
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

/// Without control characters, which could move the cursor, and not too long.
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
