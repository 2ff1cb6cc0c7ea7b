//! A Python to measure: its command line, and its name in the tables.

use std::path::Path;
use std::process::Command;
use std::str::FromStr;

/// Stands for the folder of the collection in commands that must grant it to a sandbox.
const COLLECTION_PLACEHOLDER: &str = "{collection}";

/// A column of the tables, given as `[LABEL=]COMMAND`. The command may have arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Python {
    /// Its name in the tables; by default the program's file name.
    pub(crate) label: String,
    /// The program and its own arguments; those of the harness follow.
    words: Vec<String>,
}

/// An invalid `[LABEL=]COMMAND`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum PythonError {
    #[error("no command: give a program, such as 'python3'")]
    Empty,
    #[error("a quote is left open")]
    OpenQuote,
}

impl FromStr for Python {
    type Err = PythonError;

    fn from_str(text: &str) -> Result<Self, PythonError> {
        let (label, command) = match text.split_once('=') {
            Some((label, command)) if is_label(label) => (Some(label), command),
            _ => (None, text),
        };
        // A path with blanks needs no quotes if it is an existing file.
        let words = if Path::new(command).is_file() {
            vec![command.to_owned()]
        } else {
            shlex::split(command).ok_or(PythonError::OpenQuote)?
        };
        let program = words.first().filter(|word| !word.is_empty()).ok_or(PythonError::Empty)?;
        let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned());
        let label = label.map(str::to_owned).or(name).unwrap_or_else(|| program.clone());
        Ok(Self { label, words })
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

impl Python {
    /// Returns the command with `arguments` after its own.
    pub(crate) fn command(&self, collection: &Path, arguments: &[&str]) -> Command {
        let mut words =
            self.words.iter().map(|w| w.replace(COLLECTION_PLACEHOLDER, &collection.to_string_lossy()));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).args(arguments);
        command
    }

    /// Returns the command line as a person would type it.
    pub(crate) fn command_line(&self) -> String {
        shlex::try_join(self.words.iter().map(String::as_str)).unwrap_or_else(|_| self.words.join(" "))
    }
}

/// Makes labels distinct: columns of the same name get their command line as label, and columns with the
/// same command line a number.
pub(crate) fn tell_apart(pythons: &mut [Python]) {
    relabel_alike(pythons, |python, _| python.command_line());
    relabel_alike(pythons, |python, number| format!("{}#{number}", python.label));
}

/// Relabels each column whose label is not unique. `relabel` gets its number among those that are alike.
fn relabel_alike(pythons: &mut [Python], relabel: impl Fn(&Python, usize) -> String) {
    let labels: Vec<String> = pythons.iter().map(|python| python.label.clone()).collect();
    for (index, (python, label)) in pythons.iter_mut().zip(&labels).enumerate() {
        let alike = |others: &[String]| others.iter().filter(|other| *other == label).count();
        if alike(&labels) > 1 {
            python.label = relabel(python, alike(&labels[..=index]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Python {
        text.parse().unwrap()
    }

    #[test]
    fn a_program_is_called_by_its_file_name() {
        let python = parse("target/release/python-wasm");
        assert_eq!(python.label, "python-wasm");
        assert_eq!(python.words, ["target/release/python-wasm"]);
    }

    #[test]
    fn a_command_keeps_its_arguments_and_quotes() {
        let python = parse("wasmtime run --dir 'a b' python.wasm");
        assert_eq!(python.label, "wasmtime");
        assert_eq!(python.words, ["wasmtime", "run", "--dir", "a b", "python.wasm"]);
    }

    #[test]
    fn a_label_stands_before_the_command() {
        let python = parse("ours=target/release/python-wasm --env A=B");
        assert_eq!(python.label, "ours");
        assert_eq!(python.words, ["target/release/python-wasm", "--env", "A=B"]);
    }

    #[test]
    fn an_equals_sign_in_a_command_makes_no_label() {
        assert_eq!(parse("python3 -X a=b").words, ["python3", "-X", "a=b"]);
    }

    #[test]
    fn an_existing_file_with_blanks_needs_no_quotes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("my python");
        std::fs::write(&path, "").unwrap();
        assert_eq!(parse(path.to_str().unwrap()).label, "my python");
    }

    #[test]
    fn no_command_and_an_open_quote_are_errors() {
        for text in ["", "  ", "''", "ours="] {
            assert_eq!(text.parse::<Python>(), Err(PythonError::Empty), "{text:?}");
        }
        assert_eq!("python3 'x".parse::<Python>(), Err(PythonError::OpenQuote));
    }

    #[test]
    fn the_placeholder_becomes_the_folder_of_the_collection() {
        let command = parse("engine --dir {collection} x").command(Path::new("/c"), &["all.py"]);
        let arguments: Vec<_> = command.get_args().collect();
        assert_eq!(arguments, ["--dir", "/c", "x", "all.py"]);
    }

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let mut pythons = ["a/python3", "b/python3", "c/python3", "c/python3", "x=pypy"].map(parse);
        tell_apart(&mut pythons);
        let labels = pythons.map(|python| python.label);
        assert_eq!(labels, ["a/python3", "b/python3", "c/python3#1", "c/python3#2", "x"]);
    }
}
