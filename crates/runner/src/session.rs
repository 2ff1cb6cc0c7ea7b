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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use wasi_core::fs::stdio::Capture;

    use super::*;
    use crate::{Limits, Python};

    /// A prompt, what it prints, and how it was stopped.
    fn prompt(limits: Limits) -> (Prompt, Capture, Capture, Receiver<Outcome>) {
        let (guest, stdout, stderr) = Python::builder().limits(limits).build().unwrap().into_guest();
        let (sender, stopped) = channel();
        let ended = Box::new(move |outcome: &Outcome| {
            sender.send(outcome.clone()).unwrap();
            99
        });
        (Prompt { guest, ended }, stdout, stderr, stopped)
    }

    #[test]
    fn blocks_print_as_at_cpython_s_prompt() {
        let (mut prompt, stdout, stderr, _) = prompt(Limits::default());
        assert!(prompt.banner().starts_with("Python 3.13."));
        assert_eq!(prompt.prompts(), Prompts::default());
        for block in ["x = 40", "x + 2", "None", "_", "'a'; 'b'", "sum = 1", "exit"] {
            let step = prompt.run(block);
            assert_eq!(step, if block == "exit" { Step::Exit(0) } else { Step::Continue }, "{block}");
        }
        assert_eq!(String::from_utf8(stdout.take()).unwrap(), "42\n42\n'a'\n'b'\n");
        assert_eq!(stderr.take(), b"");
    }

    #[test]
    fn a_traceback_shows_the_source_that_was_typed() {
        let (mut prompt, _, stderr, _) = prompt(Limits::default());
        prompt.run("def f():\n    return missing\n");
        prompt.run("f()");
        let expected = "Traceback (most recent call last):\n  \
            File \"<python-input-1>\", line 1, in <module>\n    f()\n    ~^^\n  \
            File \"<python-input-0>\", line 2, in f\n    return missing\n           ^^^^^^^\n\
            NameError: name 'missing' is not defined\n";
        assert_eq!(String::from_utf8(stderr.take()).unwrap(), expected);
    }

    #[test]
    fn the_guest_s_compiler_says_what_is_complete() {
        use Completeness::{Complete, Incomplete, Invalid};
        let (mut prompt, ..) = prompt(Limits::default());
        let table = [
            ("", Complete),
            ("# comment", Complete),
            ("1 + 1", Complete),
            ("a = 1\nb = 2", Complete),
            ("if x:", Incomplete),
            ("if x:\n    y()", Incomplete),
            ("if x:\n    y()\n", Complete),
            ("f(", Incomplete),
            ("\"\"\"text", Incomplete),
            ("@decorator", Incomplete),
            ("a = \\", Incomplete),
            ("async def f():\n    await g()\n", Complete),
            ("x = $", Invalid),
            ("for", Invalid),
        ];
        for (source, expected) in table {
            assert_eq!(prompt.completeness(source), expected, "{source:?}");
        }
    }

    #[test]
    fn completion_counts_in_bytes_and_gives_up_on_code_that_never_answers() {
        let (mut prompt, ..) = prompt(Limits::default());
        prompt.run("class A:\n    def __getattr__(self, name):\n        while True: pass\n");
        prompt.run("a = A(); ünï = {'kéy': 1}; x = 1");
        let complete = |prompt: &mut Prompt, source: &str| {
            let completions = prompt.complete(source, source.len());
            (completions.start, completions.candidates)
        };
        assert_eq!(complete(&mut prompt, "ünï['k"), ("ünï['".len(), vec!["kéy".to_owned()]));
        assert_eq!(complete(&mut prompt, "ü = ünï.cl"), ("ü = ".len(), vec!["ünï.clear".to_owned()]));
        assert_eq!(complete(&mut prompt, "from json im").1, ["import"]);
        assert_eq!(complete(&mut prompt, "a.b.c").1, [""; 0]);
        assert_eq!(prompt.run("x += 1"), Step::Continue);
        assert_eq!(prompt.run("exit(x)"), Step::Exit(2));
    }

    #[test]
    fn a_limit_ends_the_block_and_not_the_session() {
        let limits = Limits::default().timeout(Duration::from_millis(300));
        let (mut prompt, _, stderr, stopped) = prompt(limits);
        assert_eq!(prompt.run("while True: pass\n"), Step::Continue);
        assert!(stderr.take().ends_with(b"KeyboardInterrupt\n"));
        assert_eq!(stopped.try_recv(), Ok(Outcome::Timeout));
        assert_eq!(prompt.run("import os; os._exit(5)"), Step::Exit(5));
    }

    #[test]
    fn exit_handlers_run_at_the_end() {
        let (mut prompt, stdout, ..) = prompt(Limits::default());
        prompt.run("import atexit; atexit.register(print, 'bye'); None");
        stdout.take();
        assert_eq!(prompt.goodbye(), 0);
        assert_eq!(stdout.take(), b"bye\n");
    }
}
