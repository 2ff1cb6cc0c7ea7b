//! One child process: what it printed, how it ended and what it cost.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use wait4::Wait4;

use crate::interrupt::Interrupt;

/// How often a running child's deadline and Ctrl-C are looked at.
const TICK: Duration = Duration::from_millis(50);

/// What is kept of each of a child's two streams; the rest is read and dropped.
const MAX_OUTPUT: u64 = 1 << 20;

/// A child that ended by itself.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) usage: Usage,
}

/// What a child cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// From before it was started until it had ended.
    pub(crate) wall: Duration,
    /// User and system time, its own finished children included.
    pub(crate) cpu: Duration,
    /// Bytes: the largest resident set. Linux counts what the child was before
    /// it became another program, so this never is below the harness's own
    /// few MiB.
    pub(crate) peak_memory: u64,
}

/// Why a child has no end of its own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    #[error("cannot start '{program}': {source}")]
    Start { program: String, source: io::Error },
    #[error("cannot make a terminal: {0}")]
    Terminal(io::Error),
    #[error("cannot wait for '{program}': {source}")]
    Wait { program: String, source: io::Error },
    #[error("took more than {} s and was stopped", .0.as_secs_f64())]
    TimedOut(Duration),
    #[error("interrupted")]
    Interrupted,
}

/// Runs `command` with an empty standard input until it ends, `limit` has
/// passed or `interrupt` is set; then nothing of its process group is left.
pub(crate) fn run(
    command: &mut Command,
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<Outcome, ProcessError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = start_in_own_group(command)?;
    let stdout = child.stdout.take().map(read_in_background);
    let stderr = child.stderr.take().map(read_in_background);
    finish(command, child, start, [stdout, stderr], limit, interrupt)
}

/// The same with a terminal for its three streams, on which `answer` is typed once `prompt` stands
/// there. Its standard output is what the terminal got.
pub(crate) fn run_at_terminal(
    command: &mut Command,
    (prompt, answer): (&'static str, &'static str),
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<Outcome, ProcessError> {
    let (host, guest) = terminal().map_err(ProcessError::Terminal)?;
    let copy = || guest.try_clone().map(Stdio::from).map_err(ProcessError::Terminal);
    command.stdin(copy()?).stdout(copy()?).stderr(guest).env("TERM", "xterm");
    let start = Instant::now();
    let child = start_in_own_group(command)?;
    // Only the child is to hold its side: else the terminal outlives it.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let seen = thread::spawn(move || attend(&host, prompt.as_bytes(), answer.as_bytes()));
    finish(command, child, start, [Some(seen), None], limit, interrupt)
}

/// A new terminal: our side and the program's.
fn terminal() -> io::Result<(File, File)> {
    let host = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&host)?;
    unlockpt(&host)?;
    let name = ptsname(&host, Vec::new())?;
    let mut options = OpenOptions::new();
    let guest = options.read(true).write(true).open(OsStr::from_bytes(name.as_bytes()))?;
    Ok((host.into(), guest))
}

/// Reads what the program shows until it has closed its side, and types `answer` when `prompt` is there.
fn attend(mut terminal: &File, prompt: &[u8], answer: &[u8]) -> Vec<u8> {
    let (mut seen, mut buffer, mut typed) = (Vec::new(), [0; 4096], false);
    // The end of a terminal is an error, and so is a program that does not wait for its answer.
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        seen.extend(buffer.iter().take(count).take(MAX_OUTPUT as usize - seen.len()));
        if !typed && seen.windows(prompt.len()).any(|window| window == prompt) {
            typed = terminal.write_all(answer).is_ok();
        }
    }
    seen
}

/// A group of its own: Ctrl-C in the terminal reaches the harness alone, and what the child started can
/// be ended with it.
fn start_in_own_group(command: &mut Command) -> Result<Child, ProcessError> {
    let started = command.process_group(0).spawn();
    started.map_err(|source| ProcessError::Start { program: name(command), source })
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// Waits for the end of what was started at `start`, or brings it about.
fn finish(
    command: &Command,
    mut child: Child,
    start: Instant,
    [stdout, stderr]: [Option<JoinHandle<Vec<u8>>>; 2],
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<Outcome, ProcessError> {
    let wait_error = |source: io::Error| ProcessError::Wait { program: name(command), source };
    let pid = Pid::from_child(&child);
    let stopped = wait_for_end(pid, start, limit, interrupt);
    // Until it is reaped its id cannot become another process's. The group
    // may be empty already: nothing to end is no error.
    let _ = kill_process_group(pid, Signal::KILL);
    let end = child.wait4().map_err(wait_error)?;
    let stdout = collect(stdout);
    let stderr = collect(stderr);

    let ended = stopped?.map_err(wait_error)?;
    Ok(Outcome {
        status: end.status,
        stdout,
        stderr,
        usage: Usage {
            wall: ended.duration_since(start),
            cpu: end.rusage.utime + end.rusage.stime,
            peak_memory: end.rusage.maxrss,
        },
    })
}

/// When the child ended, not yet reaped; the outer error is ours to stop it.
fn wait_for_end(
    pid: Pid,
    start: Instant,
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<io::Result<Instant>, ProcessError> {
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let result = rustix::io::retry_on_intr(|| waitid(WaitId::Pid(pid), options));
        // Nobody listens any more once the child is being stopped.
        let _ = sender.send(result.map(|_| Instant::now()).map_err(io::Error::from));
    });
    loop {
        let left = limit.saturating_sub(start.elapsed());
        match ended.recv_timeout(TICK.min(left)) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Disconnected) => {
                return Ok(Err(io::Error::other("the waiting thread is gone")));
            }
            Err(RecvTimeoutError::Timeout) if interrupt.is_set() => {
                return Err(ProcessError::Interrupted);
            }
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                return Err(ProcessError::TimedOut(limit));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Reads on so that the child never blocks on a full pipe.
fn read_in_background(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut kept = Vec::new();
        // A stream that breaks off is a short one: its content is judged.
        let _ = stream.by_ref().take(MAX_OUTPUT).read_to_end(&mut kept);
        let _ = io::copy(&mut stream, &mut io::sink());
        kept
    })
}

fn collect(reader: Option<JoinHandle<Vec<u8>>>) -> String {
    let bytes = reader.and_then(|thread| thread.join().ok()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn keeps_both_streams_and_the_status() {
        let finished =
            run(&mut shell("echo out; echo err >&2; exit 3"), MINUTE, &Interrupt::default()).unwrap();
        assert_eq!(finished.stdout, "out\n");
        assert_eq!(finished.stderr, "err\n");
        assert_eq!(finished.status.code(), Some(3));
    }

    #[test]
    fn counts_cpu_time_and_memory_of_the_child() {
        let script = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
        let usage = run(&mut shell(script), MINUTE, &Interrupt::default()).unwrap().usage;
        assert!(usage.cpu > Duration::from_millis(1), "{usage:?}");
        assert!(usage.wall >= usage.cpu / 2, "{usage:?}");
        assert!(usage.peak_memory > 100 * 1024, "{usage:?}");
    }

    #[test]
    fn names_a_program_that_is_not_there() {
        let error = run(&mut Command::new("/no/such/python"), MINUTE, &Interrupt::default()).unwrap_err();
        assert!(error.to_string().starts_with("cannot start '/no/such/python': "), "{error}");
    }

    #[test]
    fn stops_a_child_and_its_children_at_the_limit() {
        let limit = Duration::from_millis(100);
        // The sleep in the background would hold the pipes open for a minute.
        let error = run(&mut shell("sleep 60 & sleep 60"), limit, &Interrupt::default()).unwrap_err();
        assert_eq!(error.to_string(), "took more than 0.1 s and was stopped");
    }

    #[test]
    fn stops_a_child_when_interrupted() {
        let interrupt = Interrupt::default();
        interrupt.set();
        let error = run(&mut shell("sleep 60"), MINUTE, &interrupt).unwrap_err();
        assert!(matches!(error, ProcessError::Interrupted), "{error}");
    }

    #[test]
    fn answers_a_prompt_at_a_terminal() {
        let script = "test -t 0 && test -t 1 && test -t 2 && printf 'who? ' && read name && echo it is $name";
        let answer = ("who? ", "me\r");
        let finished = run_at_terminal(&mut shell(script), answer, MINUTE, &Interrupt::default()).unwrap();
        assert_eq!(finished.stdout, "who? me\r\nit is me\r\n");
        assert_eq!(finished.status.code(), Some(0));
    }

    #[test]
    fn a_prompt_that_never_comes_is_stopped_at_the_limit() {
        let limit = Duration::from_millis(100);
        let error = run_at_terminal(&mut shell("cat"), ("who? ", "me\r"), limit, &Interrupt::default());
        assert_eq!(error.unwrap_err().to_string(), "took more than 0.1 s and was stopped");
    }

    #[test]
    fn survives_more_output_than_it_keeps() {
        let script = "yes | head -c 3000000";
        let finished = run(&mut shell(script), MINUTE, &Interrupt::default()).unwrap();
        assert_eq!(finished.stdout.len() as u64, MAX_OUTPUT);
    }
}
