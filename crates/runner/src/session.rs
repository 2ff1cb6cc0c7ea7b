//! Python at the terminal's prompt: the interpreter behind `python_wasm_repl::Session`.

use std::time::Duration;

use python_wasm_repl::{
    Completeness, Completions, LineKind as Kind, Prompts, Read, Repl, Session, Step, Terminal,
};

use crate::engine::Outcome;
use crate::error::Error;
use crate::python::guest::{Guest, items, text};
use crate::python::host::{Line, LineKind, ReadLine};
use crate::value::Value;

/// Runs what Python's command line says and then the prompt; the exit status.
///
/// `ended` is told how Python was stopped, if it was, and gives the status for that.
pub(crate) fn run(
    mut guest: Guest,
    terminal: Terminal,
    ended: impl FnMut(&Outcome) -> i32 + Send + 'static,
) -> i32 {
    let result = guest.run_main();
    let mut prompt = Prompt { guest, ended: Box::new(ended) };
    match result {
        Ok(_status) => Repl::new(prompt, terminal).run(),
        Err(error) => prompt.status(&error),
    }
}

/// How long a Tab may take: a program's own `__getattr__` may be asked, and may never answer.
const COMPLETION: Duration = Duration::from_millis(200);

/// How a program reads its own lines through the terminal's editor.
pub(crate) fn read_line(terminal: Terminal) -> ReadLine {
    Box::new(move |prompt, kind| {
        let kind = match kind {
            LineKind::Answer => Kind::Answer,
            LineKind::Secret => Kind::Secret,
        };
        match terminal.read_line(prompt, kind) {
            Ok(Read::Line(line)) => Line::Text(line),
            Ok(Read::Eof) => Line::Eof,
            Ok(Read::Interrupted) => Line::Interrupted,
            // The editor is busy or the terminal is gone: the program reads its stdin.
            Err(_) => Line::Unavailable,
        }
    })
}

struct Prompt {
    guest: Guest,
    ended: Box<dyn FnMut(&Outcome) -> i32 + Send>,
}

impl Prompt {
    fn ask(&mut self, operation: &str, arguments: impl IntoIterator<Item = Value>) -> Result<Value, Error> {
        let arguments = std::iter::once(operation.into()).chain(arguments).collect();
        self.guest.request("prompt", arguments)
    }

    /// The exit status after an error, which ends the session.
    fn status(&mut self, error: &Error) -> i32 {
        match (self.guest.lost(), error) {
            (Some(Outcome::Exited(status)), _) => *status as i32,
            (Some(outcome), _) => (self.ended)(outcome),
            (None, Error::Exit(status)) => self.finish(*status),
            (None, _) => self.finish(1),
        }
    }

    fn finish(&mut self, status: i32) -> i32 {
        match self.guest.finalize(status) {
            Ok(status) => status,
            Err(_) => match self.guest.lost() {
                Some(Outcome::Exited(status)) => *status as i32,
                Some(outcome) => (self.ended)(outcome),
                None => 1,
            },
        }
    }
}

impl Session for Prompt {
    fn banner(&mut self) -> String {
        self.ask("banner", []).and_then(text).unwrap_or_default()
    }

    fn prompts(&mut self) -> Prompts {
        let prompts = self.ask("prompts", []).and_then(items).map(<[Value; 2]>::try_from);
        match prompts {
            Ok(Ok([Value::Str(ps1), Value::Str(ps2)])) => Prompts { ps1, ps2 },
            _ => Prompts::default(),
        }
    }

    fn completeness(&mut self, source: &str) -> Completeness {
        match self.ask("completeness", [source.into()]).and_then(text).as_deref() {
            Ok("complete") => Completeness::Complete,
            Ok("incomplete") => Completeness::Incomplete,
            _ => Completeness::Invalid,
        }
    }

    fn run(&mut self, source: &str) -> Step {
        match self.ask("run", [source.into()]) {
            Ok(Value::Bool(true)) => {
                if let Some(limit) = self.guest.limit_met() {
                    (self.ended)(match limit {
                        Error::Timeout => &Outcome::Timeout,
                        _ => &Outcome::OutOfFuel,
                    });
                }
                Step::Continue
            }
            Ok(_) => Step::Continue,
            Err(error) => Step::Exit(self.status(&error)),
        }
    }

    fn complete(&mut self, source: &str, cursor: usize) -> Completions {
        let characters = source.get(..cursor).unwrap_or(source).chars().count();
        let question = vec!["complete".into(), source.into(), Value::Int(characters as i64)];
        let answer = self.guest.request_within(COMPLETION, "prompt", question);
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

    fn goodbye(&mut self) -> i32 {
        self.finish(0)
    }
}
