//! All sessions: their names, how many there are, which of them rest.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use python_wasm::{Image, InterruptHandle, Mount, Python, Snapshot, user_cache};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, Semaphore};

use crate::files::Found;
use crate::options::{Options, WORK};
use crate::session::Session;

/// The sessions of one client. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Shared>);

struct Shared {
    options: Options,
    /// What each session begins with.
    beginning: Snapshot,
    /// Short work alone is done with this lock.
    table: Mutex<BTreeMap<String, Entry>>,
    /// One for each guest that may run now.
    room: Arc<Semaphore>,
}

/// A session in the table.
#[derive(Clone)]
pub(crate) struct Entry {
    /// Calls take turns, in the order in which they came.
    turn: Arc<Turn<Session>>,
    pub(crate) interrupt: InterruptHandle,
    /// What is known without waiting for a turn.
    known: Arc<Mutex<Known>>,
}

/// What is known of a session when nobody waits for it.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) used: Instant,
    pub(crate) steps: usize,
    pub(crate) pictures: Vec<Found>,
}

impl Sessions {
    /// Starts the Python that all sessions begin with. The error is one line for the user.
    pub(crate) fn new(options: Options) -> Result<Self, String> {
        let beginning = prepared(&options)?;
        let room = Arc::new(Semaphore::new(options.parallel));
        Ok(Self(Arc::new(Shared { options, beginning, table: Mutex::default(), room })))
    }

    /// Returns how many guests may run at once.
    pub(crate) fn parallel(&self) -> usize {
        self.0.options.parallel
    }

    /// Returns a session, which begins if there is none of that name.
    pub(crate) fn open(&self, name: &str) -> Result<Entry, String> {
        check(name)?;
        let mut table = self.lock();
        if let Some(entry) = table.get(name) {
            entry.touch();
            return Ok(entry.clone());
        }
        self.add(&mut table, name, || Session::new(&self.0.beginning, self.0.options.undo))
    }

    /// Returns a session that there is.
    pub(crate) fn find(&self, name: &str) -> Result<Entry, String> {
        let table = self.lock();
        table.get(name).inspect(|entry| entry.touch()).cloned().ok_or_else(|| missing(name, &table))
    }

    /// Adds a fork of a session, whose turn this is, under another name.
    pub(crate) fn fork(&self, session: &mut Session, name: &str) -> Result<Entry, String> {
        check(name)?;
        let mut table = self.lock();
        if table.contains_key(name) {
            return Err(format!("there is a session {name:?} already; reset_session removes it"));
        }
        self.add(&mut table, name, || session.fork())
    }

    /// Removes a session, and ends what it runs. Returns whether there was one.
    pub(crate) fn remove(&self, name: &str) -> bool {
        let removed = self.lock().remove(name);
        if let Some(entry) = &removed {
            entry.interrupt.terminate();
        }
        removed.is_some()
    }

    /// Returns all sessions by their names.
    pub(crate) fn all(&self) -> Vec<(String, Known, bool)> {
        let table = self.lock();
        let described = |(name, entry): (&String, &Entry)| {
            (name.clone(), entry.known().clone(), entry.turn.try_lock().is_err())
        };
        table.iter().map(described).collect()
    }

    /// Closes what rests for too long, for ever.
    pub(crate) async fn evict(self) {
        let idle = self.0.options.idle;
        let pause = (idle / 4).clamp(Duration::from_millis(50), Duration::from_mins(1));
        loop {
            tokio::time::sleep(pause).await;
            let rests = |entry: &Entry| entry.known().used.elapsed() > idle && entry.turn.try_lock().is_ok();
            let closed: Vec<Entry> = {
                let mut table = self.lock();
                let names: Vec<String> =
                    table.iter().filter(|(_, entry)| rests(entry)).map(|(name, _)| name.clone()).collect();
                names.iter().filter_map(|name| table.remove(name)).collect()
            };
            drop(closed);
        }
    }

    /// Ends everything that runs, and all sessions.
    pub(crate) fn close(&self) {
        let table = std::mem::take(&mut *self.lock());
        for entry in table.values() {
            entry.interrupt.terminate();
        }
    }

    /// Returns the room for guests that run.
    pub(crate) fn room(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.room)
    }

    fn add(
        &self,
        table: &mut BTreeMap<String, Entry>,
        name: &str,
        make: impl FnOnce() -> Result<Session, python_wasm::Error>,
    ) -> Result<Entry, String> {
        let most = self.0.options.sessions;
        if table.len() >= most {
            let names = table.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(format!("there are {most} sessions already ({names}); reset_session removes one"));
        }
        let session = make().map_err(|error| format!("no session can be made: {error}"))?;
        let interrupt = session.interrupt_handle();
        let known = Known { used: Instant::now(), steps: session.steps(), pictures: session.pictures() };
        let known = Arc::new(Mutex::new(known));
        let entry = Entry { turn: Arc::new(Turn::new(session)), interrupt, known };
        table.insert(name.to_owned(), entry.clone());
        Ok(entry)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Waits for the turn of a call.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<Session> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Notes what a call has made of the session. Returns whether its pictures are others than before.
    pub(crate) fn note(&self, session: &Session) -> bool {
        let mut known = self.known();
        let pictures = session.pictures();
        let changed = known.pictures != pictures;
        *known = Known { used: Instant::now(), steps: session.steps(), pictures };
        changed
    }

    fn touch(&self) {
        self.known().used = Instant::now();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts Python, in its folder, and runs what the user wants to be there.
fn prepared(options: &Options) -> Result<Snapshot, String> {
    let mut builder = Python::builder().limits(options.limits.clone()).mount(WORK, Mount::memory());
    if let Some(engine) = options.engine {
        builder = builder.engine(engine);
    }
    if let Some(path) = &options.image {
        let image = Image::load(path).map_err(|error| format!("--image {}: {error}", path.display()))?;
        builder = builder.image(&image);
    }
    for site in &options.sites {
        builder = builder.site(site);
    }
    if let Some(cache) = user_cache() {
        builder = builder.bytecode_cache(cache);
    }
    for (name, mount) in options.folders().map_err(|usage| usage.to_string())? {
        builder = builder.mount(&name, mount);
    }
    for (key, value) in &options.env {
        builder = builder.env(key, value);
    }
    let mut python = builder.build().map_err(|error| error.to_string())?;
    let enter = format!("import os, sys\nos.chdir({WORK:?})\nsys.path.insert(0, {WORK:?})\ndel os, sys");
    python.exec(&enter).map_err(|error| error.to_string())?;
    if let Some(path) = &options.prelude {
        let named = |error: &dyn std::fmt::Display| format!("--prelude {}: {error}", path.display());
        let source = fs::read_to_string(path).map_err(|error| named(&error))?;
        python.exec(&source).map_err(|error| named(&error))?;
    }
    python.snapshot().and_then(|snapshot| snapshot.settled()).map_err(|error| error.to_string())
}

fn check(name: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
        return Err(format!("{name:?} is not a name for a session: 1 to 64 letters, digits, -, _ and ."));
    }
    Ok(())
}

fn missing(name: &str, table: &BTreeMap<String, Entry>) -> String {
    let names = table.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let others = if names.is_empty() { "there is none".into() } else { format!("there are: {names}") };
    format!("there is no session {name:?}; {others}")
}
