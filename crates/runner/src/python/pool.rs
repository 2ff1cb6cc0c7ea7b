//! Sandboxes made in advance, for a server that needs one for each request.

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Python, Snapshot};
use crate::error::Error;

/// Up to `size` sandboxes that start from one snapshot. Each is used once, and then replaced in the
/// background.
///
/// ```
/// use python_wasm::{Pool, Python};
///
/// let mut py = Python::builder().build()?;
/// py.exec("import json; requests = 0")?;
/// let pool = Pool::new(py.snapshot()?, 4)?;
/// let mut sandbox = pool.checkout()?;
/// sandbox.exec("requests += 1")?;
/// drop(sandbox);
/// assert_eq!(pool.checkout()?.eval::<i64>("requests")?, 0);
/// # Ok::<(), python_wasm::Error>(())
/// ```
///
/// Threads share a pool by reference. Sandboxes that are out when it is dropped live on.
pub struct Pool {
    shared: Arc<Shared>,
    /// The thread that replaces used sandboxes.
    replacing: Option<JoinHandle<()>>,
}

/// What the users of a pool share with its own thread.
struct Shared {
    snapshot: Snapshot,
    size: usize,
    state: Mutex<State>,
    /// Signalled when a sandbox came back or is ready, and when the pool ends.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ready: Vec<Python>,
    used: VecDeque<Python>,
    /// Sandboxes that are ready, out, or being replaced.
    alive: usize,
    ended: bool,
}

/// A sandbox taken out of a [`Pool`]. When it is dropped, another one takes its place there.
pub struct Pooled {
    python: Option<Python>,
    shared: Arc<Shared>,
}

impl Pool {
    /// Makes `size` sandboxes and a thread that replaces them.
    ///
    /// [`Error::Config`] for a size of 0; otherwise as [`Snapshot::spawn`], and [`Error::Io`] if the
    /// host has no thread left.
    #[expect(clippy::needless_pass_by_value, reason = "a pool has its snapshot, in a form of its own")]
    pub fn new(snapshot: Snapshot, size: usize) -> Result<Self, Error> {
        if size == 0 {
            return Err(Error::config("a pool needs a size of at least 1"));
        }
        let snapshot = snapshot.settled()?;
        let ready = (0..size).map(|_| snapshot.spawn()).collect::<Result<_, _>>()?;
        let state = Mutex::new(State { ready, alive: size, ..State::default() });
        let shared = Arc::new(Shared { snapshot, size, state, changed: Condvar::new() });
        let background = Arc::clone(&shared);
        let replacing =
            thread::Builder::new().name("python-wasm pool".into()).spawn(move || background.replace())?;
        Ok(Self { shared, replacing: Some(replacing) })
    }

    /// Takes a sandbox out. Waits while all are out.
    pub fn checkout(&self) -> Result<Pooled, Error> {
        loop {
            if let Some(sandbox) = self.checkout_within(Duration::from_hours(1))? {
                return Ok(sandbox);
            }
        }
    }

    /// Takes a sandbox out if one is ready. Does not wait for one that is in use.
    pub fn try_checkout(&self) -> Result<Option<Pooled>, Error> {
        self.checkout_within(Duration::ZERO)
    }

    /// Takes a sandbox out if one is ready, or becomes ready within this time.
    pub fn checkout_within(&self, time: Duration) -> Result<Option<Pooled>, Error> {
        let end = Instant::now().checked_add(time);
        let mut state = self.shared.lock();
        loop {
            if let Some(python) = state.ready.pop() {
                return Ok(Some(self.out(python)));
            }
            // One could not be replaced. Perhaps it can be now.
            if state.alive < self.shared.size {
                state.alive += 1;
                drop(state);
                let spawned = self.shared.snapshot.spawn();
                return match spawned {
                    Ok(python) => Ok(Some(self.out(python))),
                    Err(error) => {
                        self.shared.lock().alive -= 1;
                        Err(error)
                    }
                };
            }
            let left = end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(None);
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn out(&self, python: Python) -> Pooled {
        Pooled { python: Some(python), shared: Arc::clone(&self.shared) }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic halfway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces used sandboxes until the pool ends.
    fn replace(&self) {
        let mut state = self.lock();
        while !state.ended {
            let Some(python) = state.used.pop_front() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            // Dropped first, so that the new one can have its slot.
            drop(python);
            let spawned = self.snapshot.spawn();
            state = self.lock();
            match spawned {
                Ok(python) => state.ready.push(python),
                // The next checkout tries again, and returns the error.
                Err(_) => state.alive -= 1,
            }
            self.changed.notify_all();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
        if let Some(replacing) = self.replacing.take() {
            let ended = replacing.join();
            debug_assert!(ended.is_ok(), "the thread of a pool does not panic");
        }
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if !state.ended {
            state.used.extend(self.python.take());
            self.shared.changed.notify_all();
        }
    }
}

impl Deref for Pooled {
    type Target = Python;

    fn deref(&self) -> &Python {
        self.python.as_ref().expect("it is there until it is dropped")
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Python {
        self.python.as_mut().expect("it is there until it is dropped")
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ready = self.shared.lock().ready.len();
        f.debug_struct("Pool").field("size", &self.shared.size).field("ready", &ready).finish_non_exhaustive()
    }
}

impl fmt::Debug for Pooled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pooled").finish_non_exhaustive()
    }
}
