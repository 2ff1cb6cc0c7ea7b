//! The loop: read a block, run it, again.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex};

use crate::blocks;
use crate::desk::{SharedSession, lock};
use crate::session::{Session, Step};
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

    /// Runs what was entered in one go, each statement as if it had been typed by itself.
    fn run_blocks(&self, source: &str) -> Step {
        for block in blocks::split(source) {
            let mut block = block.trim_end_matches('\n').to_owned();
            if block.contains('\n') {
                block.push('\n');
            }
            if !block.trim().is_empty()
                && let Step::Exit(status) = lock(&self.session).run(&block)
            {
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
