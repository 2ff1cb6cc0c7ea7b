//! The terminal: one line editor for the prompt and for all that the guest reads.

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
use crate::session::{Prompts, Read};
use crate::state::{SharedSession, Task, lock};

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// One line of Python (`pdb`, `code.interact`): coloured, and recalled with the session's blocks.
    Code,
    /// An answer to `input()`: recalled among answers, in no file.
    Answer,
    /// A password: shown as stars, kept nowhere.
    Secret,
}

/// A handle on the terminal; clones share one editor.
#[derive(Clone)]
pub struct Terminal {
    shared: Arc<Shared>,
}

struct Shared {
    /// The loop at the prompt and the guest's own reads (its stdin, its
    /// readline) share the editor. They take turns on one thread, so a taken
    /// lock is an error, not something to wait for.
    reader: Mutex<Reader>,
    /// The terminal's modes before the line that is being read, for the thread
    /// that handles signals.
    cooked: Mutex<Option<Termios>>,
    /// What the guest has written since its last newline, if anybody tells;
    /// told by the guest's stdout and stderr, asked before each line.
    unfinished: Mutex<Option<Vec<u8>>>,
}

enum Reader {
    Editor(Box<LineEditor>),
    Plain(Plain),
}

impl Terminal {
    /// The terminal on stdin and stdout. If one of them is none, or it cannot
    /// move its cursor, lines are read plainly.
    ///
    /// A history file that cannot be used is one warning on stderr and no
    /// error; an error is one of the terminal itself.
    pub fn new(options: &Options) -> io::Result<Self> {
        let terminals = io::stdin().is_terminal() && io::stdout().is_terminal();
        Ok(Self::over(if terminals && options.cursor {
            Reader::Editor(Box::new(LineEditor::new(options)?))
        } else {
            Reader::Plain(Plain::stdio())
        }))
    }

    /// Reads lines from `input` and writes prompts to `output`, without editing.
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
    /// Errors: `ResourceBusy` if a line is being read already, as when a
    /// completion calls `input()`; otherwise those of the terminal.
    pub fn read_line(&self, prompt: &str, kind: LineKind) -> io::Result<Read> {
        let task = match kind {
            LineKind::Code => Task::Code,
            LineKind::Answer => Task::Answer,
            LineKind::Secret => Task::Secret,
        };
        self.read(&Prompts { ps1: prompt.to_owned(), ps2: String::new() }, task)
    }

    /// Reads one block, with the help of `session`.
    pub(crate) fn read_block(&self, prompts: &Prompts, session: SharedSession) -> io::Result<Read> {
        self.read(prompts, Task::Block(session))
    }

    /// Tells what the guest wrote to the terminal, so that a line that it left
    /// unfinished (`print("Name: ", end="")`) stays on the screen before the
    /// next prompt.
    pub fn wrote(&self, bytes: &[u8]) {
        // Longer than any row of a screen: it then counts as unfinished and no more.
        const ENOUGH: usize = 4096;
        let mut unfinished = lock(&self.shared.unfinished);
        let tail = unfinished.get_or_insert_default();
        if let Some(newline) = bytes.iter().rposition(|&byte| byte == b'\n') {
            tail.clear();
            tail.extend(bytes[newline + 1..].iter().take(ENOUGH));
        } else {
            tail.extend(bytes.iter().take(ENOUGH.saturating_sub(tail.len())));
        }
    }

    /// Prints `text` and a newline, where the guest's output goes.
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

    /// Shows a text, a screen at a time where the terminal has one.
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

    /// The blocks that can be recalled, oldest first; none where lines are read plainly.
    pub(crate) fn recallable(&self) -> Vec<String> {
        match self.reader().as_deref_mut() {
            Ok(Reader::Editor(editor)) => editor.recallable(),
            _ => Vec::new(),
        }
    }

    /// Whether a person is typing a line, or looks at a page: nothing else belongs on the screen.
    pub fn is_reading(&self) -> bool {
        lock(&self.shared.cooked).is_some()
    }

    /// Gives the terminal back as it was before the line that is being read.
    ///
    /// For a thread that ends the process on SIGTERM or SIGHUP while another
    /// one reads; without a line being read it does nothing.
    pub fn restore(&self) {
        if let Some(modes) = lock(&self.shared.cooked).take() {
            // On the way out, and perhaps hung up: there is nobody to tell.
            let _ = tcsetattr(stdin(), OptionalActions::Now, &modes);
            let _ = rustix::io::write(stdout(), b"\x1b[?2004l\r\n");
        }
    }

    fn reader(&self) -> io::Result<MutexGuard<'_, Reader>> {
        match self.shared.reader.try_lock() {
            Ok(reader) => Ok(reader),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                "the terminal is already reading a line; wait until that has ended",
            )),
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
