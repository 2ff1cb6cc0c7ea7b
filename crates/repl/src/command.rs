//! Lines that are not Python: commands (`%name argument`) and questions (`name?`, `name??`).

use crate::paths;
use crate::session::{Argument, Command, Completeness, Completions};
use crate::state::{SharedSession, lock};

/// The terminal's own commands.
const OWN: [Command; 2] = [
    Command {
        name: "history",
        usage: "[N|TEXT]",
        argument: Argument::Words,
        help: "what was typed in this session; the last N blocks, or those with TEXT, of all sessions",
    },
    Command {
        name: "help",
        usage: "[NAME]",
        argument: Argument::Words,
        help: "this list, or its line for NAME",
    },
];

/// The keys that `%help` lists below the commands.
const KEYS: &str = "\
name?   its signature and documentation         name??      its source
Tab     completes, or indents a blank line      Ctrl-R      searches the history
Up      recalls a whole block                   Alt-Enter   adds a line to it
Ctrl-_  undoes an edit                          Ctrl-C      twice: stops whatever runs";

/// A line that is not Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'s> {
    /// `%name argument`.
    Command { name: &'s str, argument: &'s str },
    /// `name?`, or `name??` for the source.
    Question { name: &'s str, source: bool },
}

/// Parses `source` as a command or a question; neither could be a statement of Python. Returns `None`
/// for Python.
///
/// A percent sign in a later line, as in a paste, does not make a command: Python refuses it.
pub(crate) fn parse(source: &str) -> Option<Line<'_>> {
    let source = source.trim_matches('\n');
    if let Some(rest) = source.trim_start().strip_prefix('%') {
        let end = rest.find(|c: char| !is_part_of_name(c)).unwrap_or(rest.len());
        let (name, argument) = (&rest[..end], rest[end..].trim_start_matches(' ').trim_end());
        return Some(match argument {
            "?" | "??" => Line::Command { name: "help", argument: name },
            argument => Line::Command { name, argument },
        });
    }
    let text = source.trim();
    let (name, marks) = match text.strip_prefix('?') {
        Some(rest) => (rest.trim_start_matches('?'), text),
        None => (text.trim_end_matches('?'), text),
    };
    let source = marks.len() - name.len() == 2;
    let asked = marks.len() > name.len() && marks.len() - name.len() <= 2;
    let dotted = name.split('.').all(|part| !part.is_empty() && part.chars().all(is_part_of_name));
    (asked && dotted).then_some(Line::Question { name, source })
}

fn is_part_of_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Returns all commands, the session's first.
fn table(session: &SharedSession) -> Vec<Command> {
    let commands = lock(session).commands();
    commands.iter().copied().chain(OWN).collect()
}

/// Decides whether Enter runs what was typed, be it Python or not.
pub(crate) fn completeness(source: &str, session: &SharedSession) -> Completeness {
    match parse(source) {
        None => lock(session).completeness(source),
        Some(Line::Command { name, argument }) if takes_code(name, session) && !argument.is_empty() => {
            // The empty line that ends a block is not part of the argument.
            let end = if source.ends_with('\n') { "\n" } else { "" };
            lock(session).completeness(&format!("{argument}{end}"))
        }
        Some(_) => Completeness::Complete,
    }
}

fn takes_code(name: &str, session: &SharedSession) -> bool {
    table(session).iter().any(|command| command.name == name && command.argument == Argument::Code)
}

/// Returns the completions at `cursor` in `source`: names of commands, a command's argument, or Python.
pub(crate) fn complete(source: &str, cursor: usize, session: &SharedSession) -> Completions {
    let before = &source[..cursor];
    let Some(rest) = before.trim_start().strip_prefix('%') else {
        return lock(session).complete(source, cursor);
    };
    let start = cursor - rest.len();
    let end = rest.find(|c: char| !is_part_of_name(c));
    let Some(end) = end else {
        let matching = table(session).into_iter().filter(|command| command.name.starts_with(rest));
        let name = |command: Command| {
            let space = if command.usage.is_empty() { "" } else { " " };
            format!("{}{space}", command.name)
        };
        return Completions { start, candidates: matching.map(name).collect() };
    };
    let argument = start + end + (rest.len() - end - rest[end..].trim_start_matches(' ').len());
    let command = table(session).into_iter().find(|command| command.name == &rest[..end]);
    match command.map(|command| command.argument) {
        Some(Argument::Code) => {
            let found = lock(session).complete(&source[argument..], cursor - argument);
            Completions { start: found.start + argument, ..found }
        }
        Some(Argument::Path) => {
            Completions { start: argument, candidates: paths::beginning_with(&source[argument..cursor]) }
        }
        Some(Argument::Words) | None => Completions { start: cursor, candidates: Vec::new() },
    }
}

/// Returns the answer to `%help`, or as an error the refusal of an unknown name.
pub(crate) fn help(name: &str, session: &SharedSession) -> Result<String, String> {
    let table = table(session);
    let head = |command: &Command| format!("%{} {}", command.name, command.usage);
    let width = table.iter().map(|command| head(command).len()).max().unwrap_or(0);
    let line = |command: &Command| format!("{:<width$}  {}\n", head(command), command.help);
    match name.trim_start_matches('%') {
        "" => Ok(table.iter().map(line).collect::<String>() + "\n" + KEYS),
        name => match table.iter().find(|command| command.name == name) {
            Some(command) => Ok(format!("{}  {}", head(command).trim_end(), command.help)),
            None => Err(unknown(name, session)),
        },
    }
}

/// Returns the refusal of an unknown command, which lists the known ones.
pub(crate) fn unknown(name: &str, session: &SharedSession) -> String {
    let names: Vec<String> = table(session).iter().map(|command| format!("%{}", command.name)).collect();
    format!("unknown command %{name}; the commands are {}", names.join(" "))
}

/// Checks that the command exists and takes this argument; the error is the refusal.
pub(crate) fn check(name: &str, argument: &str, session: &SharedSession) -> Result<(), String> {
    let table = table(session);
    let Some(command) = table.iter().find(|command| command.name == name) else {
        return Err(unknown(name, session));
    };
    if command.usage.is_empty() && !argument.is_empty() {
        return Err(format!("%{name} takes no argument: {argument}"));
    }
    // A paste must not hide part of a command in its second line.
    if command.argument != Argument::Code && argument.contains('\n') {
        return Err(format!("%{name} takes one line"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command<'s>(name: &'s str, argument: &'s str) -> Line<'s> {
        Line::Command { name, argument }
    }

    fn question(name: &str, source: bool) -> Line<'_> {
        Line::Question { name, source }
    }

    #[test]
    fn a_percent_sign_at_the_start_is_a_command() {
        assert_eq!(parse("%time f(1)"), Some(command("time", "f(1)")));
        assert_eq!(parse("  %undo\n"), Some(command("undo", "")));
        assert_eq!(parse("%time for x in y:\n    f(x)\n"), Some(command("time", "for x in y:\n    f(x)")));
        assert_eq!(parse("%"), Some(command("", "")));
        assert_eq!(parse("%grant?"), Some(command("help", "grant")));
        assert_eq!(parse("x\n%grant /"), None);
        assert_eq!(parse("a % b"), None);
    }

    #[test]
    fn a_question_mark_after_or_before_a_name_is_a_question() {
        assert_eq!(parse("len?"), Some(question("len", false)));
        assert_eq!(parse("os.path.join??"), Some(question("os.path.join", true)));
        assert_eq!(parse("?len"), Some(question("len", false)));
        assert_eq!(parse("??len"), Some(question("len", true)));
        for python in ["'what?'", "a ? b", "?", "??", "a???", "f()?", "a..b?", "# why?", "a"] {
            assert_eq!(parse(python), None, "{python}");
        }
    }
}
