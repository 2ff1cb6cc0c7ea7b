//! Runs a program as a user does, collects its output, and kills it if it does not end.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Read, Write};
use std::mem::take;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use wait4::Wait4;

use crate::binary;

/// The default time that a program may take: far more than any needs, on any machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A program with its arguments and its input.
#[derive(Debug)]
#[must_use = "nothing happens until it is run"]
pub struct Program {
    command: Command,
    input: Input,
    patience: Duration,
}

#[derive(Debug)]
enum Input {
    Bytes(Vec<u8>),
    Open,
}

impl Program {
    /// `python-wasm`.
    pub fn python() -> Self {
        Self::at(&binary::path("python-wasm"))
    }

    /// `wasi-run`.
    pub fn wasi_run() -> Self {
        Self::at(&binary::path("wasi-run"))
    }

    /// Any program. Its standard input is empty by default.
    pub fn at(path: &Path) -> Self {
        Self { command: Command::new(path), input: Input::Bytes(Vec::new()), patience: PATIENCE }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// Adds `--option HOST::GUEST`, or `--option HOST` if the guest name is empty.
    pub fn grant(self, option: &str, host: &Path, guest: &str) -> Self {
        let mut value = OsString::from(host);
        if !guest.is_empty() {
            value.push("::");
            value.push(guest);
        }
        self.arg(option).arg(value)
    }

    /// Sets its standard input, which is a pipe.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Bytes(bytes.into());
        self
    }

    /// Leaves its standard input open and empty.
    pub fn stdin_open(mut self) -> Self {
        self.input = Input::Open;
        self
    }

    /// Sets its current folder on the host.
    pub fn folder(mut self, path: &Path) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Adds a variable to its environment on the host.
    pub fn variable(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Clears its environment on the host.
    pub fn bare(mut self) -> Self {
        self.command.env_clear();
        self
    }

    /// Sets how long it may take.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Returns the command, for tests that start it themselves.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Starts it and waits for its end.
    pub fn run(self) -> Outcome {
        self.start().end()
    }

    /// Starts it.
    pub fn start(mut self) -> Running {
        let description = format!("{:?}", self.command);
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{description} does not start: {error}"));
        let (sender, events) = channel();
        forward(child.stdout.take(), sender.clone(), Event::Stdout);
        forward(child.stderr.take(), sender.clone(), Event::Stderr);
        let pid = Pid::from_child(&child);
        thread::spawn(move || {
            // NOWAIT: the child is not reaped yet, so no other process can get its id.
            let _ended = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            let _nobody_waits = sender.send(Event::Exit);
        });
        let mut stdin = child.stdin.take();
        if let Input::Bytes(bytes) = self.input
            && let Some(mut pipe) = stdin.take()
        {
            thread::spawn(move || match pipe.write_all(&bytes) {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("stdin: {error}"),
                _ => {}
            });
        }
        Running {
            description,
            child,
            stdin,
            events,
            until: Instant::now() + self.patience,
            stdout: Vec::new(),
            stderr: Vec::new(),
            over: false,
        }
    }
}

enum Event {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    Exit,
}

/// Reads a stream to its end, so that a full pipe never blocks the program.
fn forward(
    stream: Option<impl Read + Send + 'static>,
    sender: Sender<Event>,
    event: impl Fn(Vec<u8>) -> Event + Send + 'static,
) {
    let mut stream = stream.expect("the stream is a pipe");
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            if sender.send(event(buffer[..count].to_vec())).is_err() {
                break;
            }
        }
    });
}

/// A program that was started.
#[derive(Debug)]
pub struct Running {
    description: String,
    child: Child,
    stdin: Option<ChildStdin>,
    events: Receiver<Event>,
    until: Instant,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    over: bool,
}

impl Running {
    /// Waits until it has printed this.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.stdout).contains(text) {
            assert!(self.step() && !self.over, "{text:?} does not come:\n{}", self.story());
        }
    }

    /// Writes to its standard input, which was left open.
    #[track_caller]
    pub fn write(&mut self, text: &str) {
        let pipe = self.stdin.as_mut().expect("standard input is open");
        pipe.write_all(text.as_bytes()).and_then(|()| pipe.flush()).expect("it takes input");
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it can be signalled");
    }

    /// Closes its standard input and waits for it to end.
    #[track_caller]
    pub fn end(mut self) -> Outcome {
        self.stdin = None;
        self.end_by_itself()
    }

    /// Waits for it to end. A standard input that was left open stays open.
    #[track_caller]
    pub fn end_by_itself(mut self) -> Outcome {
        while self.step() {}
        assert!(self.over, "it closed its output and went on:\n{}", self.story());
        let end = self.child.wait4().expect("it has ended");
        Outcome {
            description: take(&mut self.description),
            status: end.status.code(),
            peak_memory: end.rusage.maxrss,
            stdout: take(&mut self.stdout),
            stderr: take(&mut self.stderr),
        }
    }

    /// Waits for one event. False if there will be no more.
    #[track_caller]
    fn step(&mut self) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left) {
            Ok(Event::Stdout(bytes)) => self.stdout.extend(bytes),
            Ok(Event::Stderr(bytes)) => self.stderr.extend(bytes),
            Ok(Event::Exit) => self.over = true,
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => {
                panic!("it does not end:\n{}", self.story())
            }
        }
        true
    }

    fn story(&self) -> String {
        let text = String::from_utf8_lossy;
        format!(
            "{}\n--- stdout\n{}\n--- stderr\n{}",
            self.description,
            text(&self.stdout),
            text(&self.stderr)
        )
    }
}

/// A failed test leaves nothing running.
impl Drop for Running {
    fn drop(&mut self) {
        let _it_has_ended = self.child.kill();
        let _it_has_ended = self.child.wait();
    }
}

/// How a program ended, and what it printed.
#[derive(Debug)]
pub struct Outcome {
    description: String,
    /// The exit status; `None` after a signal.
    pub status: Option<i32>,
    /// The largest resident set in bytes. It is never below that of the test itself.
    pub peak_memory: u64,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

impl Outcome {
    /// Returns standard output as text.
    #[track_caller]
    pub fn stdout(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap_or_else(|error| panic!("stdout: {error}\n{self}"))
    }

    /// Returns standard error as text.
    #[track_caller]
    pub fn stderr(&self) -> &str {
        std::str::from_utf8(&self.stderr).unwrap_or_else(|error| panic!("stderr: {error}\n{self}"))
    }

    /// Asserts that it ended with this status and without a panic.
    #[track_caller]
    pub fn with_status(&self, status: i32) -> &Self {
        assert_eq!(self.status, Some(status), "{self}");
        assert!(!String::from_utf8_lossy(&self.stderr).contains("panicked at"), "{self}");
        self
    }

    /// Asserts that it ended with status 0 and an empty standard error.
    #[track_caller]
    pub fn well(&self) -> &Self {
        self.with_status(0);
        assert_eq!(self.stderr(), "", "{self}");
        self
    }

    /// Asserts that it printed exactly this.
    #[track_caller]
    pub fn printing(&self, stdout: &str) -> &Self {
        assert_eq!(self.stdout(), stdout, "{self}");
        self
    }

    /// Asserts that it ended with this status and one line on standard error, which contains all of `parts`.
    #[track_caller]
    pub fn refused(&self, status: i32, parts: &[&str]) -> &Self {
        self.with_status(status);
        assert_eq!(self.stderr().lines().count(), 1, "one line: {self}");
        self.complaining(parts)
    }

    /// Asserts that standard error contains all of `parts`.
    #[track_caller]
    pub fn complaining(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.stderr().contains(part), "{part:?} is not said: {self}");
        }
        self
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (stdout, stderr) = (String::from_utf8_lossy(&self.stdout), String::from_utf8_lossy(&self.stderr));
        write!(
            f,
            "{}\nstatus {:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}",
            self.description, self.status
        )
    }
}
