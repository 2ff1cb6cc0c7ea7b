//! What a command line means to Python, as far as the sandbox must know before Python reads it itself.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::python::script;

/// What Python will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// A script, or a folder or a zip file with a `__main__`.
    Script(OsString),
    /// `-c` or `-m`.
    Other,
    /// Standard input: `-`, or nothing else to run.
    Stdin,
}

/// A command line of Python's own, read as `python3` reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandLine {
    pub(crate) words: Vec<OsString>,
    pub(crate) run: Run,
    /// Which word names the script.
    at: usize,
    /// `-i`, or the module `asyncio`, which is a prompt that awaits: a prompt follows.
    inspect: bool,
    /// `-V`, `--help` and their like: Python prints something and ends.
    informs: bool,
}

/// Python's long options, and whether the next word belongs to one.
const LONG: [(&str, bool); 6] = [
    ("--help", false),
    ("--help-all", false),
    ("--help-env", false),
    ("--help-xoptions", false),
    ("--version", false),
    ("--check-hash-based-pycs", true),
];

/// Whether Python itself has this long option.
pub(crate) fn is_long_option(word: &OsStr) -> bool {
    LONG.iter().any(|(name, _)| word == *name)
}

impl CommandLine {
    pub(crate) fn read(words: Vec<OsString>) -> Self {
        let mut line = Self { words: Vec::new(), run: Run::Stdin, at: 0, inspect: false, informs: false };
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let values = match word.as_bytes() {
                b"-" => break,
                b"--" => {
                    line.runs_script(&words, at + 1);
                    break;
                }
                [b'-', b'-', ..] => line.long_option(word),
                [b'-', letters @ ..] => match line.letters(letters, words.get(at + 1)) {
                    Some(values) => values,
                    None => break,
                },
                _ => {
                    line.runs_script(&words, at);
                    break;
                }
            };
            at += 1 + values;
        }
        Self { words, ..line }
    }

    fn runs_script(&mut self, words: &[OsString], at: usize) {
        if let Some(word) = words.get(at) {
            (self.run, self.at) = (Run::Script(word.clone()), at);
        }
    }

    /// Notes a long option. Returns how many of the next words are its value.
    fn long_option(&mut self, word: &OsStr) -> usize {
        let takes_value = LONG.iter().any(|(name, takes)| word == *name && *takes);
        self.informs |= !takes_value;
        usize::from(takes_value)
    }

    /// Notes the options in one word, before the word `next`. Returns how many of the next words are the value
    /// of the last one; `None` if what follows is the program's.
    fn letters(&mut self, letters: &[u8], next: Option<&OsString>) -> Option<usize> {
        for (place, letter) in letters.iter().enumerate() {
            match letter {
                b'c' | b'm' => {
                    self.run = Run::Other;
                    let rest = &letters[place + 1..];
                    let value =
                        if rest.is_empty() { next.map_or(rest, |word| word.as_bytes()) } else { rest };
                    self.inspect |= *letter == b'm' && value == b"asyncio";
                    return None;
                }
                // The rest of the word is the value; if nothing is left of it, the next word is.
                b'W' | b'X' => return Some(usize::from(place + 1 == letters.len())),
                b'i' => self.inspect = true,
                b'V' | b'h' | b'?' => self.informs = true,
                _ => {}
            }
        }
        Some(0)
    }

    /// Whether Python asks for a prompt, given a terminal: there is nothing to run, or `-i`.
    pub(super) fn asks_for_prompt(&self) -> bool {
        (self.run == Run::Stdin || self.inspect) && !self.informs
    }

    /// Runs the file itself where the script is a link out of its folder: see [`script::behind_link`]. A
    /// descriptor gets the name that it has in the guest.
    pub(crate) fn follow_link(&mut self) {
        if let Run::Script(script) = &mut self.run {
            let path = Path::new(script);
            let number = script::descriptor(path).map(|number| format!("/dev/fd/{number}").into());
            if let Some(target) = number.or_else(|| script::behind_link(path)) {
                self.words[self.at].clone_from(&target);
                *script = target;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> CommandLine {
        CommandLine::read(words.iter().map(OsString::from).collect())
    }

    fn script(name: &str) -> Run {
        Run::Script(name.into())
    }

    #[test]
    fn the_first_word_that_is_not_an_option_is_the_script() {
        assert_eq!(read(&["a.py", "-c", "x"]).run, script("a.py"));
        assert_eq!(read(&["-B", "-Werror", "-X", "dev", "-W", "ignore", "a.py"]).run, script("a.py"));
        assert_eq!(read(&["--check-hash-based-pycs", "always", "a.py"]).run, script("a.py"));
        assert_eq!(read(&["-bbXdev", "a.py"]).run, script("a.py"));
        assert_eq!(read(&["--", "-odd.py"]).run, script("-odd.py"));
    }

    #[test]
    fn the_script_is_told_from_an_option_s_value_of_the_same_text() {
        assert_eq!(read(&["-W", "a.py", "a.py", "a.py"]).at, 2);
    }

    #[test]
    fn commands_modules_and_standard_input_have_no_script() {
        assert_eq!(read(&["-c", "pass", "a.py"]).run, Run::Other);
        assert_eq!(read(&["-Bcpass"]).run, Run::Other);
        assert_eq!(read(&["-m", "json.tool", "a.json"]).run, Run::Other);
        assert_eq!(read(&["-", "a.py"]).run, Run::Stdin);
        assert_eq!(read(&["-q"]).run, Run::Stdin);
        assert_eq!(read(&[]).run, Run::Stdin);
    }

    #[test]
    fn a_prompt_is_asked_for_before_the_script_only() {
        assert!(read(&["-i", "a.py"]).inspect);
        assert!(read(&["-Bi"]).inspect);
        assert!(!read(&["a.py", "-i"]).inspect);
        assert!(!read(&["-Xi", "a.py"]).inspect);
    }

    #[test]
    fn the_module_asyncio_asks_for_a_prompt() {
        assert!(read(&["-m", "asyncio"]).asks_for_prompt());
        assert!(read(&["-qmasyncio"]).asks_for_prompt());
        assert!(!read(&["-m", "asyncio.runners"]).asks_for_prompt());
        assert!(!read(&["-c", "asyncio"]).asks_for_prompt());
        assert!(!read(&["-m"]).asks_for_prompt());
    }

    #[test]
    fn informing_options_are_known() {
        assert!(read(&["-VV"]).informs);
        assert!(read(&["--help-env"]).informs);
        assert!(!read(&["-c", "-V"]).informs);
    }
}
