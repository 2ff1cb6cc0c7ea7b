//! What a command line means to Python: as much as the sandbox must know before Python reads it itself.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// What Python will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// A script, a folder or a zip file with a `__main__`.
    Script(OsString),
    /// `-c` or `-m`.
    Other,
    /// Standard input, by `-` or for want of anything else.
    Stdin,
}

/// A command line of Python's own, read as `python3` reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PythonLine {
    pub(super) run: Run,
    /// Which word names the script.
    pub(super) at: usize,
    /// `-i`: a prompt follows.
    pub(super) inspect: bool,
    /// `-V`, `--help` and their like: Python says something and ends.
    pub(super) informs: bool,
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
pub(super) fn is_long_option(word: &OsStr) -> bool {
    LONG.iter().any(|(name, _)| word == *name)
}

impl PythonLine {
    pub(super) fn read(words: &[OsString]) -> Self {
        let mut line = Self { run: Run::Stdin, at: 0, inspect: false, informs: false };
        let mut words = words.iter().enumerate();
        while let Some((at, word)) = words.next() {
            match word.as_bytes() {
                b"-" => return line,
                b"--" => {
                    if let Some((at, word)) = words.next() {
                        (line.run, line.at) = (Run::Script(word.clone()), at);
                    }
                    return line;
                }
                [b'-', b'-', ..] => {
                    let takes_value = LONG.iter().any(|(name, takes)| word == *name && *takes);
                    line.informs |= !takes_value;
                    if takes_value {
                        words.next();
                    }
                }
                [b'-', letters @ ..] => {
                    for (place, letter) in letters.iter().enumerate() {
                        match letter {
                            b'c' | b'm' => {
                                line.run = Run::Other;
                                return line;
                            }
                            b'W' | b'X' => {
                                if place + 1 == letters.len() {
                                    words.next();
                                }
                                break;
                            }
                            b'i' => line.inspect = true,
                            b'V' | b'h' | b'?' => line.informs = true,
                            _ => {}
                        }
                    }
                }
                _ => {
                    (line.run, line.at) = (Run::Script(word.clone()), at);
                    return line;
                }
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> PythonLine {
        PythonLine::read(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    fn script(name: &str) -> Run {
        Run::Script(name.into())
    }

    #[test]
    fn the_first_word_that_is_no_option_is_the_script() {
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
    fn informing_options_are_known() {
        assert!(read(&["-VV"]).informs);
        assert!(read(&["--help-env"]).informs);
        assert!(!read(&["-c", "-V"]).informs);
    }
}
