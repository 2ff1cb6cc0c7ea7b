//! What lies on the desk while one line is read.
//!
//! rustyline owns the key bindings, the history and the assistant apart from
//! each other; the desk is what the three share. It is behind a lock because
//! rustyline asks its key bindings to be `Sync`; only the thread that reads the
//! line ever takes it.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::session::Session;

/// An interpreter that the loop and the editor take turns to ask, on one thread.
pub(crate) type SharedSession = Arc<Mutex<dyn Session>>;

/// What the line is for.
#[derive(Clone, Default)]
pub(crate) enum Task {
    /// A block for the interpreter, edited with its help.
    Block(SharedSession),
    /// One line of code, for a debugger or a console inside the guest.
    Code,
    /// An answer to `input()`.
    #[default]
    Answer,
    /// A password: neither shown nor kept.
    Secret,
}

impl Task {
    /// Whether Python is typed.
    pub(crate) fn is_code(&self) -> bool {
        matches!(self, Self::Block(_) | Self::Code)
    }
}

/// A change to the buffer that no command of rustyline can express.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
    pub(crate) cursor: usize,
}

/// What comes this soon after a prompt was typed before it stood there.
const AT_ONCE: Duration = Duration::from_millis(200);

/// The papers on the desk.
#[derive(Default)]
pub(crate) struct Papers {
    pub(crate) task: Task,
    /// When the line began to be read.
    pub(crate) begun: Option<Instant>,
    /// `sys.ps2`, drawn in the margin.
    pub(crate) ps2: String,
    /// The entry that was last fetched from the history, as the buffer shows it.
    pub(crate) recalled: String,
    /// Ctrl-R was pressed, and nothing since that ends a search.
    pub(crate) searching: bool,
    /// What has arrived of a paste that has not ended yet.
    pub(crate) paste: Option<String>,
    /// Ctrl-C was pressed.
    pub(crate) interrupted: bool,
    /// To be made by the assistant, at the command `Complete`.
    pub(crate) edit: Option<Edit>,
    /// The completions to choose from, in columns, shown below the block until the next key.
    pub(crate) menu: String,
    /// Buffer and cursor as they were last seen.
    pub(crate) seen: (String, usize),
}

impl Papers {
    /// Whether a key that comes now was typed ahead.
    pub(crate) fn has_just_begun(&self) -> bool {
        self.begun.is_some_and(|begun| begun.elapsed() < AT_ONCE)
    }

    /// Remembers the line, should what follows not be text.
    pub(crate) fn see(&mut self, line: &str, cursor: usize) {
        self.seen.0.clear();
        self.seen.0.push_str(line);
        self.seen.1 = cursor;
    }
}

/// A handle on the papers.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<Papers>>);

impl Desk {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Papers> {
        lock(&self.0)
    }
}

/// Takes a lock, also after a panic under it: what it guards is replaced before each line.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
