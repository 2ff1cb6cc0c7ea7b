//! The terminal of a session: the streams, the answers and the signals that go through it.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use python_wasm_repl::Terminal;
use python_wasm_sandbox::command_line::{ending, say, signals};
use python_wasm_sandbox::{Grants, Limits};
use wasi_core::fs::stdio::HostStream;
use wasi_core::{Interrupt, Streams};

use super::stream::PromptStream;
use crate::error::Error;
use crate::python::guest::Guest;
use crate::python::host::HostState;
use crate::session::{self, Lines, Stopper, Surroundings, TWICE};

/// The terminal, and what a session shares with it.
pub(super) struct Desk {
    terminal: Terminal,
    muted: Arc<AtomicBool>,
}

impl Desk {
    pub(super) fn open(editing: &python_wasm_repl::Options) -> Result<Self, Error> {
        let failed = |error: io::Error| io::Error::new(error.kind(), format!("the terminal: {error}"));
        Ok(Self { terminal: Terminal::new(editing).map_err(failed)?, muted: Arc::default() })
    }

    /// Makes the guest's streams. Output and errors pass by the editor where they go to a terminal.
    pub(super) fn streams(&self) -> Result<Streams, Error> {
        streams(&self.terminal, &self.muted).map_err(super::no_streams)
    }

    /// Answers the guest's questions to a terminal from now on.
    pub(super) fn serve(&self, state: &mut HostState, around: &Surroundings, interrupt: &Interrupt) {
        let (stopper, muted) = (around.stopper.clone(), around.muted.clone());
        let reader = around.lines.reader(self.terminal.clone(), stopper, interrupt.clone(), muted);
        state.read_line = Some(reader);
        state.page = Some(session::page(self.terminal.clone()));
        state.at_prompt = true;
    }

    /// Collects what a session needs, and takes this process's signals from now on.
    pub(super) fn surroundings(
        &self,
        grants: Grants,
        limits: Limits,
        tracing: bool,
        interrupt: &Interrupt,
        resumed: Option<String>,
    ) -> Result<Surroundings, Error> {
        let stopper = Stopper::default();
        self.forward_signals(&stopper, interrupt)?;
        let (terminal, muted) = (self.terminal.clone(), self.muted.clone());
        let stated = limits.clone();
        Ok(Surroundings {
            grants,
            limits,
            tracing,
            tracer: || Box::new(say),
            muted: self.muted.clone(),
            streams: Box::new(move || streams(&terminal, &muted)),
            stopper,
            lines: Lines::default(),
            resumed,
            say: |line| say(&format!("python-wasm: {line}")),
            ended: Box::new(move |outcome| {
                let (status, line) = ending::of(outcome, &stated);
                if let Some(line) = line {
                    say(&format!("python-wasm: {line}"));
                }
                i32::from(status)
            }),
        })
    }

    fn forward_signals(&self, stopper: &Stopper, interrupt: &Interrupt) -> Result<(), Error> {
        let (editor, asking, stopper) = (self.terminal.clone(), self.terminal.clone(), stopper.clone());
        let interrupted = move |interrupt: &Interrupt| {
            if let Some(block) = stopper.strike(interrupt) {
                remind(asking.clone(), stopper.clone(), block);
            }
        };
        signals::forward(interrupt.clone(), interrupted, move || editor.restore()).map_err(Error::config_of)
    }

    /// Runs the session to its end; the exit status.
    pub(super) fn run(self, guest: Guest, surroundings: Surroundings) -> u8 {
        session::run(guest, self.terminal, surroundings) as u8
    }
}

/// Tells how to stop a block that goes on after Ctrl-C: it may catch the interrupt, or be in a long call
/// of C.
fn remind(terminal: Terminal, stopper: Stopper, block: u64) {
    thread::spawn(move || {
        thread::sleep(TWICE);
        if stopper.outlives(block) && !terminal.is_reading() {
            say("python-wasm: it still runs; Ctrl-C twice within a second stops it and undoes it");
        }
    });
}

fn streams(terminal: &Terminal, muted: &Arc<AtomicBool>) -> io::Result<Streams> {
    let stream = |stream, is_terminal: bool| {
        Box::new(PromptStream::new(stream, is_terminal.then(|| terminal.clone()), muted.clone()))
    };
    Ok(Streams::new()
        .stdin(Box::new(HostStream::stdin()?))
        .stdout(stream(HostStream::stdout()?, io::stdout().is_terminal()))
        .stderr(stream(HostStream::stderr()?, io::stderr().is_terminal())))
}
