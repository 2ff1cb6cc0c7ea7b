//! What a program says of itself: its manual page and the shells' completions are made of it.

use super::{Entry, Shell, completions, manual};

/// The options by which a program prints its manual page and its completions.
pub const MANUAL: Entry = Entry::new("--manual", "", "the manual page, for man -l -");
/// See [`MANUAL`].
pub const COMPLETIONS: Entry = Entry::new("--completions", "SHELL", "completion for bash, fish or zsh");

/// A program and its options.
#[derive(Clone, Debug)]
pub struct Description {
    /// The program's name.
    pub name: &'static str,
    /// What it is, behind its name in the manual: lower case, without a full stop.
    pub summary: &'static str,
    /// The command line, without the program's name.
    pub usage: &'static str,
    /// Paragraphs of the manual's description.
    pub about: &'static [&'static str],
    /// The options, in the order of the help.
    pub options: Vec<Entry>,
    /// Options that stand alone, such as `--help`.
    pub alone: &'static [Entry],
    /// The ending of the files that it runs, such as `.py`.
    pub runs: &'static str,
    /// Further sections of the manual, with lines that are kept as they are.
    pub sections: Vec<(&'static str, String)>,
}

impl Description {
    /// Returns what `--manual` or `--completions SHELL` at the beginning of a command line prints, or `None` if it
    /// begins otherwise. The error says what is wrong with the shell.
    pub fn asked(&self, words: &[impl AsRef<std::ffi::OsStr>]) -> Option<Result<String, String>> {
        let first = words.first()?.as_ref().to_str()?;
        let (option, inline) =
            first.split_once('=').map_or((first, None), |(name, value)| (name, Some(value)));
        if option == MANUAL.name && inline.is_none() {
            return Some(Ok(manual(self)));
        }
        if option != COMPLETIONS.name {
            return None;
        }
        let next = words.get(1).map(|word| word.as_ref().to_string_lossy());
        let Some(shell) = inline.or(next.as_deref()) else {
            return Some(Err(format!("{option} needs a value: {}", COMPLETIONS.value)));
        };
        let script = Shell::named(shell).map(|shell| completions(self, shell));
        Some(script.map_err(|why| format!("{option} {shell}: {why}")))
    }

    /// Returns all options, those that stand alone last.
    pub(super) fn all(&self) -> impl Iterator<Item = &Entry> {
        self.options.iter().chain(self.alone)
    }

    /// Returns the name of the shells' functions for it.
    pub(super) fn function(&self) -> String {
        format!("_{}", self.name.replace('-', "_"))
    }
}
