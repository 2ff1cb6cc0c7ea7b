//! The threads on which functions of the host run that may take their time, and Python itself where its calls are awaited.
//! One that has ended its function waits a moment for the next, because a new thread costs more than most functions.

use std::io;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread waits for a function before it ends.
const PATIENCE: Duration = Duration::from_millis(200);

/// The most threads of this process that wait at once; others end when their function has ended.
const MAX_WAITING: usize = 64;

/// The threads of this process that wait.
static WAITING: AtomicUsize = AtomicUsize::new(0);

type Job = Box<dyn FnOnce(&Worker) + Send>;

/// The threads of one interpreter.
#[derive(Default)]
pub(crate) struct Workers(Vec<Worker>);

/// A thread, shared by the interpreter that hands it functions and the thread itself.
#[derive(Clone)]
pub(crate) struct Worker(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// The process in which the thread is: the child of a `fork` has the memory, but not the threads.
    process: u32,
}

enum State {
    Running,
    Idle,
    Next(Job),
    Gone,
}

impl Workers {
    /// Runs a job on a thread that waits for one, or on a new one. The job tells the thread by
    /// [`Worker::is_done`] when it has ended.
    pub(crate) fn run(&mut self, job: impl FnOnce(&Worker) + Send + 'static) -> io::Result<()> {
        self.0.retain(Worker::is_here);
        let mut job: Job = Box::new(job);
        for worker in &self.0 {
            match worker.hand(job) {
                Ok(()) => return Ok(()),
                Err(back) => job = back,
            }
        }
        let worker = Worker(Arc::new(Shared {
            state: Mutex::new(State::Next(job)),
            changed: Condvar::new(),
            process: process::id(),
        }));
        let own = worker.clone();
        thread::Builder::new().name("python-wasm".into()).spawn(move || own.work())?;
        self.0.push(worker);
        Ok(())
    }
}

impl Worker {
    /// Makes the thread ready for its next job. A job says so before anybody learns of its end, who may have the
    /// next one at once.
    pub(crate) fn is_done(&self) {
        let waiting = WAITING.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count < MAX_WAITING).then_some(count + 1)
        });
        *self.state() = if waiting.is_ok() { State::Idle } else { State::Gone };
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            job(self);
        }
    }

    /// Waits for a job. `None` if none comes.
    fn next(&self) -> Option<Job> {
        let end = Instant::now() + PATIENCE;
        let mut state = self.state();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match std::mem::replace(&mut *state, State::Running) {
                State::Next(job) => return Some(job),
                State::Idle if !left.is_zero() => {
                    *state = State::Idle;
                    let waited = self.0.changed.wait_timeout(state, left);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                was => {
                    if matches!(was, State::Idle) {
                        WAITING.fetch_sub(1, Ordering::AcqRel);
                    }
                    *state = State::Gone;
                    return None;
                }
            }
        }
    }

    /// Hands a job to the thread, or returns it if the thread does not wait for one.
    fn hand(&self, job: Job) -> Result<(), Job> {
        let mut state = self.state();
        if !matches!(*state, State::Idle) {
            return Err(job);
        }
        *state = State::Next(job);
        WAITING.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_one();
        Ok(())
    }

    fn is_here(&self) -> bool {
        self.0.process == process::id() && !matches!(*self.state(), State::Gone)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic halfway.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_thread_that_has_ended_its_job_takes_the_next() {
        let (mut workers, (tell, told)) = (Workers::default(), channel());
        let mut threads = Vec::new();
        for _ in 0..10 {
            let tell = tell.clone();
            let job = move |worker: &Worker| {
                worker.is_done();
                tell.send(thread::current().id()).unwrap();
            };
            workers.run(job).unwrap();
            threads.push(told.recv().unwrap());
        }
        assert!(threads.iter().all(|thread| *thread == threads[0]), "{threads:?}");
    }

    #[test]
    fn a_job_that_takes_its_time_has_a_thread_of_its_own() {
        let (mut workers, (tell, told), (end, ended)) = (Workers::default(), channel(), channel::<()>());
        let first = tell.clone();
        let long = move |worker: &Worker| {
            first.send(thread::current().id()).unwrap();
            ended.recv().unwrap_err();
            worker.is_done();
        };
        workers.run(long).unwrap();
        let long = told.recv().unwrap();
        workers.run(move |_: &Worker| tell.send(thread::current().id()).unwrap()).unwrap();
        assert_ne!(told.recv().unwrap(), long);
        drop(end);
    }
}
