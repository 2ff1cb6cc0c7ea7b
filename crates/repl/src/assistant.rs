//! What rustyline asks while a line is edited: colours, hints and completions.

use std::borrow::Cow;
use std::cell::Cell;

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::line_buffer::LineBuffer;
use rustyline::validate::Validator;
use rustyline::{Changeset, CompletionType, Context, Helper, Result};
use unicode_width::UnicodeWidthStr as _;

use crate::desk::{Desk, Task, lock};
use crate::highlight::{Painter, matching_brackets};
use crate::lexer;
use crate::margin::{decode, encode};
use crate::session::Completions;

/// Sits beside the editor and answers for the session.
pub(crate) struct Assistant {
    desk: Desk,
    colors: bool,
    hinter: HistoryHinter,
    /// Whether the bracket at the cursor and its partner stand out.
    brackets: Cell<bool>,
}

impl Assistant {
    pub(crate) fn new(desk: Desk, colors: bool) -> Self {
        Self { desk, colors, hinter: HistoryHinter::new(), brackets: Cell::new(false) }
    }
}

impl Helper for Assistant {}

/// Enter is decided by [`crate::keys`].
impl Validator for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let papers = self.desk.lock();
        if papers.edit.is_some() {
            // One candidate, so that `update` is called and makes the edit.
            return Ok((cursor, vec![Pair { display: String::new(), replacement: String::new() }]));
        }
        let Task::Block(session) = papers.task.clone() else { return Ok((cursor, Vec::new())) };
        drop(papers);
        let (source, at) = (decode(line), decode(&line[..cursor]).len());
        let completions = lock(&session).complete(&source, at);
        Ok(in_buffer(line, cursor, &source, at, completions).unwrap_or((cursor, Vec::new())))
    }

    fn update(&self, line: &mut LineBuffer, start: usize, elected: &str, changes: &mut Changeset) {
        match self.desk.lock().edit.take() {
            Some(edit) => {
                if !edit.range.is_empty() || !edit.text.is_empty() {
                    line.replace(edit.range, &edit.text, changes);
                }
                line.set_pos(edit.cursor);
            }
            None => line.replace(start..line.pos(), elected, changes),
        }
    }
}

/// A session's completions in the buffer's own terms; `None` if they do not fit what was typed.
fn in_buffer(
    line: &str,
    cursor: usize,
    source: &str,
    at: usize,
    completions: Completions,
) -> Option<(usize, Vec<Pair>)> {
    let typed = encode(source.get(completions.start..at)?);
    let start = cursor.checked_sub(typed.len())?;
    if line.get(start..cursor)? != typed {
        return None;
    }
    let pair = |candidate: String| Pair {
        // Of `os.path.join` a list shows `join`, as there are many.
        display: candidate.rsplit('.').find(|part| !part.is_empty()).unwrap_or(&candidate).to_owned(),
        replacement: encode(&candidate),
    };
    Some((start, completions.candidates.into_iter().map(pair).collect()))
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, cursor: usize, ctx: &Context<'_>) -> Option<String> {
        // Without a colour a hint would look typed.
        if self.colors && matches!(self.desk.lock().task, Task::Block(_)) {
            self.hinter.hint(line, cursor, ctx)
        } else {
            None
        }
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        let papers = self.desk.lock();
        let painter = Painter { ps2: &papers.ps2, colors: self.colors && papers.task.is_code() };
        if let Task::Secret = papers.task {
            return "*".repeat(line.width()).into();
        }
        let scan = lexer::scan(line);
        let brackets = self.brackets.get().then(|| matching_brackets(line, &scan, cursor)).flatten();
        painter.buffer(line, &scan, brackets).into()
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        let papers = self.desk.lock();
        Painter { ps2: "", colors: self.colors && papers.task.is_code() }.prompt(prompt).into()
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        let papers = self.desk.lock();
        Painter { ps2: &papers.ps2, colors: self.colors }.hint(hint).into()
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: CompletionType) -> Cow<'c, str> {
        candidate.into()
    }

    fn highlight_char(&self, line: &str, cursor: usize, kind: CmdKind) -> bool {
        let task = self.desk.lock().task.clone();
        let found = self.colors
            && task.is_code()
            && kind != CmdKind::ForcedRefresh
            && matching_brackets(line, &lexer::scan(line), cursor).is_some();
        self.brackets.set(found);
        match kind {
            CmdKind::MoveCursor => found,
            // What was typed may colour what stands around it, and must not show in a password.
            CmdKind::Other => self.colors || matches!(task, Task::Secret),
            // A last time without brackets and hints, as it will stay on the screen.
            CmdKind::ForcedRefresh => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_are_placed_in_the_buffer() {
        let line = "if x:\n\tos.pa";
        let source = decode(line);
        let completions = Completions { start: 6, candidates: vec!["os.path".into(), "os.pardir".into()] };
        let (start, pairs) = in_buffer(line, line.len(), &source, source.len(), completions).unwrap();
        assert_eq!((start, &line[start..]), (7, "os.pa"));
        assert_eq!(pairs[0].replacement, "os.path");
        assert_eq!(pairs[1].display, "pardir");
    }

    #[test]
    fn completions_that_do_not_fit_are_ignored() {
        for start in [4, 99] {
            let completions = Completions { start, candidates: vec!["x".into()] };
            assert!(in_buffer("é\n\té", 4, "é\né", 5, completions).is_none());
        }
    }
}
