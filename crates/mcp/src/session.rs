//! One session: an interpreter, the states that it can go back to, and its files.

use std::collections::BTreeMap;
use std::time::Duration;

use python_wasm::{Error, Files, InterruptHandle, Limits, Python, Snapshot, Stats};
use tokio::sync::mpsc::UnboundedSender;

use crate::files::{self, Found, MAX_PICTURE};
use crate::options::WORK;
use crate::past::Past;
use crate::transcript::{Printed, Stream, Transcript};

/// Characters of a step that are remembered to name it.
const NAME: usize = 60;

/// A session, which one call at a time uses.
pub(crate) struct Session {
    python: Python,
    limits: Limits,
    transcript: Transcript,
    past: Past,
    /// The checksums of the pictures that are there.
    pictures: BTreeMap<String, u32>,
    /// Where the session goes when it is lost and no state before is known.
    beginning: Snapshot,
}

/// What a piece of code did.
pub(crate) struct Ran {
    pub(crate) printed: Printed,
    /// What a prompt would show of the last expression.
    pub(crate) value: Option<String>,
    pub(crate) error: Option<Error>,
    pub(crate) stats: Stats,
    /// Pictures that were made or changed.
    pub(crate) pictures: Vec<Picture>,
    /// The session had to go back to the state before.
    pub(crate) went_back: bool,
}

/// A picture of a session's folder.
pub(crate) struct Picture {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

impl Session {
    /// Begins a session from a state.
    pub(crate) fn new(beginning: &Snapshot, undo: usize) -> Result<Self, Error> {
        Self::from(beginning, beginning.clone(), Past::new(undo))
    }

    fn from(state: &Snapshot, beginning: Snapshot, past: Past) -> Result<Self, Error> {
        let transcript = Transcript::default();
        let builder = state
            .builder()
            .stdout_writer(transcript.writer(Stream::Out))
            .stderr_writer(transcript.writer(Stream::Err));
        let python = builder.spawn()?;
        let mut session = Self {
            python,
            limits: beginning.limits().clone(),
            transcript,
            past,
            pictures: BTreeMap::new(),
            beginning,
        };
        session.new_pictures();
        Ok(session)
    }

    /// Returns a second session that goes on from here, with the same past.
    pub(crate) fn fork(&mut self) -> Result<Self, Error> {
        let state = self.python.snapshot()?;
        Self::from(&state, self.beginning.clone(), self.past.clone())
    }

    /// Returns the limits of each call.
    pub(crate) fn limits(&self) -> &Limits {
        self.python.limits()
    }

    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        self.python.interrupt_handle()
    }

    /// Runs code. Whatever becomes of it, the session can be used afterwards: one that is lost goes back to the
    /// state before.
    pub(crate) fn run(
        &mut self,
        code: &str,
        timeout: Option<Duration>,
        watcher: Option<UnboundedSender<Vec<u8>>>,
    ) -> Ran {
        let before = self.remember(&named(code));
        let timeout = timeout.map_or(self.limits.timeout, |asked| asked.min(self.limits.timeout));
        self.transcript.begin(watcher);
        let limited = self.python.set_limits(self.limits.clone().timeout(timeout));
        let result = limited.and_then(|()| self.python.exec_repr(code));
        let (stats, value, error) = match result {
            Ok((output, value)) => (output.stats, value, None),
            Err(error) => (self.python.take_output().stats, None, Some(error)),
        };
        let printed = self.transcript.end();
        let went_back = !self.python.is_usable();
        if went_back {
            self.go_back(before.as_ref());
            self.past.forget(usize::from(before.is_some()));
        }
        Ran { printed, value, error, stats, pictures: self.new_pictures(), went_back }
    }

    /// Goes back to the state before the last `count` steps. Returns what they were.
    pub(crate) fn undo(&mut self, count: usize) -> Result<Vec<String>, String> {
        let Some(before) = self.past.before(count) else {
            return Err(match self.past.len() {
                0 => "there is nothing to undo".into(),
                most => format!("{count} steps cannot be undone, {most} can"),
            });
        };
        self.python.restore(before).map_err(|error| error.to_string())?;
        let forgotten = self.past.forget(count);
        self.new_pictures();
        Ok(forgotten)
    }

    /// Returns how many steps can be undone.
    pub(crate) fn steps(&self) -> usize {
        self.past.len()
    }

    /// Makes a file, with the folders on the way to it.
    pub(crate) fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = files::relative(path);
        self.remember(&format!("(wrote {path})"));
        let folder = self.files();
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
            if folder.entry(&path[..at]).is_err() {
                folder.create_dir(&path[..at])?;
            }
        }
        let result = folder.write(path, bytes);
        self.new_pictures();
        result
    }

    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.files().read(files::relative(path))
    }

    /// Returns the files of the session, by their paths.
    pub(crate) fn list(&self) -> Vec<Found> {
        files::below(&self.files())
    }

    /// Returns the pictures among them that can be shown.
    pub(crate) fn pictures(&self) -> Vec<Found> {
        let is_shown = |found: &Found| files::picture(&found.path).is_some() && found.size <= MAX_PICTURE;
        self.list().into_iter().filter(is_shown).collect()
    }

    fn files(&self) -> Files<'_> {
        self.python.files(WORK)
    }

    /// Keeps the state before a step. `None` if it cannot be kept: then the step cannot be undone.
    fn remember(&mut self, what: &str) -> Option<Snapshot> {
        let before = self.python.checkpoint().ok()?;
        let folders = [WORK, "/tmp", "/home/user"].map(|name| files::below(&self.python.files(name)));
        let bytes: u64 = folders.iter().flatten().map(|found| found.size).sum();
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.past.push(what.to_owned(), before.clone(), bytes);
        Some(before)
    }

    fn go_back(&mut self, before: Option<&Snapshot>) {
        let state = before.or(self.past.last()).unwrap_or(&self.beginning);
        if self.python.restore(state).is_err() {
            // The past is of no use either.
            self.past.forget(usize::MAX);
            let _still_lost = self.python.restore(&self.beginning);
        }
    }

    /// Finds the pictures that were made or changed since this was last asked.
    fn new_pictures(&mut self) -> Vec<Picture> {
        let mut now = BTreeMap::new();
        let mut new = Vec::new();
        for found in self.pictures() {
            let Ok(bytes) = self.files().read(&found.path) else { continue };
            let sum = crc32fast::hash(&bytes);
            if self.pictures.get(&found.path) != Some(&sum) {
                new.push(Picture { path: found.path.clone(), bytes });
            }
            now.insert(found.path, sum);
        }
        self.pictures = now;
        new
    }
}

/// The first line of code, shortened.
fn named(code: &str) -> String {
    let line = code.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    if line.chars().count() <= NAME {
        line.to_owned()
    } else {
        line.chars().take(NAME).chain(['\u{2026}']).collect()
    }
}
