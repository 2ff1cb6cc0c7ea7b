//! The state of the line that is being edited.
//!
//! rustyline owns the key bindings, the history and the assistant separately; this is the state that
//! all three share. A lock guards it only because rustyline requires key bindings to be `Sync`:
//! no thread but the one that reads the line ever takes it.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::session::{Completions, Session};

/// The interpreter. The loop and the editor call it in turns, on one thread.
pub(crate) type SharedSession = Arc<Mutex<dyn Session>>;

/// Completes a line for the program that reads it. `None` ends the line, as Ctrl-C does.
pub(crate) type Completer = Arc<Mutex<dyn FnMut(&str, usize) -> Option<Completions> + Send>>;

/// The purpose of a line.
#[derive(Clone, Default)]
pub(crate) enum Task {
    /// A block for the interpreter, edited with its help.
    Block(SharedSession),
    /// One line of code, for a debugger or a console inside the guest.
    Code,
    /// An answer to `input()`.
    #[default]
    Answer,
    /// An answer that begins with a text and is completed by the program.
    Completed(String, Completer),
    /// A password: neither shown nor kept in a history.
    Secret,
}

impl Task {
    /// Whether the line is Python.
    pub(crate) fn is_code(&self) -> bool {
        matches!(self, Self::Block(_) | Self::Code)
    }
}

/// A change to the buffer that rustyline has no command for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
    pub(crate) cursor: usize,
}

impl Edit {
    /// Inserts `text` at `at` and leaves the cursor after it.
    pub(crate) fn insert(at: usize, text: &str) -> Self {
        Self { range: at..at, text: text.to_owned(), cursor: at + text.len() }
    }

    /// Deletes the bytes from `from` to `to`.
    pub(crate) fn delete(from: usize, to: usize) -> Self {
        Self { range: from..to, text: String::new(), cursor: from }
    }

    /// Moves the cursor and changes nothing.
    pub(crate) fn go(cursor: usize) -> Self {
        Self { range: cursor..cursor, text: String::new(), cursor }
    }
}

/// A key that arrives this soon after the prompt was typed before it was shown.
const AT_ONCE: Duration = Duration::from_millis(200);

/// The state of one line.
#[derive(Default)]
pub(crate) struct EditState {
    pub(crate) task: Task,
    /// When reading the line began.
    pub(crate) begun: Option<Instant>,
    /// `sys.ps2`, which is drawn in the margins.
    pub(crate) ps2: String,
    /// The entry last fetched from the history, in the form of the buffer.
    pub(crate) recalled: String,
    /// Whether a search in the history (Ctrl-R) is under way.
    pub(crate) searching: bool,
    /// The part of an unfinished paste that has arrived so far.
    pub(crate) paste: Option<String>,
    /// Whether Ctrl-C was pressed.
    pub(crate) interrupted: bool,
    /// The edit that the assistant will make at the command `Complete`.
    pub(crate) edit: Option<Edit>,
    /// The completions to choose from, in columns. Shown below the block until the next key.
    pub(crate) menu: String,
    /// The last known buffer and cursor.
    pub(crate) seen: (String, usize),
}

impl EditState {
    /// Whether a key that comes now was typed ahead.
    pub(crate) fn has_just_begun(&self) -> bool {
        self.begun.is_some_and(|begun| begun.elapsed() < AT_ONCE)
    }

    /// Remembers the line, because rustyline drops it at the next bytes that are not UTF-8.
    pub(crate) fn remember(&mut self, line: &str, cursor: usize) {
        self.seen.0.clear();
        self.seen.0.push_str(line);
        self.seen.1 = cursor;
    }
}

/// A handle on the state; clones share it.
#[derive(Clone, Default)]
pub(crate) struct SharedState(Arc<Mutex<EditState>>);

impl SharedState {
    pub(crate) fn lock(&self) -> MutexGuard<'_, EditState> {
        lock(&self.0)
    }
}

/// Takes a lock, even one that a panic poisoned: the guarded state is replaced before each line.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
