//! The terminal: one line editor for the prompt and for the lines that the guest reads.

use std::io::{self, IsTerminal as _, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::editor::LineEditor;
use crate::keyboard::{Modes, read_key};
use crate::options::Options;
use crate::pager;
use crate::plain::Plain;
use crate::screen::{columns, rows, write_out};
use crate::session::{Completions, Prompts, Read};
use crate::state::{SharedSession, Task, lock};

/// The purpose of a line that the guest reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A line of Python (`pdb`, `code.interact`): coloured, and recalled with the session's blocks.
    Code,
    /// An answer to `input()`: recalled with other answers, and not kept in the history file.
    Answer,
    /// A password: shown as stars, and kept in no history.
    Secret,
}

/// A handle on the terminal; clones share one editor.
#[derive(Clone)]
pub struct Terminal {
    shared: Arc<Shared>,
}

struct Shared {
    /// The loop at the prompt and the guest's own reads (its stdin, its readline) share the editor. They
    /// take turns on one thread, so a lock that is taken is an error: waiting for it would never end.
    reader: Mutex<Reader>,
    /// The terminal's modes before the line that is being read. The thread that handles signals restores
    /// them.
    cooked: Mutex<Option<Termios>>,
    /// What the guest has written since its last newline. `None` until [`Terminal::wrote`] is called for
    /// the first time. The guest's stdout and stderr set it, and each read takes it.
    unfinished: Mutex<Option<Vec<u8>>>,
}

enum Reader {
    Editor(Box<LineEditor>),
    Plain(Plain),
}

impl Terminal {
    /// Opens the terminal on stdin and stdout. If one of them is not a terminal, or the terminal cannot
    /// move its cursor, lines are read without editing.
    ///
    /// A history file that cannot be used is a warning on stderr, not an error.
    ///
    /// Errors: those of the terminal itself.
    pub fn new(options: &Options) -> io::Result<Self> {
        let terminals = io::stdin().is_terminal() && io::stdout().is_terminal();
        Ok(Self::over(if terminals && options.cursor {
            Reader::Editor(Box::new(LineEditor::new(options)?))
        } else {
            Reader::Plain(Plain::stdio())
        }))
    }

    /// Returns a terminal that reads lines from `input` without editing, and writes prompts to `output`.
    pub fn plain(input: Box<dyn io::Read + Send>, output: Box<dyn Write + Send>) -> Self {
        Self::over(Reader::Plain(Plain::new(input, output)))
    }

    fn over(reader: Reader) -> Self {
        let shared =
            Shared { reader: Mutex::new(reader), cooked: Mutex::default(), unfinished: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Reads one line for the guest.
    ///
    /// Errors: `ResourceBusy` if a line is already being read, as when a completion calls `input()`;
    /// otherwise those of the terminal.
    pub fn read_line(&self, prompt: &str, kind: LineKind) -> io::Result<Read> {
        let task = match kind {
            LineKind::Code => Task::Code,
            LineKind::Answer => Task::Answer,
            LineKind::Secret => Task::Secret,
        };
        self.read(&Prompts { ps1: prompt.to_owned(), ps2: String::new() }, task)
    }

    /// Reads one line for the guest as [`LineKind::Answer`], with `text` in it to begin with.
    ///
    /// At Tab `complete` is called with the line and the cursor, a byte offset. The line is dropped if it
    /// returns `None`, as by Ctrl-C. Lines that are read without editing have neither.
    ///
    /// Errors: those of [`read_line`](Self::read_line).
    pub fn read_completed(
        &self,
        prompt: &str,
        text: &str,
        complete: impl FnMut(&str, usize) -> Option<Completions> + Send + 'static,
    ) -> io::Result<Read> {
        let task = Task::Completed(text.to_owned(), Arc::new(Mutex::new(complete)));
        self.read(&Prompts { ps1: prompt.to_owned(), ps2: String::new() }, task)
    }

    /// Reads one block for `session`, which decides whether it is complete and completes names.
    pub(crate) fn read_block(&self, prompts: &Prompts, session: SharedSession) -> io::Result<Read> {
        self.read(prompts, Task::Block(session))
    }

    /// Notes what the guest wrote to the terminal, so that an unfinished line (`print("Name: ", end="")`)
    /// stays on the screen before the next prompt.
    pub fn wrote(&self, bytes: &[u8]) {
        // Wider than any screen: of a longer line it only matters that it is unfinished.
        const ENOUGH: usize = 4096;
        // What clears the screen puts the cursor to its beginning by this.
        const HOME: &[u8] = b"\x1b[H";
        let mut unfinished = lock(&self.shared.unfinished);
        let tail = unfinished.get_or_insert_default();
        let newline = bytes.iter().rposition(|&byte| byte == b'\n').map(|at| at + 1);
        let home = bytes.windows(HOME.len()).rposition(|window| window == HOME).map(|at| at + HOME.len());
        if let Some(start) = newline.max(home) {
            tail.clear();
            tail.extend(bytes[start..].iter().take(ENOUGH));
        } else {
            tail.extend(bytes.iter().take(ENOUGH.saturating_sub(tail.len())));
        }
    }

    /// Prints `text` and a newline to where the guest's output goes.
    ///
    /// Errors: those of stdout.
    pub fn print(&self, text: &str) -> io::Result<()> {
        if let Some(unfinished) = &mut *lock(&self.shared.unfinished)
            && !mem::take(unfinished).is_empty()
        {
            write_out("\n")?;
        }
        match self.shared.reader.try_lock().as_deref_mut() {
            Ok(Reader::Plain(plain)) => plain.write(&format!("{text}\n")),
            _ => write_out(&format!("{text}\n")),
        }
    }

    /// Shows a text, a screen at a time if the terminal has a screen.
    ///
    /// Errors: those of the terminal, and `ResourceBusy` as for [`read_line`](Self::read_line).
    pub fn page(&self, text: &str) -> io::Result<()> {
        let mut reader = self.reader()?;
        match &mut *reader {
            Reader::Plain(plain) => plain.write(text),
            Reader::Editor(_) => {
                let modes = Modes::key_by_key()?;
                *lock(&self.shared.cooked) = Some(modes.before().clone());
                let screen = (rows().min(usize::from(u16::MAX)), columns());
                let shown = pager::page(text, screen, read_key, &mut io::stdout().lock());
                *lock(&self.shared.cooked) = None;
                drop(modes);
                shown
            }
        }
    }

    /// Returns the blocks that can be recalled, oldest first. Empty if lines are read without editing.
    pub(crate) fn recallable(&self) -> Vec<String> {
        match self.reader().as_deref_mut() {
            Ok(Reader::Editor(editor)) => editor.recallable(),
            _ => Vec::new(),
        }
    }

    /// Whether a person is typing a line or reading a page. Other threads must then not write to the screen.
    pub fn is_reading(&self) -> bool {
        lock(&self.shared.cooked).is_some()
    }

    /// Restores the terminal's modes from before the line that is being read. Does nothing if no line is
    /// being read.
    ///
    /// For a thread that ends the process on SIGTERM or SIGHUP while another thread reads.
    pub fn restore(&self) {
        if let Some(modes) = lock(&self.shared.cooked).take() {
            // The process is about to end, perhaps because the terminal hung up: errors help nobody.
            let _ = tcsetattr(stdin(), OptionalActions::Now, &modes);
            let _ = rustix::io::write(stdout(), b"\x1b[?2004l\r\n");
        }
    }

    fn reader(&self) -> io::Result<MutexGuard<'_, Reader>> {
        match self.shared.reader.try_lock() {
            Ok(reader) => Ok(reader),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(io::Error::new(io::ErrorKind::ResourceBusy, "the terminal is already reading a line"))
            }
        }
    }

    fn read(&self, prompts: &Prompts, task: Task) -> io::Result<Read> {
        let mut reader = self.reader()?;
        let unfinished = lock(&self.shared.unfinished).as_mut().map(mem::take);
        match &mut *reader {
            Reader::Plain(plain) => match task {
                Task::Block(session) => plain.read_block(prompts, &session),
                task => plain.read(&prompts.ps1, matches!(task, Task::Secret)),
            },
            Reader::Editor(editor) => {
                *lock(&self.shared.cooked) = Some(tcgetattr(stdin())?);
                let read = editor.read(prompts, &task, unfinished.as_deref());
                *lock(&self.shared.cooked) = None;
                read
            }
        }
    }
}
