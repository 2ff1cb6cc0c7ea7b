//! The read-run loop.

use std::sync::{Arc, Mutex};

use crate::blocks;
use crate::command::{self, Line};
use crate::screen::{to_stderr, warn};
use crate::session::{Read, Reply, Session, Step};
use crate::state::{SharedSession, lock};
use crate::terminal::Terminal;

/// A loop that reads blocks from a [`Terminal`] and runs them in a [`Session`].
pub struct Repl {
    session: SharedSession,
    terminal: Terminal,
    /// All blocks and commands that were entered, for `%history`.
    entered: Vec<String>,
}

impl Repl {
    /// Returns a loop that is ready to [`run`](Self::run).
    pub fn new(session: impl Session + 'static, terminal: Terminal) -> Self {
        Self { session: Arc::new(Mutex::new(session)), terminal, entered: Vec::new() }
    }

    /// Runs until the session or the input ends, and returns the exit status.
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
                    warn(&format!("the terminal cannot be read: {error}"));
                    break;
                }
            }
        }
        lock(&self.session).goodbye()
    }

    /// Runs what was entered: a command, a question, or Python.
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
            // A closed stdout is no reason to end the session.
            Reply::Done(text) => drop(self.terminal.print(&text)),
            Reply::Refused(reason) => warn(&reason),
            Reply::Exit(status) => return Step::Exit(status),
        }
        Step::Continue
    }

    /// Returns the blocks of this session, or of all sessions the last N or those that contain a text.
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

    /// Runs one block, or all statements of a paste.
    fn python(&self, source: &str) -> Step {
        let mut source = source.trim_matches('\n').to_owned();
        if source.contains('\n') {
            source.push('\n');
        }
        lock(&self.session).run(&source)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::session::{Argument, Command, Completeness, Completions, Prompts};

    /// Notes all that it is asked to run. A block after a colon ends with an empty line.
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

    /// Collects the prompts byte by byte, which the screen of the integration tests cannot show.
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

    /// Returns the status, the blocks that ran and the prompts that were shown for the lines of `input`.
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
    fn commands_and_questions_are_not_run_as_python() {
        let (_, blocks, shown) = run("%time if x:\n  y\n\nlen?\nlen??\n%grant /\n%leave\nnever\n");
        let expected = ["%time if x:\n  y", "explain len false", "explain len true", "%grant /", "%leave "];
        assert_eq!(blocks, expected);
        assert!(shown.starts_with("0> . . took a while\n1> "), "{shown}");
    }

    #[test]
    fn an_unknown_command_lists_the_known_ones() {
        let repl = Repl::new(Notes::default(), Terminal::plain(Box::new(io::empty()), Box::new(io::sink())));
        let names = "%time %grant %leave %history %help";
        let refusal = format!("unknown command %tme; the commands are {names}");
        assert_eq!(command::check("tme", "", &repl.session), Err(refusal.clone()));
        assert_eq!(
            command::check("grant", "/\nimport x", &repl.session),
            Err("%grant takes one line".into())
        );
        assert_eq!(command::help("tme", &repl.session), Err(refusal));
        assert_eq!(command::help("time", &repl.session), Ok("%time X  does".into()));
    }

    #[test]
    fn a_percent_sign_in_the_middle_of_a_paste_is_not_a_command() {
        let notes = Notes::default();
        let terminal = Terminal::plain(Box::new(io::empty()), Box::new(io::sink()));
        Repl::new(notes.clone(), terminal).enter("x = 1\n%grant /\n");
        assert_eq!(*lock(&notes.0), ["x = 1\n%grant /\n"], "Python gets it, and refuses it");
    }

    #[test]
    fn history_shows_this_session_a_number_of_blocks_or_those_with_a_text() {
        let (_, _, shown) = run("a = 1\nif x:\n  y\n\nb\n%history\n%history 2\n%history = \n");
        assert!(shown.contains("3> a = 1\nif x:\n  y\nb\n%history\n3> %history\n%history 2\n"), "{shown}");
        assert!(shown.ends_with("3> a = 1\n%history =\n3> "), "{shown}");
    }

    #[test]
    fn tab_completes_commands_and_their_arguments() {
        let repl = Repl::new(Notes::default(), Terminal::plain(Box::new(io::empty()), Box::new(io::sink())));
        let complete = |source: &str| command::complete(source, source.len(), &repl.session);
        let candidates = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(complete("%h"), Completions { start: 1, candidates: candidates(&["history ", "help "]) });
        assert_eq!(complete("%leave x").candidates, candidates(&[]));
        assert_eq!(complete("%grant /no/such/x").start, 7);
    }

    #[test]
    fn exit_ends_the_loop_with_its_status_and_without_goodbye() {
        let (status, blocks, _) = run("exit 7\nnever\n");
        assert_eq!((status, blocks), (7, vec!["exit 7".to_owned()]));
    }

    #[test]
    fn a_paste_runs_in_one_go() {
        let notes = Notes::default();
        let terminal = Terminal::plain(Box::new(io::empty()), Box::new(io::sink()));
        Repl::new(notes.clone(), terminal).enter("\n\na\nb?\nc");
        assert_eq!(*lock(&notes.0), ["a\nb?\nc\n"]);
    }
}
