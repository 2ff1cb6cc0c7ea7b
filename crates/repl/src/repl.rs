//! The loop: read a block, run it, again.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex};

use crate::blocks;
use crate::desk::{SharedSession, lock};
use crate::session::{Completeness, Session, Step};
use crate::terminal::{Read, Terminal};

/// The read-run loop over a [`Session`] and a [`Terminal`].
pub struct Repl {
    session: SharedSession,
    terminal: Terminal,
}

impl Repl {
    /// A loop that has not begun yet.
    pub fn new(session: impl Session + 'static, terminal: Terminal) -> Self {
        Self { session: Arc::new(Mutex::new(session)), terminal }
    }

    /// Runs until the session ends or the input does; the exit status.
    pub fn run(self) -> i32 {
        let banner = lock(&self.session).banner();
        if !banner.is_empty() {
            to_stderr(&banner);
        }
        loop {
            let prompts = lock(&self.session).prompts();
            match self.terminal.read_block(&prompts, self.session.clone()) {
                Ok(Read::Line(source)) => {
                    if let Step::Exit(status) = self.run_blocks(&blocks::tidy(&source)) {
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

    /// Runs what was entered in one go, each statement as if it had been typed
    /// by itself. If one does not compile, that one is run, for its message,
    /// and no other: what stood under a forgotten indentation must not run.
    fn run_blocks(&self, source: &str) -> Step {
        let mut blocks = blocks::split(source);
        blocks.retain(|block| !blocks::is_blank(block));
        if blocks.len() > 1 {
            let wrong = blocks.iter().position(|block| {
                let ended = format!("{}\n", block.trim_matches('\n'));
                lock(&self.session).completeness(&ended) != Completeness::Complete
            });
            blocks = wrong.map_or(blocks.clone(), |wrong| vec![blocks[wrong]]);
        }
        for block in blocks {
            let mut block = block.trim_matches('\n').to_owned();
            if block.contains('\n') {
                block.push('\n');
            }
            if let Step::Exit(status) = lock(&self.session).run(&block) {
                return Step::Exit(status);
            }
        }
        Step::Continue
    }
}

fn to_stderr(line: &str) {
    // If stderr is closed, nobody wanted to know.
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Completions, Prompts};

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
    fn an_exit_ends_the_loop_with_its_status_and_no_goodbye() {
        let (status, blocks, _) = run("exit 7\nnever\n");
        assert_eq!((status, blocks), (7, vec!["exit 7".to_owned()]));
    }

    #[test]
    fn statements_entered_in_one_go_run_one_by_one_until_one_exits() {
        let repl = Repl::new(Notes::default(), Terminal::plain(Box::new(io::empty()), Box::new(io::sink())));
        assert_eq!(repl.run_blocks("\n\nexit 3\nnever"), Step::Exit(3));
    }

    #[test]
    fn one_statement_that_does_not_compile_keeps_the_others_from_running() {
        let notes = Notes::default();
        let terminal = Terminal::plain(Box::new(io::empty()), Box::new(io::sink()));
        Repl::new(notes.clone(), terminal).run_blocks("a\nb?\nc");
        assert_eq!(*lock(&notes.0), ["b?"]);
    }
}
