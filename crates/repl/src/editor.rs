//! The line editor: rustyline with blocks of several lines, two histories, and prompts that erase nothing.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::path::Path;
use std::time::Instant;

use rustyline::config::Configurer as _;
use rustyline::error::ReadlineError;
use rustyline::{ColorMode, CompletionType, Config, Editor, Event, EventHandler};
use unicode_width::UnicodeWidthStr as _;

use crate::assistant::Assistant;
use crate::blocks;
use crate::history::HistoryFile;
use crate::keyboard;
use crate::keys::Keys;
use crate::margin;
use crate::options::{EditMode, Options};
use crate::recall::Recall;
use crate::screen::{columns, warn, write_out};
use crate::session::{Prompts, Read};
use crate::state::{EditState, SharedState, Task};

/// rustyline's editor, and the state of the line that it reads.
pub(crate) struct LineEditor {
    editor: Editor<Assistant, Recall>,
    state: SharedState,
    /// The history of answers. While an answer is read, it is swapped with the history of blocks.
    answers: Recall,
    history: Option<HistoryFile>,
    /// The lines of a paste after the one that answered a read; they answer the next reads.
    ahead: VecDeque<String>,
}

impl LineEditor {
    pub(crate) fn new(options: &Options) -> io::Result<Self> {
        let state = SharedState::default();
        let (history, blocks) = options.history.as_deref().map_or((None, Vec::new()), open_history);
        let config = Config::builder()
            .auto_add_history(false)
            .completion_type(CompletionType::List)
            .bracketed_paste(true)
            // The assistant must draw the margins even without colours; it omits the colours itself.
            .color_mode(ColorMode::Forced)
            .indent_size(blocks::INDENT as u8)
            .edit_mode(match options.edit_mode {
                EditMode::Emacs => rustyline::EditMode::Emacs,
                EditMode::Vi => rustyline::EditMode::Vi,
            })
            .build();
        let recall = Recall::new(&blocks, state.clone());
        let mut editor = Editor::with_history(config, recall).map_err(to_io)?;
        editor.set_helper(Some(Assistant::new(state.clone(), options.colors)));
        editor.bind_sequence(Event::Any, EventHandler::Conditional(Box::new(Keys(state.clone()))));
        let answers = Recall::new(&[], state.clone());
        Ok(Self { editor, state, answers, history, ahead: VecDeque::new() })
    }

    pub(crate) fn read(
        &mut self,
        prompts: &Prompts,
        task: &Task,
        unfinished: Option<&[u8]>,
    ) -> io::Result<Read> {
        let is_block = matches!(task, Task::Block(_));
        if !is_block && let Some(line) = self.ahead.pop_front() {
            let shown = if matches!(task, Task::Secret) { "" } else { &line };
            write_out(&format!("{}{shown}\n", prompts.ps1))?;
            return Ok(Read::Line(line));
        }
        let prompt = prompt_on_screen(&prompts.ps1, unfinished, is_block)?;
        self.prepare(task, &prompts.ps2);
        let is_answer = matches!(task, Task::Answer | Task::Completed(..) | Task::Secret);
        if is_answer {
            mem::swap(self.editor.history_mut(), &mut self.answers);
        }
        let read = self.edit(&prompt, if let Task::Completed(text, _) = task { text } else { "" });
        if let Ok(Read::Line(source)) = &read {
            self.add_to_history(source, task);
        }
        if is_answer {
            mem::swap(self.editor.history_mut(), &mut self.answers);
        }
        let read = read?;
        *self.state.lock() = EditState::default();
        Ok(match read {
            Read::Line(lines) if !is_block => Read::Line(self.first_of(&lines)),
            read => read,
        })
    }

    /// Sets the state for a new line.
    fn prepare(&mut self, task: &Task, ps2: &str) {
        // Readline's markers around invisible characters mean nothing here.
        let ps2 = ps2.replace(['\x01', '\x02', '\n'], "");
        self.editor.set_tab_stop(u8::try_from(ps2.width()).unwrap_or(u8::MAX).max(1));
        let ps2 = if ps2.is_empty() { " ".to_owned() } else { ps2 };
        *self.state.lock() =
            EditState { task: task.clone(), begun: Some(Instant::now()), ps2, ..EditState::default() };
    }

    /// Adds a line to the current history, and a block also to the file. Passwords are kept nowhere.
    fn add_to_history(&mut self, source: &str, task: &Task) {
        if matches!(task, Task::Secret) {
            return;
        }
        let source = blocks::tidy(source);
        if self.editor.history_mut().add_source(source.trim_end()) && matches!(task, Task::Block(_)) {
            self.keep(source.trim_end());
        }
    }

    /// Returns the first of several pasted lines, and keeps the others for the next reads.
    fn first_of(&mut self, lines: &str) -> String {
        let mut lines = lines.split('\n').map(str::to_owned);
        let first = lines.next().unwrap_or_default();
        self.ahead = lines.collect();
        first
    }

    /// Reads a line that begins with `text`.
    fn edit(&mut self, prompt: &str, text: &str) -> io::Result<Read> {
        let mut initial = (text.replace('\n', " "), String::new());
        loop {
            match self.editor.readline_with_initial(prompt, (&initial.0, &initial.1)) {
                Ok(_) if self.state.lock().interrupted => return Ok(Read::Interrupted),
                Ok(buffer) => return Ok(Read::Line(margin::decode(&buffer))),
                Err(ReadlineError::Eof) => return Ok(Read::Eof),
                Err(ReadlineError::Interrupted) => return Ok(Read::Interrupted),
                // The bytes are not UTF-8: they are dropped, and the line before them is kept.
                Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    let mut state = self.state.lock();
                    let (line, cursor) = mem::take(&mut state.seen);
                    if state.paste.take().is_some() {
                        // The end of the paste may be among them, and its rest must not run.
                        drop(state);
                        keyboard::drop_typed_ahead()?;
                        warn("the paste is dropped: it is not valid UTF-8");
                    }
                    initial = (line[..cursor].to_owned(), line[cursor..].to_owned());
                }
                Err(error) => return Err(to_io(error)),
            }
        }
    }

    /// Returns the blocks that can be recalled, oldest first.
    pub(crate) fn recallable(&self) -> Vec<String> {
        self.editor.history().sources()
    }

    /// Appends a block to the history file. After an error the file is no longer used.
    fn keep(&mut self, source: &str) {
        let Some(file) = &mut self.history else { return };
        if let Err(error) = file.append(source) {
            warn(&format!("the history is no longer kept: {error}"));
            self.history = None;
        }
    }
}

/// Returns the prompt to draw so that the text before it on its row is not erased.
///
/// An answer continues the guest's unfinished line. A block starts on a row of its own. If the caller
/// does not know what the guest wrote (`unfinished` is `None`), this prints a row of spaces: from column
/// 0 it fills that row, from any other column it runs over into the next. zsh's `PROMPT_SP` does the same:
/// <https://zsh.sourceforge.io/Doc/Release/Options.html#Prompting>.
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

fn open_history(path: &Path) -> (Option<HistoryFile>, Vec<String>) {
    match HistoryFile::open(path.to_owned()) {
        Ok((file, blocks)) => (Some(file), blocks),
        Err(error) => {
            warn(&format!("the history in {} is not used: {error}", path.display()));
            (None, Vec::new())
        }
    }
}

fn to_io(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        ReadlineError::Errno(errno) => errno.into(),
        other => io::Error::other(other.to_string()),
    }
}
