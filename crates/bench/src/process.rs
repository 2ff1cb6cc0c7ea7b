//! Runs a child process: its output, its status and its cost.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
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

/// How often the deadline of a running child and Ctrl-C are checked.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// Bytes kept of each of a child's two streams. The rest is read and dropped.
const MAX_OUTPUT: u64 = 1 << 20;

/// The outcome of a child that ended by itself.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) usage: Usage,
}

/// The cost of a child.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// From before the start of the process to its end.
    pub(crate) wall: Duration,
    /// User and system time, including finished children of the child.
    pub(crate) cpu: Duration,
    /// The largest resident set, in bytes. Linux includes the time before `exec`, so this is never below the
    /// few MiB of the harness itself.
    pub(crate) peak_memory: u64,
}

/// The reason why a child did not end by itself.
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

/// Runs `command` with an empty standard input until it ends, `limit` has passed or `interrupt` is set.
/// Then kills what is left of its process group.
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

/// Runs `command` as [`run`] does, with a terminal as its three streams. Types `answer` once `prompt`
/// is shown. The outcome's standard output is all that the terminal received.
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
    // Only the child may hold its side, or the terminal would outlive the child.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let seen = thread::spawn(move || attend(&host, prompt.as_bytes(), answer.as_bytes()));
    finish(command, child, start, [Some(seen), None], limit, interrupt)
}

/// Opens a pseudo-terminal. Returns our side and the program's.
fn terminal() -> io::Result<(File, File)> {
    let host = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&host)?;
    unlockpt(&host)?;
    let name = ptsname(&host, Vec::new())?;
    let mut options = OpenOptions::new();
    let guest = options.read(true).write(true).open(OsStr::from_bytes(name.as_bytes()))?;
    Ok((host.into(), guest))
}

/// Reads what the program shows until it closes its side, and types `answer` once `prompt` is shown.
fn attend(mut terminal: &File, prompt: &[u8], answer: &[u8]) -> Vec<u8> {
    let (mut seen, mut buffer, mut typed) = (Vec::new(), [0; 4096], false);
    // Reading fails at the end of a terminal, and writing if the program did not wait for its answer.
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        seen.extend(buffer.iter().take(count).take(MAX_OUTPUT as usize - seen.len()));
        if !typed && seen.windows(prompt.len()).any(|window| window == prompt) {
            typed = terminal.write_all(answer).is_ok();
        }
    }
    seen
}

/// Starts `command` in a process group of its own, so that Ctrl-C reaches the harness alone and the
/// children of the child can be killed with it.
pub(crate) fn start_in_own_group(command: &mut Command) -> Result<Child, ProcessError> {
    let started = command.process_group(0).spawn();
    started.map_err(|source| ProcessError::Start { program: name(command), source })
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// Waits for the end of the child that was started at `start`, or kills it.
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
    // The child is not reaped yet, so no other process can have its id. The group may already be empty:
    // that error is ignored.
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

/// Returns when the child ended, without reaping it. The outer error is the reason to kill it.
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
        // Nobody receives it once the child is being killed.
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

/// Reads to the end, so that the child never blocks on a full pipe.
pub(crate) fn read_in_background(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut kept = Vec::new();
        // A stream that fails counts as a short one.
        let _ = stream.by_ref().take(MAX_OUTPUT).read_to_end(&mut kept);
        let _ = io::copy(&mut stream, &mut io::sink());
        kept
    })
}

pub(crate) fn collect(reader: Option<JoinHandle<Vec<u8>>>) -> String {
    let bytes = reader.and_then(|thread| thread.join().ok()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the bytes of memory that a process shares with no other. `process` is its id or `self`.
pub(crate) fn private_memory(process: &str) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let private = rollup.lines().filter(|line| line.starts_with("Private_"));
    private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum::<u64>() * 1024
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
    fn names_a_program_that_does_not_exist() {
        let error = run(&mut Command::new("/no/such/python"), MINUTE, &Interrupt::default()).unwrap_err();
        assert!(error.to_string().starts_with("cannot start '/no/such/python': "), "{error}");
    }

    #[test]
    fn stops_a_child_and_its_children_at_the_limit() {
        let limit = Duration::from_millis(100);
        // If the sleep in the background survived, it would hold the pipes open for a minute.
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
