//! The loop: read a block, run it, again.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex};

use crate::blocks;
use crate::command::{self, Line};
use crate::session::{Read, Reply, Session, Step};
use crate::state::{SharedSession, lock};
use crate::terminal::Terminal;

/// The read-run loop over a [`Session`] and a [`Terminal`].
pub struct Repl {
    session: SharedSession,
    terminal: Terminal,
    /// What was entered so far, commands included, for `%history`.
    entered: Vec<String>,
}

impl Repl {
    /// A loop that has not begun yet.
    pub fn new(session: impl Session + 'static, terminal: Terminal) -> Self {
        Self { session: Arc::new(Mutex::new(session)), terminal, entered: Vec::new() }
    }

    /// Runs until the session ends or the input does; the exit status.
    pub fn run(mut self) -> i32 {
        let banner = lock(&self.session).banner();
        if !banner.is_empty() {
            to_stderr(&banner);
        }
        loop {
            let prompts = lock(&self.session).prompts();
            match self.terminal.read_block(&prompts, self.session.clone()) {
                Ok(Read::Line(source)) => {
                    if let Step::Exit(status) = self.enter(&blocks::tidy(&source)) {
                        return status;
                    }
                }
                Ok(Read::Interrupted) => to_stderr("KeyboardInterrupt"),
                Ok(Read::Eof) => break,
                Err(error) => {
                    to_stderr(&format!("python-wasm: the terminal cannot be read: {error}"));
                    break;
                }
            }
        }
        lock(&self.session).goodbye()
    }

    /// Does what was entered asks for: a command, a question, or Python.
    fn enter(&mut self, source: &str) -> Step {
        if blocks::is_blank(source) {
            return Step::Continue;
        }
        self.entered.push(source.trim_end().to_owned());
        match command::parse(source) {
            Some(Line::Question { name, source }) => lock(&self.session).explain(name, source),
            Some(Line::Command { name, argument }) => self.command(name, argument),
            None => self.python(source),
        }
    }

    fn command(&self, name: &str, argument: &str) -> Step {
        let reply = match (name, command::check(name, argument, &self.session)) {
            (_, Err(refusal)) => Reply::Refused(refusal),
            ("help", Ok(())) => match command::help(argument, &self.session) {
                Ok(text) => Reply::Done(text),
                Err(refusal) => Reply::Refused(refusal),
            },
            ("history", Ok(())) => Reply::Done(self.history(argument)),
            (name, Ok(())) => lock(&self.session).command(name, argument),
        };
        match reply {
            Reply::Done(text) if text.is_empty() => {}
            // If stdout is closed, nobody wanted to know.
            Reply::Done(text) => drop(self.terminal.print(&text)),
            Reply::Refused(reason) => to_stderr(&format!("python-wasm: {reason}")),
            Reply::Exit(status) => return Step::Exit(status),
        }
        Step::Continue
    }

    /// This session's blocks, the last so many of all that can be recalled, or those with a text.
    fn history(&self, argument: &str) -> String {
        let recallable = || Some(self.terminal.recallable()).filter(|all| !all.is_empty());
        let all = || recallable().unwrap_or_else(|| self.entered.clone());
        let blocks: Vec<String> = match (argument, argument.parse::<usize>()) {
            ("", _) => self.entered.clone(),
            (_, Ok(count)) => {
                let all = all();
                all[all.len().saturating_sub(count)..].to_vec()
            }
            (text, Err(_)) => all().into_iter().filter(|block| block.contains(text)).collect(),
        };
        blocks.join("\n")
    }

    /// Runs what was entered in one go: one block, or all statements of a paste.
    fn python(&self, source: &str) -> Step {
        let mut source = source.trim_matches('\n').to_owned();
        if source.contains('\n') {
            source.push('\n');
        }
        lock(&self.session).run(&source)
    }
}

fn to_stderr(line: &str) {
    // If stderr is closed, nobody wanted to know.
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Argument, Command, Completeness, Completions, Prompts};

    /// Notes what it is asked to run. A block behind a colon ends with an empty line.
    #[derive(Clone, Default)]
    struct Notes(Arc<Mutex<Vec<String>>>);

    impl Session for Notes {
        fn banner(&mut self) -> String {
            String::new()
        }

        fn prompts(&mut self) -> Prompts {
            Prompts { ps1: format!("{}> ", lock(&self.0).len()), ps2: ". ".into() }
        }

        fn completeness(&mut self, source: &str) -> Completeness {
            if source.contains('?') {
                Completeness::Invalid
            } else if source.contains(':') && !source.ends_with('\n') {
                Completeness::Incomplete
            } else {
                Completeness::Complete
            }
        }

        fn run(&mut self, source: &str) -> Step {
            lock(&self.0).push(source.to_owned());
            source.strip_prefix("exit ").map_or(Step::Continue, |status| Step::Exit(status.parse().unwrap()))
        }

        fn complete(&mut self, _: &str, _: usize) -> Completions {
            Completions::default()
        }

        fn explain(&mut self, name: &str, source: bool) -> Step {
            lock(&self.0).push(format!("explain {name} {source}"));
            Step::Continue
        }

        fn commands(&self) -> &'static [Command] {
            const fn row(name: &'static str, argument: Argument) -> Command {
                Command { name, usage: "X", argument, help: "does" }
            }
            const ALL: [Command; 3] =
                [row("time", Argument::Code), row("grant", Argument::Path), row("leave", Argument::Words)];
            &ALL
        }

        fn command(&mut self, name: &str, argument: &str) -> Reply {
            lock(&self.0).push(format!("%{name} {argument}"));
            match name {
                "leave" => Reply::Exit(9),
                "grant" => Reply::Refused("no".into()),
                _ => Reply::Done("took a while".into()),
            }
        }

        fn goodbye(&mut self) -> i32 {
            lock(&self.0).push("goodbye".into());
            0
        }
    }

    /// What `Screen` of the integration tests cannot see: prompts byte by byte.
    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            lock(&self.0).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Status, blocks run, and prompts shown for the lines of `input`.
    fn run(input: &'static str) -> (i32, Vec<String>, String) {
        let (notes, output) = (Notes::default(), Output::default());
        let terminal = Terminal::plain(Box::new(input.as_bytes()), Box::new(output.clone()));
        let status = Repl::new(notes.clone(), terminal).run();
        let shown = String::from_utf8(lock(&output.0).clone()).unwrap();
        let blocks = lock(&notes.0).clone();
        (status, blocks, shown)
    }

    #[test]
    fn blocks_run_until_the_input_ends() {
        let (status, blocks, shown) = run("a\nif x:\n  y\n\n\n# c\nb");
        assert_eq!(status, 0);
        assert_eq!(blocks, ["a", "if x:\n  y\n", "b", "goodbye"]);
        assert_eq!(shown, "0> 1> . . 2> 2> 2> 3> ", "the prompts are asked for before each block");
    }

    #[test]
    fn an_unfinished_block_at_the_end_is_still_run() {
        assert_eq!(run("if x:\n  y").1, ["if x:\n  y\n", "goodbye"]);
    }

    #[test]
    fn commands_and_questions_are_no_python() {
        let (_, blocks, shown) = run("%time if x:\n  y\n\nlen?\nlen??\n%grant /\n%leave\nnever\n");
        let expected = ["%time if x:\n  y", "explain len false", "explain len true", "%grant /", "%leave "];
        assert_eq!(blocks, expected);
        assert!(shown.starts_with("0> . . took a while\n1> "), "{shown}");
    }

    #[test]
    fn an_unknown_command_says_what_there_is() {
        let repl = Repl::new(Notes::default(), Terminal::plain(Box::new(io::empty()), Box::new(io::sink())));
        let names = "%time %grant %leave %history %help";
        let refusal = format!("there is no command %tme, but {names}");
        assert_eq!(command::check("tme", "", &repl.session), Err(refusal.clone()));
        assert_eq!(command::check("grant", "/\nimport x", &repl.session), Err("%grant is one line".into()));
        assert_eq!(command::help("tme", &repl.session), Err(refusal));
        assert_eq!(command::help("time", &repl.session), Ok("%time X  does".into()));
    }

    #[test]
    fn a_command_in_the_middle_of_a_paste_is_none() {
        let notes = Notes::default();
        let terminal = Terminal::plain(Box::new(io::empty()), Box::new(io::sink()));
        Repl::new(notes.clone(), terminal).enter("x = 1\n%grant /\n");
        assert_eq!(*lock(&notes.0), ["x = 1\n%grant /\n"], "python is given it, and refuses it");
    }

    #[test]
    fn the_history_is_this_session_s_or_what_is_asked_for() {
        let (_, _, shown) = run("a = 1\nif x:\n  y\n\nb\n%history\n%history 2\n%history = \n");
        assert!(shown.contains("3> a = 1\nif x:\n  y\nb\n%history\n3> %history\n%history 2\n"), "{shown}");
        assert!(shown.ends_with("3> a = 1\n%history =\n3> "), "{shown}");
    }

    #[test]
    fn tab_completes_commands_and_what_stands_behind_them() {
        let repl = Repl::new(Notes::default(), Terminal::plain(Box::new(io::empty()), Box::new(io::sink())));
        let complete = |source: &str| command::complete(source, source.len(), &repl.session);
        let candidates = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(complete("%h"), Completions { start: 1, candidates: candidates(&["history ", "help "]) });
        assert_eq!(complete("%leave x").candidates, candidates(&[]));
        assert_eq!(complete("%grant /no/such/x").start, 7);
    }

    #[test]
    fn an_exit_ends_the_loop_with_its_status_and_no_goodbye() {
        let (status, blocks, _) = run("exit 7\nnever\n");
        assert_eq!((status, blocks), (7, vec!["exit 7".to_owned()]));
    }

    #[test]
    fn what_is_pasted_is_run_as_one() {
        let notes = Notes::default();
        let terminal = Terminal::plain(Box::new(io::empty()), Box::new(io::sink()));
        Repl::new(notes.clone(), terminal).enter("\n\na\nb?\nc");
        assert_eq!(*lock(&notes.0), ["a\nb?\nc\n"]);
    }
}
