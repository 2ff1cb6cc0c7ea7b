//! A guest runs, and the thread that called it serves it.
//!
//! The main thread of Python alone handles signals, and only between two pieces of Python code. So a guest
//! that it calls runs on a thread of its own, while the main thread waits, looks for signals, and runs the
//! functions of the host and the receivers of output that the guest calls: these see the thread that they
//! expect, with its locals and its event loop. Any other thread runs its guest itself. The thread for the main
//! thread's guests is kept between calls, because starting one takes longer than most calls.
//!
//! A failure is what ends a call whatever the guest does: the exception of a signal handler, of a receiver of
//! output, or one of a function that is not an `Exception`. The guest is interrupted, and told to end for good
//! if it does not end soon.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use python_wasm::InterruptHandle;
use rayon_core::{ThreadPool, ThreadPoolBuilder};

use crate::running::Running;

/// How long the main thread waits between two looks for signals.
const LOOK: Duration = Duration::from_millis(20);

/// When a guest that goes on after a failure is interrupted again.
const AGAIN: Duration = Duration::from_secs(1);

/// When it is ended for good.
const ENOUGH: Duration = Duration::from_secs(2);

type Job = Box<dyn FnOnce(Python<'_>) + Send>;

/// What the code that a guest calls needs of the call that the guest is in.
#[derive(Clone)]
struct Desk {
    /// To the thread that serves; `None` if that is this one.
    jobs: Option<Sender<Job>>,
    failure: Arc<Mutex<Option<PyErr>>>,
    interrupt: InterruptHandle,
}

thread_local! {
    /// The desk of the guest that runs on this thread.
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

/// Runs `work`, in which a guest runs, without the GIL.
///
/// Returns the failure if there was one. `RuntimeError` if Python is about to end.
pub(crate) fn serve<T: Send>(
    py: Python<'_>,
    interrupt: &InterruptHandle,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    let _running = Running::begin(py, interrupt)?;
    let failure = Arc::default();
    let desk = |jobs| Desk { jobs, failure: Arc::clone(&failure), interrupt: interrupt.clone() };
    let result = if is_main_thread(py)? {
        let (tell, jobs) = channel();
        let desk = desk(Some(tell));
        let serving = desk.clone().without_jobs();
        py.detach(move || beside(|| at(desk, work), || serving.wait(&jobs)))?
    } else {
        let desk = desk(None);
        py.detach(|| at(desk, work))
    };
    match failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(failure) => Err(failure),
        None => Ok(result),
    }
}

/// Runs a guest on another thread while this one, the main thread, serves it.
fn beside<T: Send>(guest: impl FnOnce() -> T + Send, serve: impl FnOnce()) -> PyResult<T> {
    thread_local! {
        /// The thread that is kept, and the process that it belongs to: one that was forked has none of its threads.
        static KEPT: RefCell<Option<(u32, ManuallyDrop<ThreadPool>)>> = const { RefCell::new(None) };
    }

    KEPT.with(|kept| {
        let Ok(mut kept) = kept.try_borrow_mut() else {
            // A function of the host, or the handler of a signal, calls another guest.
            return thread::scope(|scope| {
                let guest = thread::Builder::new().name(NAME.into()).spawn_scoped(scope, guest)?;
                serve();
                guest.join().map_err(|_| panicked())
            });
        };
        let this = process::id();
        if kept.as_ref().is_none_or(|(process, _)| *process != this) {
            let pool = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| NAME.into()).build();
            let pool = pool.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
            *kept = Some((this, ManuallyDrop::new(pool)));
        }
        let Some((_, pool)) = &*kept else { return Err(panicked()) };
        let mut result = None;
        pool.in_place_scope(|scope| {
            let result = &mut result;
            // A panic is caught, so that the thread is there for the next guest.
            scope.spawn(move |_| *result = panic::catch_unwind(AssertUnwindSafe(guest)).ok());
            serve();
        });
        result.ok_or_else(panicked)
    })
}

/// The name of threads on which guests run.
const NAME: &str = "python-wasm guest";

fn panicked() -> PyErr {
    PyRuntimeError::new_err("the sandbox's thread panicked")
}

/// Runs code of the host for the guest that runs on this thread, where that code belongs.
///
/// Returns `None` if the code cannot run any more: Python is about to end.
pub(crate) fn on_callers_thread<T: Send + 'static>(
    code: impl FnOnce(Python<'_>) -> T + Send + 'static,
) -> Option<T> {
    match DESK.with_borrow(|desk| desk.as_ref().and_then(|desk| desk.jobs.clone())) {
        None => Python::try_attach(code),
        Some(jobs) => {
            let (tell, result) = channel();
            let job: Job = Box::new(move |py| {
                // The guest's thread waits for it.
                let _sent = tell.send(code(py));
            });
            jobs.send(job).ok()?;
            result.recv().ok()
        }
    }
}

/// Ends the call that the guest on this thread is in with this exception.
pub(crate) fn fail(py: Python<'_>, error: PyErr) {
    match DESK.with_borrow(Clone::clone) {
        Some(desk) => desk.fail(error),
        // A function that was awaited, on a thread that belongs to no call.
        None => error.write_unraisable(py, None),
    }
}

/// Whether this is the thread that handles signals.
fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    static CURRENT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static MAIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let current = CURRENT.import(py, "threading", "get_ident")?.call0()?;
    let main = MAIN.import(py, "threading", "main_thread")?.call0()?.getattr("ident")?;
    current.eq(main)
}

/// Runs the handlers of the signals that came. An error if one raises.
fn look_for_signals(py: Python<'_>) -> PyResult<()> {
    py.check_signals()
}

/// Runs a guest at a desk. Guests can be nested: a function of the host may call another sandbox.
fn at<T>(desk: Desk, work: impl FnOnce() -> T) -> T {
    struct Leave(Option<Desk>);

    impl Drop for Leave {
        fn drop(&mut self) {
            DESK.set(self.0.take());
        }
    }

    let _leave = Leave(DESK.replace(Some(desk)));
    work()
}

impl Desk {
    fn without_jobs(self) -> Self {
        Self { jobs: None, ..self }
    }

    /// Keeps the first failure, and interrupts the guest.
    fn fail(&self, error: PyErr) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.interrupt.interrupt();
    }

    /// Serves the guest's thread until that hangs up.
    fn wait(&self, jobs: &Receiver<Job>) {
        let mut failed: Option<Instant> = None;
        let mut asked_again = false;
        loop {
            match jobs.recv_timeout(LOOK) {
                // What the code does to this desk counts as if the guest's thread did it.
                Ok(job) => at(self.clone(), || Python::attach(job)),
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = Python::attach(look_for_signals) {
                        self.fail(error);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let has_failed = self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if has_failed {
                let since = failed.get_or_insert_with(Instant::now).elapsed();
                if since > ENOUGH {
                    self.interrupt.terminate();
                } else if since > AGAIN && !asked_again {
                    asked_again = true;
                    self.interrupt.interrupt();
                }
            }
        }
    }
}
