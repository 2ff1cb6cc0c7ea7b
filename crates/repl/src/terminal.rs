//! The terminal: one line editor for the prompt and for all that the guest reads.

use std::collections::VecDeque;
use std::io::{self, IsTerminal as _, Write};
use std::mem;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::{stdin, stdout};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
};
use rustyline::config::Configurer as _;
use rustyline::error::ReadlineError;
use rustyline::{ColorMode, CompletionType, Config, Editor, Event, EventHandler};
use unicode_width::UnicodeWidthStr as _;

use crate::assistant::Assistant;
use crate::blocks;
use crate::command;
use crate::desk::{Desk, Papers, SharedSession, Task, lock};
use crate::history::HistoryFile;
use crate::keys::Keys;
use crate::margin;
use crate::options::{EditMode, Options};
use crate::pager;
use crate::plain::Plain;
use crate::recall::Recall;
use crate::session::{Completeness, Prompts, Read};

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
                let modes = KeyModes::set()?;
                *lock(&self.shared.cooked) = Some(modes.before.clone());
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
            Ok(Reader::Editor(editor)) => editor.editor.history().sources(),
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
                Task::Block(session) => read_plain_block(plain, prompts, &session),
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

/// The modes in which each key is read by itself, Ctrl-C included. Dropped, the terminal is as it was.
struct KeyModes {
    before: Termios,
}

impl KeyModes {
    fn set() -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ISIG | LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Drain, &modes)?;
        Ok(Self { before })
    }
}

impl Drop for KeyModes {
    fn drop(&mut self) {
        // A terminal that has hung up has no modes left to restore.
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &self.before);
    }
}

/// One key, or all the bytes of its escape sequence; empty at the end of the input.
fn read_key() -> io::Result<Vec<u8>> {
    let mut bytes = [0; 8];
    loop {
        match rustix::io::read(stdin(), &mut bytes) {
            Ok(count) => return Ok(bytes[..count].to_vec()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A block line by line, as CPython's plain prompt reads it.
fn read_plain_block(plain: &mut Plain, prompts: &Prompts, session: &SharedSession) -> io::Result<Read> {
    let mut source = match plain.read(&prompts.ps1, false)? {
        Read::Line(line) => line,
        other => return Ok(other),
    };
    while !blocks::is_blank(&source) && command::completeness(&source, session) == Completeness::Incomplete {
        match plain.read(&prompts.ps2, false)? {
            Read::Line(line) => source = blocks::tidy(&format!("{source}\n{line}")),
            Read::Interrupted => return Ok(Read::Interrupted),
            // The next read says so again; what was typed is still run.
            Read::Eof => break,
        }
    }
    Ok(Read::Line(source))
}

/// rustyline's editor and what it needs to know about one line.
struct LineEditor {
    editor: Editor<Assistant, Recall>,
    desk: Desk,
    /// The other of two histories: of answers while blocks are edited, and the reverse.
    answers: Recall,
    history: Option<HistoryFile>,
    /// Lines of a paste beyond the one that was asked for.
    ahead: VecDeque<String>,
}

impl LineEditor {
    fn new(options: &Options) -> io::Result<Self> {
        let desk = Desk::default();
        let (history, blocks) = options.history.as_deref().map_or((None, Vec::new()), open_history);
        let config = Config::builder()
            .auto_add_history(false)
            .completion_type(CompletionType::List)
            .bracketed_paste(true)
            // The assistant draws the margins, colours or not; it leaves the colours out itself.
            .color_mode(ColorMode::Forced)
            .indent_size(blocks::INDENT as u8)
            .edit_mode(match options.edit_mode {
                EditMode::Emacs => rustyline::EditMode::Emacs,
                EditMode::Vi => rustyline::EditMode::Vi,
            })
            .build();
        let recall = Recall::new(&blocks, desk.clone());
        let mut editor = Editor::with_history(config, recall).map_err(to_io)?;
        editor.set_helper(Some(Assistant::new(desk.clone(), options.colors)));
        editor.bind_sequence(Event::Any, EventHandler::Conditional(Box::new(Keys(desk.clone()))));
        let answers = Recall::new(&[], desk.clone());
        Ok(Self { editor, desk, answers, history, ahead: VecDeque::new() })
    }

    fn read(&mut self, prompts: &Prompts, task: &Task, unfinished: Option<&[u8]>) -> io::Result<Read> {
        let is_block = matches!(task, Task::Block(_));
        if !is_block && let Some(line) = self.ahead.pop_front() {
            let shown = if matches!(task, Task::Secret) { "" } else { &line };
            write_out(&format!("{}{shown}\n", prompts.ps1))?;
            return Ok(Read::Line(line));
        }
        let prompt = prompt_on_screen(&prompts.ps1, unfinished, is_block)?;
        // What a prompt is to look like under readline: its markers around escapes mean nothing here.
        let ps2 = prompts.ps2.replace(['\x01', '\x02', '\n'], "");
        self.editor.set_tab_stop(u8::try_from(ps2.width()).unwrap_or(u8::MAX).max(1));
        let ps2 = if ps2.is_empty() { " ".to_owned() } else { ps2 };
        *self.desk.lock() =
            Papers { task: task.clone(), begun: Some(Instant::now()), ps2, ..Papers::default() };

        let other_history = matches!(task, Task::Answer | Task::Secret);
        if other_history {
            mem::swap(self.editor.history_mut(), &mut self.answers);
        }
        let read = self.edit(&prompt);
        if let Ok(Read::Line(source)) = &read
            && !matches!(task, Task::Secret)
        {
            let source = blocks::tidy(source);
            if self.editor.history_mut().add_source(source.trim_end()) && is_block {
                self.keep(source.trim_end());
            }
        }
        if other_history {
            mem::swap(self.editor.history_mut(), &mut self.answers);
        }
        let mut read = read?;
        if let Read::Line(source) = &mut read
            && !is_block
            && source.contains('\n')
        {
            let mut lines = source.split('\n').map(str::to_owned);
            let first = lines.next().unwrap_or_default();
            self.ahead = lines.collect();
            *source = first;
        }
        *self.desk.lock() = Papers::default();
        Ok(read)
    }

    fn edit(&mut self, prompt: &str) -> io::Result<Read> {
        let mut initial = (String::new(), String::new());
        loop {
            match self.editor.readline_with_initial(prompt, (&initial.0, &initial.1)) {
                Ok(_) if self.desk.lock().interrupted => return Ok(Read::Interrupted),
                Ok(buffer) => return Ok(Read::Line(margin::decode(&buffer))),
                Err(ReadlineError::Eof) => return Ok(Read::Eof),
                Err(ReadlineError::Interrupted) => return Ok(Read::Interrupted),
                // Bytes that are no UTF-8: they are dropped, the line before them is not.
                Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    let mut papers = self.desk.lock();
                    let (line, cursor) = mem::take(&mut papers.seen);
                    if papers.paste.take().is_some() {
                        // Its end may have been dropped with them, and its rest is not to be run.
                        drop(papers);
                        drop_typed_ahead()?;
                        warn("the paste is dropped: it has bytes that are no UTF-8");
                    }
                    initial = (line[..cursor].to_owned(), line[cursor..].to_owned());
                }
                Err(error) => return Err(to_io(error)),
            }
        }
    }

    /// Adds a block to the history file; a file that fails is not tried again.
    fn keep(&mut self, source: &str) {
        let Some(file) = &mut self.history else { return };
        if let Err(error) = file.append(source) {
            warn(&format!("the history is not kept any more: {error}"));
            self.history = None;
        }
    }
}

/// Drops what has been typed and pasted, until nothing has come for a moment.
fn drop_typed_ahead() -> io::Result<()> {
    const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    loop {
        let input = stdin();
        let mut waiting = [PollFd::new(&input, PollFlags::IN)];
        let is_over = match poll(&mut waiting, Some(&MOMENT)) {
            Ok(0) => true,
            Ok(_) => waiting[0].revents().intersects(PollFlags::HUP | PollFlags::ERR),
            Err(Errno::INTR) => false,
            Err(error) => return Err(error.into()),
        };
        // Also what is no whole line yet, of which poll() tells nothing.
        tcflush(input, QueueSelector::IFlush)?;
        if is_over {
            return Ok(());
        }
    }
}

/// The prompt to draw so that what stands before it on its row is not erased.
///
/// An answer goes on behind the guest's unfinished line. A block begins a row of
/// its own; if nobody tells what the guest wrote, a row full of spaces finds
/// out: it fills an empty row, and runs over into the next from any other.
fn prompt_on_screen(prompt: &str, unfinished: Option<&[u8]>, is_block: bool) -> io::Result<String> {
    let prompt = prompt.replace(['\x01', '\x02'], "");
    let columns = columns();
    match unfinished {
        Some([]) => {}
        Some(tail) => {
            if let Ok(tail) = str::from_utf8(tail)
                && !is_block
                && !tail.contains(char::is_control)
                && tail.width() < columns
            {
                return Ok(tail.to_owned() + &prompt);
            }
            write_out("\n")?;
        }
        None => write_out(&format!("{}\r", " ".repeat(columns)))?,
    }
    Ok(prompt)
}

/// The width of the screen; that of the oldest terminals if it does not say.
pub(crate) fn columns() -> usize {
    tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col)).filter(|&count| count > 0).unwrap_or(80)
}

/// The height of the screen; without end if it does not say.
pub(crate) fn rows() -> usize {
    let rows = tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_row));
    rows.filter(|&count| count > 0).unwrap_or(usize::MAX)
}

fn open_history(path: &Path) -> (Option<HistoryFile>, Vec<String>) {
    match HistoryFile::open(path.to_owned()) {
        Ok((file, blocks)) => (Some(file), blocks),
        Err(error) => {
            warn(&format!("the history in {} is not used: {error}", path.display()));
            (None, Vec::new())
        }
    }
}

fn warn(message: &str) {
    // If stderr is closed, nobody wanted to know.
    let _ = writeln!(io::stderr(), "python-wasm: {message}");
}

fn write_out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn to_io(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        ReadlineError::Errno(errno) => errno.into(),
        other => io::Error::other(other.to_string()),
    }
}
