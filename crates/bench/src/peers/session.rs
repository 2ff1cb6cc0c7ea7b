//! A driver's process: requests and answers, one a line, and what its processes cost.

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use serde_json::json;

use super::Calls;
use super::rows::Row;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::process::{self, ProcessError, TICK};

/// An answer of a driver: the field that is there says which kind it is.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    ms: Option<Vec<f64>>,
    about: Option<String>,
    #[serde(default)]
    calls: Calls,
    none: Option<String>,
    error: Option<String>,
}

/// A running driver. Its processes are killed when this is dropped.
pub(crate) struct Session {
    child: Child,
    requests: Option<ChildStdin>,
    answers: Receiver<String>,
    last_words: Option<JoinHandle<Vec<u8>>>,
}

impl Session {
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = process::start_in_own_group(command)?;
        let requests = child.stdin.take();
        let last_words = child.stderr.take().map(process::read_in_background);
        let (sender, answers) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                // Nobody receives a line of a driver that is being killed.
                BufReader::new(stdout).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok())
            });
        }
        Ok(Self { child, requests, answers, last_words })
    }

    /// Asks the driver who it is and what it calls.
    pub(crate) fn about(
        &mut self,
        limit: Duration,
        interrupt: &Interrupt,
    ) -> Result<(String, Calls), Failure> {
        let answer = self.answer(&json!({ "task": "about" }), limit, interrupt)?;
        let about = answer.about.ok_or_else(|| Failure::reported("the driver did not say what it is"))?;
        Ok((about, answer.calls))
    }

    /// Has the driver do `task` with the source of `row`, and returns the milliseconds that it measured.
    pub(crate) fn ask(
        &mut self,
        task: &str,
        row: &Row,
        repeats: u32,
        limit: Duration,
        interrupt: &Interrupt,
    ) -> Result<Vec<f64>, Failure> {
        let request = json!({ "task": task, "repeats": repeats, "source": row.source, "answer": row.answer });
        let answer = self.answer(&request, limit, interrupt)?;
        answer.ms.ok_or_else(|| Failure::reported("the driver did not answer with times"))
    }

    fn answer(
        &mut self,
        request: &serde_json::Value,
        limit: Duration,
        interrupt: &Interrupt,
    ) -> Result<Answer, Failure> {
        let line = format!("{request}\n");
        // A driver that is gone answers nothing, which is reported below.
        let _ = self.requests.as_mut().map(|requests| requests.write_all(line.as_bytes()));
        let start = Instant::now();
        let line = loop {
            match self.answers.recv_timeout(TICK) {
                Ok(line) => break line,
                Err(RecvTimeoutError::Disconnected) => return Err(self.gone()),
                Err(RecvTimeoutError::Timeout) if interrupt.is_set() => {
                    return Err(ProcessError::Interrupted.into());
                }
                Err(RecvTimeoutError::Timeout) if start.elapsed() > limit => {
                    return Err(ProcessError::TimedOut(limit).into());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        let answer: Answer = serde_json::from_str(&line).map_err(|_| Failure::reported(&line))?;
        match answer {
            Answer { error: Some(error), .. } => Err(Failure::reported(&error)),
            Answer { none: Some(reason), .. } => Err(Failure::Absent(reason)),
            answer => Ok(answer),
        }
    }

    /// Returns why there is no answer: the last line of the driver's standard error.
    fn gone(&mut self) -> Failure {
        self.kill();
        let text = process::collect(self.last_words.take());
        let last = text.lines().rev().find(|line| !line.trim().is_empty());
        Failure::reported(last.unwrap_or("the driver ended without a word"))
    }

    fn kill(&mut self) {
        drop(self.requests.take());
        // The child is not reaped yet, so no other process has its id.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }

    /// Returns the processor time of all processes of the driver that run still, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> f64 {
        let ticks: u64 = self.processes().iter().map(|process| process.ticks).sum();
        ticks as f64 * 1e3 / rustix::param::clock_ticks_per_second() as f64
    }

    /// Returns the bytes of memory that the processes of the driver share with no other.
    pub(crate) fn private_memory(&self) -> u64 {
        self.processes().iter().map(|one| process::private_memory(&one.id.to_string())).sum()
    }

    fn processes(&self) -> Vec<Process> {
        let group = self.child.id();
        let mut all: Vec<Process> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(Process::of)
            .collect();
        let mut ids = HashSet::from([group]);
        // A child may leave the group. Ids grow, but for a table of them that has been run through once.
        for _ in 0..2 {
            let more = all.iter().filter(|process| process.group == group || ids.contains(&process.parent));
            let more: Vec<u32> = more.map(|process| process.id).collect();
            ids.extend(more);
        }
        all.retain(|process| ids.contains(&process.id));
        all
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What `/proc/PID/stat` says of a process.
struct Process {
    id: u32,
    parent: u32,
    group: u32,
    /// User and system time.
    ticks: u64,
}

impl Process {
    fn of(id: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name before it may hold anything. The state is field 3 of proc_pid_stat(5).
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Self {
            id,
            parent: number(4)?.try_into().ok()?,
            group: number(5)?.try_into().ok()?,
            ticks: number(14)? + number(15)?,
        })
    }
}
