//! The answers to what rustyline asks while a line is being edited: colours, hints and completions.

use std::borrow::Cow;
use std::cell::Cell;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::line_buffer::LineBuffer;
use rustyline::validate::Validator;
use rustyline::{Changeset, Context, Helper, Result};
use unicode_width::UnicodeWidthStr as _;

use crate::command;
use crate::highlight::{Painter, matching_brackets};
use crate::lexer;
use crate::margin::{decode, encode};
use crate::menu;
use crate::screen;
use crate::session::Completions;
use crate::state::{Edit, SharedState, Task, lock};

/// Gives the editor colours, hints, and the session's completions.
pub(crate) struct Assistant {
    state: SharedState,
    colors: bool,
    hinter: HistoryHinter,
    /// Whether the bracket at the cursor and its partner currently stand out.
    brackets: Cell<bool>,
}

impl Assistant {
    pub(crate) fn new(state: SharedState, colors: bool) -> Self {
        Self { state, colors, hinter: HistoryHinter::new(), brackets: Cell::new(false) }
    }
}

impl Helper for Assistant {}

/// The default: [`crate::keys`] decides what Enter does.
impl Validator for Assistant {}

impl Completer for Assistant {
    type Candidate = String;

    /// Returns one empty candidate, which makes rustyline call `update`, and `update` makes the edit.
    /// rustyline never gets several: it would draw its list over a block of several lines.
    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> Result<(usize, Vec<String>)> {
        let mut state = self.state.lock();
        if state.edit.is_none()
            && let task @ (Task::Block(_) | Task::Completed(..)) = state.task.clone()
        {
            drop(state);
            let (source, at) = (decode(line), decode(&line[..cursor]).len());
            let completions = match task {
                Task::Block(session) => command::complete(&source, at, &session),
                Task::Completed(_, completer) => {
                    lock(&completer)(&source, at).ok_or(ReadlineError::Interrupted)?
                }
                _ => Completions::default(),
            };
            state = self.state.lock();
            if let Some(choice) = choose(line, cursor, &source, at, &completions) {
                state.edit = Some(choice.edit);
                state.menu = menu::columns(&choice.names, screen::columns());
            }
        }
        // Without a candidate rustyline beeps.
        Ok((cursor, state.edit.iter().map(|_| String::new()).collect()))
    }

    fn update(&self, line: &mut LineBuffer, _: usize, _: &str, changes: &mut Changeset) {
        if let Some(edit) = self.state.lock().edit.take() {
            if !edit.range.is_empty() || !edit.text.is_empty() {
                line.replace(edit.range, &edit.text, changes);
            }
            line.set_pos(edit.cursor);
        }
    }
}

/// The edit that Tab makes, and the names that remain to choose from.
struct Choice {
    edit: Edit,
    names: Vec<String>,
}

/// Returns the edit that inserts the common prefix of all completions, and their names if there are
/// several. `None` if there are no completions, or if they do not fit what was typed.
fn choose(line: &str, cursor: usize, source: &str, at: usize, completions: &Completions) -> Option<Choice> {
    let typed = encode(source.get(completions.start..at)?);
    let start = cursor.checked_sub(typed.len())?;
    if line.get(start..cursor)? != typed {
        return None;
    }
    let first = completions.candidates.first()?;
    let shared = completions.candidates.iter().fold(first.as_str(), |shared, candidate| {
        let differ = shared.char_indices().zip(candidate.chars()).find(|((_, one), other)| one != other);
        &shared[..differ.map_or(shared.len().min(candidate.len()), |((place, _), _)| place)]
    });
    // Completions may correct the case of what was typed, but never shorten it.
    let text = if shared.len() < typed.len() { typed } else { encode(shared) };
    // The menu shows the last part: `join` for `os.path.join`, and the file name of a path.
    let before = &source[..completions.start];
    let is_path = before.ends_with(['\'', '"']) || before.trim_start().starts_with('%');
    let known = source[completions.start..at].rfind(if is_path { '/' } else { '.' }).map_or(0, |end| end + 1);
    let name = |candidate: &String| candidate.get(known..).unwrap_or(candidate).to_owned();
    let several = completions.candidates.len() > 1;
    let names = completions.candidates.iter().filter(|_| several).map(name).collect();
    Some(Choice { edit: Edit { cursor: start + text.len(), range: start..cursor, text }, names })
}

/// Text after the line that is not part of it: a hint or the menu.
pub(crate) struct Trailer {
    text: String,
    /// Whether the right arrow accepts it.
    is_hint: bool,
}

impl Hint for Trailer {
    fn display(&self) -> &str {
        &self.text
    }

    fn completion(&self) -> Option<&str> {
        self.is_hint.then_some(&self.text)
    }
}

impl Hinter for Assistant {
    type Hint = Trailer;

    fn hint(&self, line: &str, cursor: usize, ctx: &Context<'_>) -> Option<Trailer> {
        let mut state = self.state.lock();
        state.remember(line, cursor);
        if !state.menu.is_empty() {
            return Some(Trailer { text: format!("\n{}", state.menu), is_hint: false });
        }
        // Without colours a hint would look like typed text.
        if !self.colors || !matches!(state.task, Task::Block(_)) || is_tall(line) {
            return None;
        }
        self.hinter.hint(line, cursor, ctx).map(|text| Trailer { text, is_hint: true })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        let state = self.state.lock();
        let painter = Painter { ps2: &state.ps2, colors: self.colors && state.task.is_code() };
        if let Task::Secret = state.task {
            return "*".repeat(line.width()).into();
        }
        let scan = lexer::scan(line);
        let brackets = self.brackets.get().then(|| matching_brackets(line, &scan, cursor)).flatten();
        painter.buffer(line, &scan, brackets).into()
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        let state = self.state.lock();
        Painter { ps2: "", colors: self.colors && state.task.is_code() }.prompt(prompt).into()
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        let state = self.state.lock();
        Painter { ps2: &state.ps2, colors: self.colors }.hint(hint).into()
    }

    fn highlight_char(&self, line: &str, cursor: usize, kind: CmdKind) -> bool {
        let task = self.state.lock().task.clone();
        // Redrawing a block taller than the screen scrolls the screen, so text typed at its end is only
        // appended, and gets its colours later.
        let tall = is_tall(line);
        let found = self.colors
            && task.is_code()
            && !tall
            && kind != CmdKind::ForcedRefresh
            && matching_brackets(line, &lexer::scan(line), cursor).is_some();
        self.brackets.set(found);
        match kind {
            CmdKind::MoveCursor => found,
            // A character may change the colours around it, and must not show in a password.
            CmdKind::Other => self.colors && !tall || matches!(task, Task::Secret),
            // The final drawing, without brackets and hints, stays on the screen.
            CmdKind::ForcedRefresh => !tall,
        }
    }
}

/// Whether a block has more lines than the screen.
fn is_tall(line: &str) -> bool {
    line.matches('\n').count() + 1 >= screen::rows()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(line: &str, start: usize, candidates: &[&str]) -> Option<(String, Vec<String>)> {
        let source = decode(line);
        let candidates = candidates.iter().map(ToString::to_string).collect();
        let choice = choose(line, line.len(), &source, source.len(), &Completions { start, candidates })?;
        let mut line = line.to_owned();
        line.replace_range(choice.edit.range, &choice.edit.text);
        assert_eq!(choice.edit.cursor, line.len());
        Some((line, choice.names))
    }

    #[test]
    fn the_common_prefix_of_all_completions_is_inserted() {
        let names = vec!["path".to_owned(), "pardir".to_owned()];
        assert_eq!(
            chosen("if x:\n\tos.", 6, &["os.path", "os.pardir"]),
            Some(("if x:\n\tos.pa".into(), names))
        );
        let files = vec!["a.txt".to_owned(), "a.py".to_owned()];
        assert_eq!(chosen("open('/x/a", 6, &["/x/a.txt", "/x/a.py"]), Some(("open('/x/a.".into(), files)));
        assert_eq!(chosen("imp", 0, &["import "]), Some(("import ".into(), vec![])));
        assert_eq!(chosen("é", 0, &["éa", "éb"]).unwrap().0, "é");
        assert_eq!(
            chosen("na", 0, &["Name", "NAN"]).unwrap().0,
            "na",
            "without a common prefix nothing is lost"
        );
    }

    #[test]
    fn completions_that_do_not_fit_are_ignored() {
        for start in [4, 99] {
            assert_eq!(chosen("é\n\té", start, &["x"]), None);
        }
        assert_eq!(chosen("x", 0, &[]), None);
    }
}
