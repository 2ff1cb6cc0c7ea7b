//! At a terminal, a pseudo one as a user's is: `input()`, the prompt, Ctrl-C and Ctrl-D.

use std::fs;
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use ptyprocess::{PtyProcess, WaitStatus};
use python_wasm_tests::Program;
use tempfile::{TempDir, tempdir};

/// Far more than anything here takes; a test that passes never waits for it.
const PATIENCE: Duration = Duration::from_mins(1);

/// `python-wasm` at a terminal of its own, with a home of its own for the history.
struct Terminal {
    process: PtyProcess,
    keys: fs::File,
    output: Receiver<Vec<u8>>,
    shown: String,
    _home: TempDir,
}

impl Terminal {
    fn start(program: Program) -> Self {
        let home = tempdir().unwrap();
        let history = home.path().join("history");
        let program = program.bare().variable("TERM", "xterm").variable("PYTHON_WASM_HISTORY", history);
        let process = PtyProcess::spawn(program.into_command()).expect("a pseudo-terminal");
        let keys = process.get_raw_handle().expect("its master side");
        let mut screen = process.get_raw_handle().expect("its master side");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // On Linux the end is an error.
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { process, keys, output, shown: String::new(), _home: home }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Waits until this is shown, after all that was waited for before.
    #[track_caller]
    fn shows(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let plain = without_escapes(&self.shown);
            if let Some(at) = plain.find(text) {
                plain[at + text.len()..].clone_into(&mut self.shown);
                return;
            }
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown += &String::from_utf8_lossy(&bytes),
                Err(reason) => panic!("{text:?} is not shown ({reason}), but {plain:?}"),
            }
        }
    }

    /// Its exit status.
    #[track_caller]
    fn ends(self) -> i32 {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end"),
            }
        }
        let status = self.process.wait().expect("a child");
        let WaitStatus::Exited(_, code) = status else { panic!("{status:?}") };
        code
    }
}

/// The text without the sequences that move the cursor and colour it. An unfinished one at the end stays.
fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        plain += &rest[..at];
        let sequence = &rest[at + 1..];
        let length = match sequence.strip_prefix('[') {
            Some(body) => body.find(|c: char| ('@'..='~').contains(&c)).map(|end| end + 2),
            None => sequence.chars().next().map(char::len_utf8),
        };
        let Some(length) = length else {
            return plain + &rest[at..];
        };
        rest = &sequence[length..];
    }
    plain + rest
}

#[test]
fn a_script_asks_at_the_terminal() {
    let folder = tempdir().unwrap();
    let script = folder.path().join("ask.py");
    fs::write(&script, "import sys\nname = input('Your name? ')\nprint('Hello', name, sys.argv[1:])\n")
        .unwrap();
    let mut terminal = Terminal::start(Program::python().arg(&script).args(["a", "b"]));
    terminal.shows("Your name? ");
    terminal.types("Zoë\r");
    terminal.shows("Hello Zoë ['a', 'b']");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn streams_at_the_terminal_are_terminals() {
    let code = "import sys; print([s.isatty() for s in (sys.stdin, sys.stdout, sys.stderr)])";
    let mut terminal = Terminal::start(Program::python().args(["-c", code]));
    terminal.shows("[True, True, True]");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_d_is_the_end_of_input() {
    let code = "try:\n    input('? ')\nexcept EOFError: print('end of input')";
    let mut terminal = Terminal::start(Program::python().args(["-c", code]));
    terminal.shows("? ");
    terminal.types("\x04");
    terminal.shows("end of input");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_c_at_the_terminal_ends_input() {
    interrupts("input('ready')");
}

#[test]
fn ctrl_c_at_the_terminal_ends_a_loop() {
    interrupts("print('ready', flush=True)\nwhile True: pass");
}

fn interrupts(code: &str) {
    let mut terminal = Terminal::start(Program::python().args(["-c", code]));
    terminal.shows("ready");
    terminal.types("\x03");
    terminal.shows("KeyboardInterrupt");
    assert_eq!(terminal.ends(), 130);
}

#[test]
fn the_prompt_works() {
    let mut terminal = Terminal::start(Program::python());
    terminal.shows("Python 3.13.5");
    terminal.shows("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.");
    terminal.shows(">>> ");
    terminal.types("2 + 3\r");
    terminal.shows("\n5");
    terminal.shows(">>> ");
    terminal.types("1 / 0\r");
    terminal.shows("ZeroDivisionError: division by zero");
    terminal.shows(">>> ");
    terminal.types("while True: print('loop' + 'ing')\r\r");
    terminal.shows("looping");
    terminal.types("\x03");
    terminal.shows("KeyboardInterrupt");
    terminal.shows(">>> ");
    terminal.types("import sys; sys.exit(7)\r");
    assert_eq!(terminal.ends(), 7);
}

#[test]
fn the_prompt_follows_a_script_with_i() {
    let folder = tempdir().unwrap();
    let script = folder.path().join("script.py");
    fs::write(&script, "x = 6\nprint('ran')\n").unwrap();
    let mut terminal = Terminal::start(Program::python().arg("-i").arg(&script));
    terminal.shows("ran");
    terminal.shows(">>> ");
    terminal.types("x * 7\r");
    terminal.shows("\n42");
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_d_leaves_the_prompt() {
    let mut terminal = Terminal::start(Program::python().arg("-q"));
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}
