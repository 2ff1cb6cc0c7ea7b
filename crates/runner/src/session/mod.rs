//! Python at the terminal's prompt: the interpreter behind `python_wasm_repl::Session`.

mod commands;
mod lines;
mod past;
mod report;
mod stopper;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use python_wasm_engine::Outcome;
use python_wasm_repl::{Command, Completeness, Completions, Prompts, Repl, Reply, Session, Step, Terminal};
use python_wasm_sandbox::{Grants, Limits};
use wasi_core::{Streams, Tracer};

pub(crate) use self::lines::Lines;
use self::past::{Branches, Checkpoint, Past};
pub(crate) use self::stopper::{Stopper, TWICE};
use crate::answer::{items, text};
use crate::error::Error;
use crate::python::guest::Guest;
use crate::python::host::Page;
use crate::value::Value;

/// What a session at the prompt needs beside its interpreter.
pub(crate) struct Surroundings {
    /// The folders that were granted.
    pub(crate) grants: Grants,
    /// How much may be used.
    pub(crate) limits: Limits,
    /// Whether each call that a block makes is traced, until `%trace` says otherwise.
    pub(crate) tracing: bool,
    /// Makes what writes traces.
    pub(crate) tracer: fn() -> Tracer,
    /// Set while nothing may be printed. The guest's streams look at it.
    pub(crate) muted: Arc<AtomicBool>,
    /// Makes the guest's streams again when it goes back to an earlier state.
    pub(crate) streams: Box<dyn Fn() -> io::Result<Streams> + Send>,
    /// Decides when Ctrl-C stops a block for good.
    pub(crate) stopper: Stopper,
    /// The line that the program completes.
    pub(crate) lines: Lines,
    /// Shown instead of the banner if the session goes on from a file.
    pub(crate) resumed: Option<String>,
    /// Shows a line to the person at the terminal.
    pub(crate) say: fn(&str),
    /// Says how Python was stopped, if it was, and returns the status for that.
    pub(crate) ended: Box<dyn FnMut(&Outcome) -> i32 + Send>,
}

/// Runs what Python's command line says and then the prompt. Returns the exit status.
pub(crate) fn run(mut guest: Guest, terminal: Terminal, surroundings: Surroundings) -> i32 {
    // A saved session ran its command line before it was saved.
    let result = match surroundings.resumed {
        Some(_) => Ok(0),
        None => guest.define_functions().and_then(|()| guest.run_main()),
    };
    let mut prompt = Prompt::new(guest, surroundings);
    // The editor's own questions are not traced.
    prompt.trace(false);
    match result {
        Ok(_status) => Repl::new(prompt, terminal).run(),
        Err(error) => prompt.status(&error),
    }
}

/// How long a Tab may take until it is interrupted: it may run a program's own `__getattr__`, which may
/// never return.
const COMPLETION: Duration = Duration::from_millis(150);

/// How much longer a Tab may take until it is stopped and undone.
const COMPLETION_GRACE: Duration = Duration::from_millis(50);

/// How long Enter may take to find out whether a block is complete. After that the block is run, and
/// Ctrl-C works again.
const COMPLETENESS: Duration = Duration::from_secs(1);

/// Lets a program show a text that is longer than the screen.
pub(crate) fn page(terminal: Terminal) -> Page {
    Box::new(move |text| terminal.page(text).is_ok())
}

struct Prompt {
    guest: Guest,
    around: Surroundings,
    past: Past,
    branches: Branches,
    /// Whether the last state could not be kept, which has been said then.
    blind: bool,
}

impl Prompt {
    fn new(guest: Guest, around: Surroundings) -> Self {
        Self { guest, around, past: Past::default(), branches: Branches::default(), blind: false }
    }

    /// Takes the state as it is now. If the host has no room for it, says so once.
    fn checkpoint(&mut self) -> Option<Checkpoint> {
        match self.guest.checkpoint() {
            Ok(state) => {
                self.blind = false;
                Some(Checkpoint { state: Arc::new(state), grants: self.around.grants.clone() })
            }
            // A session that has ended has no state to go back to.
            Err(_) if !self.guest.is_usable() => None,
            Err(error) => {
                if !std::mem::replace(&mut self.blind, true) {
                    (self.around.say)(&format!("what is run now cannot be undone: {error}"));
                }
                None
            }
        }
    }

    /// Makes the session what it was at a checkpoint.
    fn go_back(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let streams = (self.around.streams)()?;
        self.guest.restore(&checkpoint.state, streams)?;
        self.around.grants.clone_from(&checkpoint.grants);
        Ok(())
    }

    /// Turns the trace of the guest's calls off, or on if it is wanted.
    fn trace(&mut self, on: bool) {
        let tracer = (on && self.around.tracing).then(self.around.tracer);
        self.guest.instance_mut().wasi_mut().set_trace(tracer);
    }

    /// Asks for something that a person wants done. A block that cannot go on is undone; one that ended
    /// can be undone later, under the name `block`.
    fn perform(
        &mut self,
        block: Option<&str>,
        operation: &str,
        arguments: impl IntoIterator<Item = Value>,
    ) -> Step {
        let before = self.checkpoint();
        self.around.stopper.begin();
        self.trace(true);
        let answer = self.ask(operation, arguments);
        self.trace(false);
        self.around.lines.abandon();
        self.around.muted.store(false, Ordering::Relaxed);
        let interrupt = self.guest.instance().wasi().interrupt().clone();
        let forced = self.around.stopper.end(&interrupt);
        match (before, self.stopped(forced)) {
            (Some(before), Some(outcome)) => self.give_up(&before, &outcome),
            (before, _) => {
                if let (Some(before), Some(block), None) = (before, block, self.guest.lost()) {
                    self.past.push(block, before);
                }
                self.conclude(answer)
            }
        }
    }

    /// How the last block was stopped. `None` if it ended, or if the program or somebody outside ended
    /// the session.
    fn stopped(&self, forced: bool) -> Option<Outcome> {
        match self.guest.lost()? {
            Outcome::Exited(_) => None,
            Outcome::Terminated if !forced => None,
            outcome => Some(outcome.clone()),
        }
    }

    /// Undoes a block that was stopped in the middle of what it did.
    fn give_up(&mut self, before: &Checkpoint, outcome: &Outcome) -> Step {
        match outcome {
            Outcome::Terminated | Outcome::Interrupted => (self.around.say)("stopped"),
            outcome => drop((self.around.ended)(outcome)),
        }
        match self.go_back(before) {
            Ok(()) => {
                (self.around.say)("the session is as it was before");
                Step::Continue
            }
            Err(error) => Step::Exit(self.status(&error)),
        }
    }

    /// Goes on after a block, and says which limit interrupted it, if one did.
    fn conclude(&mut self, answer: Result<Value, Error>) -> Step {
        let interrupted = match answer {
            Ok(interrupted) => interrupted == Value::Bool(true),
            // The interrupt came in a line of the agent's own, before the block or after it.
            Err(Error::Interrupted | Error::Timeout | Error::OutOfFuel) if self.guest.lost().is_none() => {
                (self.around.say)("interrupted");
                true
            }
            Err(error) => return Step::Exit(self.status(&error)),
        };
        if interrupted && let Some(limit) = self.guest.limit_met() {
            (self.around.ended)(match limit {
                Error::Timeout => &Outcome::Timeout,
                _ => &Outcome::OutOfFuel,
            });
        }
        Step::Continue
    }

    fn ask(&mut self, operation: &str, arguments: impl IntoIterator<Item = Value>) -> Result<Value, Error> {
        let arguments = std::iter::once(operation.into()).chain(arguments).collect();
        self.guest.request("prompt", arguments)
    }

    /// Returns the exit status after an error that ends the session.
    fn status(&mut self, error: &Error) -> i32 {
        match (self.guest.lost(), error) {
            (Some(Outcome::Exited(status)), _) => *status as i32,
            (Some(outcome), _) => (self.around.ended)(outcome),
            (None, Error::Exit(status)) => self.finish(*status),
            (None, _) => self.finish(1),
        }
    }

    fn finish(&mut self, status: i32) -> i32 {
        match self.guest.finalize(status) {
            Ok(status) => status,
            Err(_) => match self.guest.lost() {
                Some(Outcome::Exited(status)) => *status as i32,
                Some(outcome) => (self.around.ended)(outcome),
                None => 1,
            },
        }
    }
}

impl Session for Prompt {
    fn banner(&mut self) -> String {
        match self.around.resumed.take() {
            Some(resumed) => resumed,
            None => self.ask("banner", []).and_then(text).unwrap_or_default(),
        }
    }

    fn prompts(&mut self) -> Prompts {
        let prompts = self.ask("prompts", []).and_then(items).map(<[Value; 2]>::try_from);
        match prompts {
            Ok(Ok([Value::Str(ps1), Value::Str(ps2)])) => Prompts { ps1, ps2 },
            _ => Prompts::default(),
        }
    }

    fn completeness(&mut self, source: &str) -> Completeness {
        let question = vec!["completeness".into(), source.into()];
        let answer = self.guest.request_within(COMPLETENESS, None, "prompt", question);
        match answer.and_then(text).as_deref() {
            Ok("complete") => Completeness::Complete,
            Ok("incomplete") => Completeness::Incomplete,
            _ => Completeness::Invalid,
        }
    }

    fn run(&mut self, source: &str) -> Step {
        self.perform(Some(source), "run", [source.into()])
    }

    fn complete(&mut self, source: &str, cursor: usize) -> Completions {
        let characters = source.get(..cursor).unwrap_or(source).chars().count();
        let question = vec!["complete".into(), source.into(), Value::Int(characters as i64)];
        let before = self.checkpoint();
        let grace = before.as_ref().map(|_| COMPLETION_GRACE);
        self.around.muted.store(true, Ordering::Relaxed);
        let answer = self.guest.request_within(COMPLETION, grace, "prompt", question);
        self.around.muted.store(false, Ordering::Relaxed);
        if let (Some(before), Some(_)) = (before, self.guest.lost())
            && let Err(error) = self.go_back(&before)
        {
            (self.around.say)(&format!("the session is lost: {error}"));
        }
        let answer = answer.and_then(items).map(<[Value; 2]>::try_from);
        let Ok(Ok([Value::Int(start), candidates])) = answer else {
            return Completions { start: cursor, candidates: Vec::new() };
        };
        let start = usize::try_from(start).ok().and_then(|start| source.char_indices().nth(start));
        let candidates =
            items(candidates).unwrap_or_default().into_iter().filter_map(|candidate| text(candidate).ok());
        Completions {
            start: start.map_or(cursor, |(byte, _)| byte.min(cursor)),
            candidates: candidates.collect(),
        }
    }

    fn explain(&mut self, name: &str, source: bool) -> Step {
        self.perform(None, "explain", [name.into(), Value::Bool(source)])
    }

    fn commands(&self) -> &'static [Command] {
        &commands::COMMANDS
    }

    fn command(&mut self, name: &str, argument: &str) -> Reply {
        self.obey(name, argument)
    }

    fn goodbye(&mut self) -> i32 {
        self.finish(0)
    }
}

#[cfg(test)]
mod tests;
