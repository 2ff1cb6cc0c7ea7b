//! A pseudo-terminal that runs the fake session: keys go in, a screen comes out.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use ptyprocess::{PtyProcess, Signal, WaitStatus};
use rustix::termios::{LocalModes, tcgetattr};

/// Long enough for a loaded machine. A test that passes never waits this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running fake session, its screen, and a home of its own.
pub(crate) struct Screen {
    process: PtyProcess,
    keys: File,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    /// Every byte that came out.
    pub(crate) raw: Vec<u8>,
}

impl Screen {
    /// Starts the fake session, with its history in `home`, and waits for its prompt.
    pub(crate) fn start(home: &tempfile::TempDir, settings: &[&str]) -> Self {
        let mut screen = Self::start_without_waiting(home, settings);
        screen.shows("Fake 1.0\n>>>");
        screen
    }

    /// Starts the fake session with `settings`: `NAME=VALUE` pairs, or its options.
    pub(crate) fn start_without_waiting(home: &tempfile::TempDir, settings: &[&str]) -> Self {
        let mut command = Command::new(example());
        command.env_clear().env("TERM", "xterm-256color");
        command.env("PYTHON_WASM_HISTORY", home.path().join("history"));
        for setting in settings {
            match setting.split_once('=') {
                Some((name, value)) => command.env(name, value),
                None => command.arg(setting),
            };
        }
        // The pseudo-terminal does not echo: what a plain line shows was written by the program.
        let process = PtyProcess::spawn(command).expect("a pseudo-terminal");
        let keys = process.get_raw_handle().expect("its master side");
        let mut master = process.get_raw_handle().expect("its master side");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // On Linux the end of the output is an error (EIO).
            while let Ok(count @ 1..) = master.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { process, keys, output, parser: vt100::Parser::new(24, 80, 0), raw: Vec::new() }
    }

    /// Presses keys: `\r` is Enter, `\x1b[A` is Up.
    pub(crate) fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).expect("the terminal is open");
    }

    /// Presses `keys` and waits for the screen to show `text`.
    pub(crate) fn press_for(&mut self, keys: &str, text: &str) {
        self.press(keys.as_bytes());
        self.shows(text);
    }

    /// Waits until the screen ends with `text`, ignoring spaces at line ends.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        self.wait(text, |screen| screen.text().ends_with(text));
    }

    /// Returns the text on the screen, without spaces at line ends and blank rows at the end.
    pub(crate) fn text(&self) -> String {
        let rows: Vec<String> =
            self.parser.screen().rows(0, 80).map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// Returns row and column of the cursor, from 0.
    pub(crate) fn cursor(&self) -> (u16, u16) {
        self.parser.screen().cursor_position()
    }

    /// Returns the cell at a row and a column, from 0.
    pub(crate) fn cell(&self, row: u16, column: u16) -> Option<&vt100::Cell> {
        self.parser.screen().cell(row, column)
    }

    /// Resizes the screen; SIGWINCH tells the program.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.process.set_window_size(columns, rows).expect("a terminal");
        self.parser.screen_mut().set_size(rows, columns);
    }

    #[track_caller]
    pub(crate) fn wait(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.raw.extend(&bytes);
                    self.parser.process(&bytes);
                }
                Err(reason) => panic!("{what:?} never came ({reason}); the screen:\n{}", self.text()),
            }
        }
    }

    /// Waits for the process to end. Returns its status, or 128 plus the signal's number.
    #[track_caller]
    pub(crate) fn status(&mut self) -> i32 {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.raw.extend(&bytes);
                    self.parser.process(&bytes);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; the screen:\n{}", self.text()),
            }
        }
        match self.process.wait().expect("a child") {
            WaitStatus::Exited(_, status) => status,
            WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
            other => panic!("neither ended nor killed: {other:?}"),
        }
    }

    /// Sends SIGINT until the screen shows `text`: rustyline notices a signal that arrives between two
    /// reads only at the next key.
    #[track_caller]
    pub(crate) fn interrupt_for(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            assert!(Instant::now() < end, "{text:?} never came; the screen:\n{}", self.text());
            self.signal(Signal::SIGINT);
            while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
                self.parser.process(&bytes);
            }
        }
    }

    pub(crate) fn signal(&mut self, signal: Signal) {
        self.process.signal(signal).expect("it runs");
    }

    /// Whether the terminal reads whole lines and turns Ctrl-C into a signal, as a shell expects it.
    pub(crate) fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.keys).expect("a terminal").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ISIG)
    }
}

/// Returns the path of the example, which cargo builds along with the tests.
fn example() -> std::path::PathBuf {
    let mut path = std::env::current_exe().expect("this test");
    path.pop();
    path.pop();
    path.push("examples/fake");
    assert!(path.exists(), "{} is missing; run `cargo test` without --test", path.display());
    path
}
