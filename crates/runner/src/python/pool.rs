//! Sandboxes made in advance, for a server that needs one for each request.

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Python, PythonBuilder, Snapshot};
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
    /// Signalled when a sandbox came back or is ready, and when the pool ends or is told something.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// With the moment since which each is ready, the oldest first.
    ready: VecDeque<(Python, Instant)>,
    used: VecDeque<Python>,
    /// Sandboxes whose successors are being made.
    in_work: usize,
    /// Sandboxes that are ready, out, or being replaced.
    alive: usize,
    /// How long a sandbox may be ready.
    rest: Option<Duration>,
    ended: bool,
    counts: Counts,
}

/// What only grows.
#[derive(Clone, Copy, Default)]
struct Counts {
    checkouts: u64,
    waits: u64,
    waited: Duration,
    evicted: u64,
    failures: u64,
}

/// What a [`Pool`] has and has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// The most sandboxes that there are.
    pub size: usize,
    /// Sandboxes that are ready.
    pub ready: usize,
    /// Sandboxes that are out.
    pub out: usize,
    /// Sandboxes that came back and are being replaced.
    pub replacing: usize,
    /// Sandboxes that were taken out since the pool was made.
    pub checkouts: u64,
    /// Checkouts that had to wait because none was ready, and those that waited in vain.
    pub waits: u64,
    /// The time that they waited, all together.
    pub waited: Duration,
    /// Sandboxes that were dropped because nobody wanted them for too long.
    pub evicted: u64,
    /// Sandboxes that could not be made.
    pub failures: u64,
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
        let ready =
            (0..size).map(|_| Ok((snapshot.spawn()?, Instant::now()))).collect::<Result<_, Error>>()?;
        let state = Mutex::new(State { ready, alive: size, ..State::default() });
        let shared = Arc::new(Shared { snapshot, size, state, changed: Condvar::new() });
        let background = Arc::clone(&shared);
        let replacing =
            thread::Builder::new().name("python-wasm pool".into()).spawn(move || background.replace())?;
        Ok(Self { shared, replacing: Some(replacing) })
    }

    /// Drops a sandbox that is ready for longer than this, so that a pool that nobody uses has no memory but its
    /// snapshot's. Another one is made when it is asked for.
    #[must_use]
    pub fn evict_after(self, rest: Duration) -> Self {
        self.shared.lock().rest = Some(rest);
        self.shared.changed.notify_all();
        self
    }

    /// Tells what the pool has and has done.
    pub fn stats(&self) -> PoolStats {
        let state = self.shared.lock();
        let Counts { checkouts, waits, waited, evicted, failures } = state.counts;
        let (ready, replacing) = (state.ready.len(), state.replacing());
        PoolStats {
            size: self.shared.size,
            ready,
            out: state.alive - ready - replacing,
            replacing,
            checkouts,
            waits,
            waited,
            evicted,
            failures,
        }
    }

    /// Takes a sandbox out that has streams, limits, functions, variables, folders or a tag of its own, as
    /// [`Snapshot::builder`] gives them. Waits while all are out.
    ///
    /// ```
    /// # use python_wasm::{Pool, Python};
    /// let mut py = Python::builder().build()?;
    /// py.exec("import os")?;
    /// let pool = Pool::new(py.snapshot()?, 2)?;
    /// let mut sandbox = pool.checkout_with(|builder| builder.env("USER", "ada"))?;
    /// assert_eq!(sandbox.eval::<String>("os.environ['USER']")?, "ada");
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    ///
    /// The sandbox is made now, which takes about as long as for [`Snapshot::spawn`]. [`Error::Config`] for what
    /// does not fit the snapshot; [`Error::Snapshot`] as from [`PythonBuilder::spawn`].
    pub fn checkout_with(
        &self,
        describe: impl FnOnce(PythonBuilder) -> PythonBuilder,
    ) -> Result<Pooled, Error> {
        let mut sandbox = self.checkout()?;
        // Its slot is free before the other one needs one. If there is none, this place is filled again.
        sandbox.python = None;
        sandbox.python = Some(describe(self.shared.snapshot.builder()).spawn()?);
        Ok(sandbox)
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
        let begun = Instant::now();
        let end = begun.checked_add(time);
        let mut waits = false;
        let mut state = self.shared.lock();
        let taken = loop {
            if let Some((python, _)) = state.ready.pop_back() {
                break Some(python);
            }
            // One could not be replaced, or was not wanted for long. Perhaps it can be made now.
            if state.alive < self.shared.size {
                state.alive += 1;
                drop(state);
                let spawned = self.shared.snapshot.spawn();
                state = self.shared.lock();
                match spawned {
                    Ok(python) => break Some(python),
                    Err(error) => {
                        state.alive -= 1;
                        state.counts.failures += 1;
                        return Err(error);
                    }
                }
            }
            let left = end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break None;
            }
            waits = true;
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        if waits {
            state.counts.waits += 1;
            state.counts.waited += begun.elapsed();
        }
        state.counts.checkouts += u64::from(taken.is_some());
        drop(state);
        Ok(taken.map(|python| self.out(python)))
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

    /// Replaces used sandboxes, and drops those that nobody wants, until the pool ends.
    fn replace(&self) {
        let mut state = self.lock();
        while !state.ended {
            if let Some(python) = state.used.pop_front() {
                state.in_work += 1;
                drop(state);
                // Dropped first, so that the new one can have its slot.
                drop(python);
                let spawned = self.snapshot.spawn();
                state = self.lock();
                state.in_work -= 1;
                if let Ok(python) = spawned {
                    state.ready.push_back((python, Instant::now()));
                } else {
                    // The next checkout tries again, and returns the error.
                    state.alive -= 1;
                    state.counts.failures += 1;
                }
                self.changed.notify_all();
                continue;
            }
            let left = state.rest_of_oldest();
            if left == Some(Duration::ZERO) {
                let unwanted = state.ready.pop_front();
                state.alive -= 1;
                state.counts.evicted += 1;
                drop(state);
                drop(unwanted);
                state = self.lock();
                continue;
            }
            let left = left.unwrap_or(Duration::MAX);
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl State {
    /// How many sandboxes have come back and have no successor yet.
    fn replacing(&self) -> usize {
        self.used.len() + self.in_work
    }

    /// How long the sandbox may still be ready that has been so for the longest time.
    fn rest_of_oldest(&self) -> Option<Duration> {
        let ((_, since), rest) = self.ready.front().zip(self.rest)?;
        Some(rest.saturating_sub(since.elapsed()))
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
        if state.ended {
            return;
        }
        match self.python.take() {
            Some(python) => state.used.push_back(python),
            // It could not be made as it was described.
            None => state.alive -= 1,
        }
        self.shared.changed.notify_all();
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
