//! Functions of the host that Python leaves before they end: they keep their threads, and so they count.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use python_wasm::{Error, Limits, Python, Snapshot};

/// Functions that wait until they are let go, and the number of those that have begun and not ended.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar, AtomicUsize)>);

impl Gate {
    fn wait(&self) {
        let (open, changed, waiting) = &*self.0;
        waiting.fetch_add(1, Ordering::SeqCst);
        drop(changed.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
        waiting.fetch_sub(1, Ordering::SeqCst);
    }

    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn waiting(&self) -> usize {
        self.0.2.load(Ordering::SeqCst)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // A test that fails leaves no threads.
        if std::thread::panicking() {
            self.open();
        }
    }
}

/// A sandbox in which `flood()` begins functions of the host and leaves each at once.
fn flooding(gate: &Gate) -> Python {
    let waiting = gate.clone();
    let limits = Limits::default().timeout(Duration::from_mins(5));
    let function = move |_: u32| {
        waiting.wait();
        Ok::<_, String>(())
    };
    let mut py = Python::builder().limits(limits).async_function("fetch", function).build().unwrap();
    py.exec(
        "
from host import fetch
def flood():
    for made in range(20_000):
        coroutine = fetch(made)
        try:
            coroutine.send(None)
        except RuntimeError as error:
            return made, str(error)
        coroutine.close()",
    )
    .unwrap();
    py
}

#[test]
fn a_program_that_leaves_functions_has_no_more_threads_than_one_that_waits() {
    let gate = Gate::default();
    let mut py = flooding(&gate);
    let (made, message): (usize, String) = py.eval("flood()").unwrap();
    assert_eq!((made, message.as_str()), (64, "64 functions of the host have not ended, awaited or not"));
    // The end of the call abandons functions, too, and does not make room.
    assert_eq!(py.eval::<(usize, String)>("flood()").unwrap().0, 0);
    assert!(gate.waiting() <= 64);
    gate.open();
    while gate.waiting() > 0 {
        std::thread::yield_now();
    }
    py.exec("coroutine = fetch(1)\ntry: coroutine.send(None)\nexcept StopIteration: pass\ncoroutine.close()")
        .unwrap();
}

#[test]
fn forks_that_come_one_after_the_other_share_what_they_leave() {
    let gate = Gate::default();
    let snapshot: Snapshot = flooding(&gate).snapshot().unwrap();
    let mut made = 0;
    for round in 0..8 {
        let mut fork = snapshot.spawn().unwrap();
        let (new, message): (usize, String) = fork.eval("flood()").unwrap();
        made += new;
        let bound =
            if round < 4 { "64 functions" } else { "256 functions of the host have not ended in this" };
        assert!(message.starts_with(bound), "{round}: {message}");
    }
    assert_eq!(made, 256);
    assert!(gate.waiting() <= 256);
    gate.open();
}

#[test]
fn the_exception_is_clear_where_python_awaits() {
    let gate = Gate::default();
    let mut py = flooding(&gate);
    py.exec("flood()").unwrap();
    let error = py.exec("import asyncio\nasyncio.run(fetch(1))").unwrap_err();
    let Error::Exception { type_name, message, .. } = &error else { panic!("{error:?}") };
    assert_eq!(type_name, "RuntimeError");
    assert!(message.starts_with("64 functions of the host have not ended"), "{message}");
    gate.open();
}
