//! A terminal over a session that echoes its blocks instead of running Python: for trying out the
//! editor, and for testing it.
//!
//! `input` reads an answer, `choose` one that Tab completes, `secret` a password, `code` a line of code,
//! `spin` prints without a newline, `home` clears the screen, `wait` blocks until a line is typed ahead,
//! `panic` panics, and `exit` ends with status 7.

#![allow(clippy::print_stdout, reason = "a session prints through the guest's stdout")]

use std::io::{self, Write as _};
use std::process::ExitCode;

use python_wasm_repl::{
    Argument, Command, Completeness, Completions, EditMode, LineKind, Options, Prompts, Read, Repl, Reply,
    Session, Step, Terminal,
};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::stdio::stdin;

struct Fake {
    terminal: Terminal,
    prompts: Prompts,
}

impl Fake {
    fn print(&self, text: &str) {
        print!("{text}");
        io::stdout().flush().expect("stdout is open");
        self.terminal.wrote(text.as_bytes());
    }

    fn ask(&self, prompt: &str, kind: LineKind) {
        self.tell(self.terminal.read_line(prompt, kind));
    }

    /// Reads a line with the session's words; Tab after "stop" ends it.
    fn choose(&self) {
        let complete = |line: &str, cursor: usize| (line != "stop").then(|| completions(line, cursor));
        self.tell(self.terminal.read_completed("(Pdb) ", "p ", complete));
    }

    fn tell(&self, read: io::Result<Read>) {
        match read {
            Ok(Read::Line(line)) => self.print(&format!("got {line:?}\n")),
            Ok(other) => self.print(&format!("{other:?}\n")),
            Err(error) => self.print(&format!("{error}\n")),
        }
    }
}

impl Session for Fake {
    fn banner(&mut self) -> String {
        "Fake 1.0".into()
    }

    fn prompts(&mut self) -> Prompts {
        self.prompts.clone()
    }

    /// A block is complete when its brackets are closed and, after a colon, an empty line was entered.
    fn completeness(&mut self, source: &str) -> Completeness {
        let count = |set: &[char]| source.matches(set).count();
        let compound = source.lines().any(|line| line.trim_end().ends_with(':') || line.starts_with('@'));
        if count(&['(', '[', '{']) > count(&[')', ']', '}']) {
            Completeness::Incomplete
        } else if count(&['(', '[', '{']) < count(&[')', ']', '}']) {
            Completeness::Invalid
        } else if compound && !source.ends_with('\n') {
            Completeness::Incomplete
        } else {
            Completeness::Complete
        }
    }

    fn run(&mut self, source: &str) -> Step {
        match source {
            "exit" => return Step::Exit(7),
            "input" => {
                self.print("Name: ");
                self.ask("", LineKind::Answer);
            }
            "ask" => self.ask("answer? ", LineKind::Answer),
            "choose" => self.choose(),
            "home" => self.print("\x1b[2J\x1b[H"),
            "secret" => self.ask("Password: ", LineKind::Secret),
            "code" => self.ask("(Pdb) ", LineKind::Code),
            "spin" => self.print("unfinished"),
            "prompts" => self.prompts = Prompts { ps1: "in> ".into(), ps2: "more-> ".into() },
            "wait" => {
                self.print("waiting\n");
                wait_for_input().expect("a terminal");
            }
            "panic" => panic!("the session panicked"),
            source if source.len() > 2000 => self.print(&format!("ran {} bytes\n", source.len())),
            source => self.print(&format!("ran {source:?}\n")),
        }
        Step::Continue
    }

    fn complete(&mut self, source: &str, cursor: usize) -> Completions {
        assert!(!source[..cursor].ends_with("boom"), "the session panicked");
        if source[..cursor].ends_with("ask") {
            // As a `__getattr__` might do.
            let refused = self.terminal.read_line("", LineKind::Answer).expect_err("the lock is taken");
            return Completions { start: cursor, candidates: vec![format!("# {refused}")] };
        }
        completions(source, cursor)
    }

    fn explain(&mut self, name: &str, source: bool) -> Step {
        if name == "long" {
            let lines: Vec<String> = (0..100).map(|line| format!("line {line}")).collect();
            self.terminal.page(&lines.join("\n")).expect("a terminal");
        } else {
            self.print(&format!("{name} explained, source {source}\n"));
        }
        Step::Continue
    }

    fn commands(&self) -> &'static [Command] {
        const TIME: Command =
            Command { name: "time", usage: "CODE", argument: Argument::Code, help: "runs it" };
        &[TIME]
    }

    fn command(&mut self, _: &str, argument: &str) -> Reply {
        self.run(argument);
        Reply::Done("took a while".into())
    }

    fn goodbye(&mut self) -> i32 {
        self.print("bye\n");
        3
    }
}

fn completions(source: &str, cursor: usize) -> Completions {
    let start = source[..cursor].rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| at + 1);
    let words = ["alpha", "alphabet", "beta"];
    let candidates = words.iter().filter(|word| word.starts_with(&source[start..cursor]));
    Completions { start, candidates: candidates.map(ToString::to_string).collect() }
}

/// Blocks until a line can be read from stdin.
fn wait_for_input() -> io::Result<()> {
    let stdin = stdin();
    loop {
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn main() -> ExitCode {
    let mut options = Options::from_env(|name| std::env::var_os(name));
    if std::env::args().any(|argument| argument == "--vi") {
        options.edit_mode = EditMode::Vi;
    }
    let terminal = Terminal::new(&options).expect("a terminal");
    let ending = terminal.clone();
    ctrlc::set_handler(move || {
        ending.restore();
        std::process::exit(143);
    })
    .expect("no other handler");
    let session = Fake { terminal: terminal.clone(), prompts: Prompts::default() };
    ExitCode::from(Repl::new(session, terminal).run() as u8)
}
