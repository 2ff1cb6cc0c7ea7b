//! The lines that a program reads itself, by the terminal's editor.
//!
//! At Tab the program is asked what would fit. It asked for the line by a call that has to return before it can
//! answer, so the editor then waits in a thread of its own.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use python_wasm_repl::{Completions, LineKind, Read, Terminal};
use wasi_core::Interrupt;

use super::{COMPLETION, Stopper};
use crate::python::host::{Line, Question, ReadLine};

/// How much longer a program may take for a completion after its interrupt, until the block is stopped.
const GRACE: Duration = Duration::from_secs(1);

/// The line that a program completes, if there is one. Shared by what answers the program and by the session,
/// which run on one thread.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Option<Conversation>>>);

/// A line in the editor's thread.
struct Conversation {
    answers: Sender<Completions>,
    events: Receiver<Event>,
    thread: JoinHandle<()>,
}

/// What the editor's thread says.
enum Event {
    /// Tab was pressed: the line, and the cursor's byte in it.
    Tab(String, usize),
    End(io::Result<Read>),
}

impl Lines {
    /// Lets a program read its own lines through the terminal's editor. `stopper` and `interrupt` are the
    /// program's; `muted` is set while it completes.
    pub(crate) fn reader(
        &self,
        terminal: Terminal,
        stopper: Stopper,
        interrupt: Interrupt,
        muted: Arc<AtomicBool>,
    ) -> ReadLine {
        let lines = self.clone();
        Box::new(move |question| {
            if matches!(question, Question::Candidates(..)) {
                muted.store(false, Ordering::Relaxed);
            }
            let event = match question {
                Question::Answer(prompt) => Event::End(terminal.read_line(prompt, LineKind::Answer)),
                Question::Secret(prompt) => Event::End(terminal.read_line(prompt, LineKind::Secret)),
                Question::Completed { prompt, text } => {
                    lines.begin(&terminal, &stopper, &interrupt, [prompt, text].map(str::to_owned))
                }
                Question::Candidates(start, candidates) => lines.go_on(Completions { start, candidates }),
            };
            if matches!(event, Event::Tab(..)) {
                muted.store(true, Ordering::Relaxed);
            }
            line(event, &stopper, &interrupt)
        })
    }

    /// Ends a line whose program cannot complete it any more, because it was stopped meanwhile.
    pub(super) fn abandon(&self) {
        if let Some(Conversation { answers, thread, .. }) = self.take() {
            drop(answers);
            // It has nothing to say, and has given the terminal back then.
            let _ended = thread.join();
        }
    }

    fn begin(
        &self,
        terminal: &Terminal,
        stopper: &Stopper,
        interrupt: &Interrupt,
        [prompt, text]: [String; 2],
    ) -> Event {
        // A program that reads a line to complete another one.
        if self.lock().is_some() {
            return Event::End(Err(io::ErrorKind::ResourceBusy.into()));
        }
        let (answers, answered) = channel();
        let (says, events) = channel();
        let (terminal, stopper, interrupt) = (terminal.clone(), stopper.clone(), interrupt.clone());
        let thread = thread::spawn(move || {
            let asks = says.clone();
            let complete = move |line: &str, cursor: usize| {
                asks.send(Event::Tab(line.to_owned(), cursor)).ok()?;
                wait(&answered, &stopper, &interrupt)
            };
            // Nobody listens any more if the program was stopped.
            let _unheard = says.send(Event::End(terminal.read_completed(&prompt, &text, complete)));
        });
        self.listen(Conversation { answers, events, thread })
    }

    fn go_on(&self, completions: Completions) -> Event {
        match self.take() {
            Some(conversation) if conversation.answers.send(completions).is_ok() => self.listen(conversation),
            _ => Event::End(Err(io::ErrorKind::NotFound.into())),
        }
    }

    /// Waits for what the editor says next.
    fn listen(&self, conversation: Conversation) -> Event {
        match conversation.events.recv() {
            Ok(event @ Event::Tab(..)) => {
                *self.lock() = Some(conversation);
                event
            }
            Ok(event) => {
                let _ended = conversation.thread.join();
                event
            }
            Err(_) => Event::End(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn take(&self) -> Option<Conversation> {
        self.lock().take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Conversation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for completions. A program that takes long is interrupted, and then its block is stopped: a completion
/// may run code of anybody's. `None` if no answer will come.
fn wait(answered: &Receiver<Completions>, stopper: &Stopper, interrupt: &Interrupt) -> Option<Completions> {
    match answered.recv_timeout(COMPLETION) {
        Ok(completions) => return Some(completions),
        Err(RecvTimeoutError::Disconnected) => return None,
        Err(RecvTimeoutError::Timeout) => interrupt.interrupt(),
    }
    match answered.recv_timeout(GRACE) {
        Ok(completions) => {
            // It may have come too late to find the completion at work.
            interrupt.clear();
            Some(completions)
        }
        Err(RecvTimeoutError::Disconnected) => None,
        // The program of the command line is no block: it loses the line, and Ctrl-C reaches it then.
        Err(RecvTimeoutError::Timeout) if !stopper.stop(interrupt) => None,
        Err(RecvTimeoutError::Timeout) => answered.recv().ok(),
    }
}

/// Returns what the program reads.
fn line(event: Event, stopper: &Stopper, interrupt: &Interrupt) -> Line {
    match event {
        Event::Tab(line, cursor) => Line::Tab(line, cursor),
        Event::End(Ok(Read::Line(line))) => Line::Text(line),
        Event::End(Ok(Read::Eof)) => Line::Eof,
        Event::End(Ok(Read::Interrupted)) => {
            stopper.strike_at_input(interrupt);
            Line::Interrupted
        }
        // A completion that runs `input()`: the editor has the keys.
        Event::End(Err(error)) if error.kind() == io::ErrorKind::ResourceBusy => Line::Eof,
        // Without a terminal the program reads its stdin.
        Event::End(Err(_)) => Line::Unavailable,
    }
}
