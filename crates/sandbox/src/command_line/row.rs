//! Tables of options, the reader of command lines that they drive, and their help.

use std::ffi::{OsStr, OsString};
use std::iter::Peekable;
use std::os::unix::ffi::OsStrExt;

use super::Usage;
use super::entry::Entry;
use super::options::{Options, SANDBOX};

/// One option: its name, its line in the help, and what it does to the options `O`.
#[derive(Debug)]
pub struct Row<O> {
    entry: Entry,
    set: fn(&mut O, &OsStr) -> Result<(), String>,
}

impl<O> Row<O> {
    /// Makes a row. An option with an empty `value` takes none.
    pub const fn new(
        name: &'static str,
        value: &'static str,
        help: &'static str,
        set: fn(&mut O, &OsStr) -> Result<(), String>,
    ) -> Self {
        Self { entry: Entry::new(name, value, help), set }
    }

    /// Takes the option and its value off the command line and sets what it says.
    fn obey(&self, args: &mut impl Iterator<Item = OsString>, options: &mut O) -> Result<(), Usage> {
        let word = args.next().unwrap_or_default();
        let (_, inline) = split(&word);
        let Entry { name, value: what, .. } = self.entry;
        let value = match (what, inline) {
            ("", None) => OsString::new(),
            ("", Some(_)) => return Err(Usage(format!("{name} takes no value"))),
            (_, Some(value)) => value.to_owned(),
            (what, None) => args.next().ok_or_else(|| Usage(format!("{name} needs a value: {what}")))?,
        };
        (self.set)(options, &value).map_err(|why| Usage(format!("{name} {}: {why}", value.display())))
    }
}

/// Takes the sandbox options, and those of `more`, off the front of a command line. What follows them
/// stays untouched.
pub fn take<M: Default>(
    args: &mut Peekable<impl Iterator<Item = OsString>>,
    more: &[Row<M>],
) -> Result<(Options, M), Usage> {
    let (mut options, mut others) = (Options::default(), M::default());
    while let Some(word) = args.peek() {
        if let Some(row) = row(&SANDBOX, word) {
            row.obey(args, &mut options)?;
        } else if let Some(row) = row(more, word) {
            row.obey(args, &mut others)?;
        } else {
            break;
        }
    }
    Ok((options, others))
}

/// Takes the options of one table off the front of a command line: for a program whose options are all its own.
pub fn take_own<O: Default>(
    args: &mut Peekable<impl Iterator<Item = OsString>>,
    table: &[Row<O>],
) -> Result<O, Usage> {
    let mut options = O::default();
    while let Some(row) = args.peek().and_then(|word| row(table, word)) {
        row.obey(args, &mut options)?;
    }
    Ok(options)
}

fn row<'t, O>(table: &'t [Row<O>], word: &OsStr) -> Option<&'t Row<O>> {
    let (name, _) = split(word);
    table.iter().find(|row| row.entry.name.as_bytes() == name)
}

/// The name of an option, and the value that follows it in the same word.
fn split(word: &OsStr) -> (&[u8], Option<&OsStr>) {
    let bytes = word.as_bytes();
    match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (&bytes[..at], Some(OsStr::from_bytes(&bytes[at + 1..]))),
        None => (bytes, None),
    }
}

/// Returns the tables as the help shows them.
pub fn help<M>(more: &[Row<M>]) -> String {
    [own_help(&SANDBOX), own_help(more)].concat()
}

/// Returns one table as the help shows it.
pub fn own_help<O>(table: &[Row<O>]) -> String {
    table.iter().map(|row| row.entry.line()).collect()
}

/// Returns the sandbox options and those of `more`, in the order of the help.
pub fn entries<M>(more: &[Row<M>]) -> Vec<Entry> {
    SANDBOX.iter().map(|row| row.entry).chain(more.iter().map(|row| row.entry)).collect()
}

/// Refuses an option that is neither in these tables nor one of the program in the sandbox.
pub fn unknown_option<M>(word: &str, more: &[Row<M>], program: &str) -> Usage {
    unknown(word, names(&SANDBOX).chain(names(more)), program)
}

/// Refuses an option that is not in the one table of a program.
pub fn unknown_own_option<O>(word: &str, table: &[Row<O>], program: &str) -> Usage {
    unknown(word, names(table), program)
}

fn unknown(word: &str, names: impl Iterator<Item = &'static str>, program: &str) -> Usage {
    Usage(match nearest(word, names) {
        Some(near) => format!("unknown option {word}; did you mean {near}?"),
        None => format!("unknown option {word}; {program} --help lists them"),
    })
}

fn names<O>(table: &[Row<O>]) -> impl Iterator<Item = &'static str> {
    table.iter().map(|row| row.entry.name)
}

/// The option that a misspelt one is nearest to, if it is near.
fn nearest(word: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let name = word.split('=').next().unwrap_or(word);
    let scored = names.map(|known| (distance(known, name), known));
    scored.min().filter(|(distance, _)| *distance <= 2).map(|(_, known)| known)
}

/// Counts the letters to change, add or leave out to make one word of the other (Levenshtein's distance,
/// by rows as Wagner and Fischer compute it).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, &candidate) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != candidate);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Limits;

    const NAME: [Row<Option<OsString>>; 1] = [Row::new("--name", "NAME", "a name", |name, value| {
        *name = Some(value.to_owned());
        Ok(())
    })];

    fn refused(words: &[&str]) -> String {
        take(&mut words.iter().map(OsString::from).peekable(), &NAME).unwrap_err().to_string()
    }

    #[test]
    fn everything_from_the_first_other_word_on_stays_untouched() {
        let words = ["--timeout", "2.5", "--name=x", "--seed=7", "-c", "--seed", "--timeout=x"];
        let mut args = words.iter().map(OsString::from).peekable();
        let (options, name) = take(&mut args, &NAME).unwrap();
        assert_eq!(options.limits, Limits::attended().timeout(Duration::from_millis(2500)));
        assert_eq!((options.seed, name), (Some(7), Some("x".into())));
        assert_eq!(args.collect::<Vec<_>>(), ["-c", "--seed", "--timeout=x"]);
    }

    #[test]
    fn a_value_is_asked_for_where_one_belongs_and_nowhere_else() {
        assert_eq!(refused(&["--trace=1"]), "--trace takes no value");
        assert_eq!(refused(&["--fuel"]), "--fuel needs a value: N");
        assert_eq!(refused(&["--name"]), "--name needs a value: NAME");
    }

    #[test]
    fn a_misspelt_option_has_a_nearest_one() {
        let nearest = |word| nearest(word, names(&SANDBOX).chain(names(&NAME)));
        assert_eq!(nearest("--timout=3"), Some("--timeout"));
        assert_eq!(nearest("--nam"), Some("--name"));
        assert_eq!(nearest("--readonly-dir"), None);
    }
}
