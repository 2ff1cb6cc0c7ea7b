//! The keys that mean more than rustyline's own: Enter, Tab, paste, and all that meets a margin.

use std::sync::MutexGuard;

use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, InputMode, KeyCode as K, KeyEvent, Modifiers as M,
    RepeatCount,
};

use crate::blocks::{self, INDENT};
use crate::command;
use crate::desk::{Desk, Edit, Papers, SharedSession, Task};
use crate::margin::{self, NEWLINE};
use crate::session::Completeness;

/// Sees every key before rustyline does.
pub(crate) struct Keys(pub(crate) Desk);

/// The line as a key finds it.
struct Place<'l> {
    line: &'l str,
    /// Never before a margin.
    cursor: usize,
    /// Whether letters are commands of vi.
    is_vi_command: bool,
    /// Whether Python is typed.
    is_code: bool,
    /// Whether a search in the history is under way.
    is_search: bool,
}

impl ConditionalEventHandler for Keys {
    fn handle(&self, event: &Event, count: RepeatCount, _: bool, ctx: &EventContext) -> Option<Cmd> {
        let key = *event.get(0)?;
        let mut papers = self.0.lock();
        papers.edit = None;
        if papers.paste.is_some() {
            return Some(pasted(&mut papers, key, ctx.pos()));
        }
        let place = Place {
            line: ctx.line(),
            cursor: margin::behind(ctx.line(), ctx.pos()),
            is_vi_command: ctx.input_mode() == InputMode::Command,
            is_code: papers.task.is_code(),
            is_search: papers.searching,
        };
        papers.see(place.line, place.cursor);
        papers.menu.clear();
        papers.searching = searches_on(key, papers.searching);
        if let Some(command) = control(&mut papers, key, &place) {
            return Some(command);
        }
        if is_enter(key) {
            return Some(self.enter(papers, &place));
        }
        let edit = match key {
            KeyEvent(K::Char(c), M::NONE) if place.cursor != ctx.pos() && !place.is_vi_command => {
                insert(place.cursor, c.encode_utf8(&mut [0; 4]))
            }
            KeyEvent(K::Enter, M::ALT) if place.is_code => {
                insert(place.cursor, &newline(place.line, place.cursor))
            }
            // What rustyline's search does with Backspace.
            KeyEvent(K::Backspace, M::NONE) if place.is_search => return None,
            KeyEvent(K::Tab, M::NONE) => match tab(&place) {
                Some(edit) => edit,
                None => return Some(Cmd::Complete),
            },
            key if count <= 1 => press(key, &place)?,
            _ => return None,
        };
        Some(make(&mut papers, edit))
    }
}

impl Keys {
    /// Runs a block that is complete, and breaks the line of one that is not.
    fn enter(&self, papers: MutexGuard<'_, Papers>, place: &Place) -> Cmd {
        let Task::Block(session) = papers.task.clone() else { return Cmd::AcceptLine };
        let unchanged = papers.recalled == place.line;
        drop(papers);
        // A search leaves the cursor where it found its text.
        let at = if place.is_search && unchanged { place.line.len() } else { place.cursor };
        match enter(place.line, at, unchanged, &session) {
            None => Cmd::AcceptLine,
            // Within Ctrl-R this command still works, and an edit would not.
            Some(text) if !place.is_vi_command => Cmd::Insert(1, text),
            Some(text) => make(&mut self.0.lock(), insert(place.cursor, &text)),
        }
    }
}

/// Leaves an edit for the assistant to make.
fn make(papers: &mut Papers, edit: Edit) -> Cmd {
    papers.edit = Some(edit);
    Cmd::Complete
}

fn is_enter(key: KeyEvent) -> bool {
    matches!(key, KeyEvent(K::Enter, M::NONE) | KeyEvent(K::Char('J' | 'M'), M::CTRL))
}

/// Whether a search in the history is under way after `key`.
fn searches_on(key: KeyEvent, searching: bool) -> bool {
    match key {
        KeyEvent(K::Char('R'), M::CTRL) => true,
        KeyEvent(K::Char(_) | K::Backspace, M::NONE) | KeyEvent(K::Char('S' | 'H'), M::CTRL) => searching,
        _ => false,
    }
}

/// The keys that begin a paste, and those that end the line whatever is in it.
fn control(papers: &mut Papers, key: KeyEvent, place: &Place) -> Option<Cmd> {
    match key {
        // In vi's command mode digits are counts before anybody is asked.
        KeyEvent(K::BracketedPasteStart, _) if !place.is_vi_command => {
            papers.paste = Some(String::new());
            Some(Cmd::Noop)
        }
        KeyEvent(K::Char('C'), M::CTRL) => {
            // rustyline's own command would leave a hint on the screen.
            papers.interrupted = true;
            Some(Cmd::AcceptLine)
        }
        // A terminal that edits lines itself, as it does while a block runs, makes a NUL of Ctrl-D.
        KeyEvent(K::Char('@'), M::CTRL) if place.line.is_empty() && papers.has_just_begun() => {
            Some(Cmd::EndOfFile)
        }
        _ => None,
    }
}

/// A key within a paste. A megabyte is drawn once, at its end.
fn pasted(papers: &mut Papers, key: KeyEvent, cursor: usize) -> Cmd {
    let text = papers.paste.get_or_insert_default();
    match key {
        KeyEvent(K::Char(c), M::NONE) => text.push(c),
        KeyEvent(K::Enter, _) => text.push('\r'),
        KeyEvent(K::Char('J'), M::CTRL) => text.push('\n'),
        KeyEvent(K::Tab, _) => text.push('\t'),
        KeyEvent(K::BracketedPasteEnd, _) => {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            papers.paste = None;
            if !text.is_empty() {
                papers.edit = Some(insert(cursor, &margin::encode(&text)));
                return Cmd::Complete;
            }
        }
        // Other control characters mean nothing in Python, and could be commands.
        _ => {}
    }
    Cmd::Noop
}

/// Enter: what to insert, or `None` to run the block.
fn enter(line: &str, cursor: usize, unchanged: bool, session: &SharedSession) -> Option<String> {
    if !line[cursor..].trim().is_empty() && line[cursor..].contains('\n') {
        return Some(newline(line, cursor));
    }
    let mut source = blocks::tidy(&margin::decode(line));
    if blocks::is_blank(&source) {
        return None;
    }
    // A block fetched from the history has been complete before.
    if unchanged && source.contains('\n') {
        source.push('\n');
    }
    let last = blocks::split(&source).pop().unwrap_or_default();
    match command::completeness(last, session) {
        Completeness::Incomplete => Some(newline(line, cursor)),
        Completeness::Complete | Completeness::Invalid => None,
    }
}

/// A line break at `cursor` and the indentation behind it.
fn newline(line: &str, cursor: usize) -> String {
    let indent = blocks::next_indent(&margin::decode(&line[..cursor]));
    format!("{NEWLINE}{}", margin::encode(&indent))
}

fn insert(at: usize, text: &str) -> Edit {
    Edit { range: at..at, text: text.to_owned(), cursor: at + text.len() }
}

fn delete(from: usize, to: usize) -> Edit {
    Edit { range: from..to, text: String::new(), cursor: from }
}

fn go(cursor: usize) -> Edit {
    Edit { range: cursor..cursor, text: String::new(), cursor }
}

/// Tab: indents at a blank, is a tab in an answer, completes (`None`) otherwise.
fn tab(place: &Place) -> Option<Edit> {
    let &Place { line, cursor, .. } = place;
    let before = &line[margin::line_start(line, cursor)..cursor];
    if !place.is_code {
        Some(insert(cursor, &margin::encode("\t")))
    } else if before.trim().is_empty() {
        Some(insert(cursor, &" ".repeat(INDENT - before.len() % INDENT)))
    } else {
        None
    }
}

/// What `key` does where rustyline's own command would trip over a margin.
fn press(key: KeyEvent, place: &Place) -> Option<Edit> {
    let &Place { line, cursor, is_vi_command, is_code, .. } = place;
    let start = margin::line_start(line, cursor);
    let end = margin::line_end(line, cursor);
    let above = line[..cursor].rfind('\n');
    let below = line[end..].starts_with(NEWLINE).then_some(end + NEWLINE.len());
    let at_start = above.filter(|_| cursor <= start);
    let at_end = below.filter(|_| cursor == end);
    let edit = match key {
        KeyEvent(K::Left, M::NONE) | KeyEvent(K::Char('B'), M::CTRL) => go(at_start?),
        KeyEvent(K::Char('h'), M::NONE) | KeyEvent(K::Backspace, _) if is_vi_command => go(at_start?),
        KeyEvent(K::Right, M::NONE) | KeyEvent(K::Char('F'), M::CTRL) => go(at_end?),
        KeyEvent(K::Char('l' | ' '), M::NONE) if is_vi_command => go(at_end?),
        KeyEvent(K::Home, M::NONE) | KeyEvent(K::Char('A'), M::CTRL) => above.map(|_| go(start))?,
        KeyEvent(K::Char('0' | '^'), M::NONE) if is_vi_command => above.map(|_| go(start))?,
        KeyEvent(K::Up, M::NONE) => go(beside(line, cursor - start, above?)),
        KeyEvent(K::Char('k' | '-'), M::NONE) if is_vi_command => go(beside(line, cursor - start, above?)),
        KeyEvent(K::Down, M::NONE) => go(beside(line, cursor - start, below?)),
        KeyEvent(K::Char('j' | '+'), M::NONE) if is_vi_command => go(beside(line, cursor - start, below?)),
        KeyEvent(K::Delete, M::NONE) | KeyEvent(K::Char('D' | 'K'), M::CTRL) => delete(end, at_end?),
        KeyEvent(K::Char('U'), M::CTRL) => above.map(|_| delete(start, cursor))?,
        KeyEvent(K::Backspace, M::NONE) | KeyEvent(K::Char('H'), M::CTRL) => match at_start {
            Some(newline) => delete(newline, start),
            None => delete(cursor - unindent(&line[start..cursor]).filter(|_| is_code)?, cursor),
        },
        KeyEvent(K::BackTab, _) if is_code => {
            let spaces = line[start..].len() - line[start..].trim_start_matches(' ').len();
            let fewer = start + spaces.min(INDENT);
            Edit { cursor: cursor.saturating_sub(fewer - start).max(start), ..delete(start, fewer) }
        }
        _ => return None,
    };
    Some(edit)
}

/// The place in the line that holds `other`, as far from its start as `column` bytes or as it goes.
fn beside(line: &str, column: usize, other: usize) -> usize {
    let start = margin::line_start(line, other);
    let mut place = (start + column).min(margin::line_end(line, start));
    while !line.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// How much one Backspace takes from an indentation; `None` if there is more than spaces.
fn unindent(before: &str) -> Option<usize> {
    let all_spaces = !before.is_empty() && before.bytes().all(|byte| byte == b' ');
    all_spaces.then(|| (before.len() - 1) % INDENT + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: &str, cursor: usize, is_code: bool) -> Place<'_> {
        Place { line, cursor, is_vi_command: false, is_code, is_search: false }
    }

    /// `press` on a buffer written with `|` for the cursor and `/` for a newline with its margin.
    fn after(key: KeyEvent, shown: &str) -> String {
        let buffer = shown.replace('/', NEWLINE);
        let cursor = buffer.find('|').unwrap();
        let mut buffer = buffer.replace('|', "");
        match press(key, &place(&buffer, cursor, true)) {
            None => "rustyline's".to_owned(),
            Some(edit) => {
                buffer.replace_range(edit.range, &edit.text);
                buffer.insert(edit.cursor, '|');
                buffer.replace(NEWLINE, "/")
            }
        }
    }

    fn key(code: K) -> KeyEvent {
        KeyEvent(code, M::NONE)
    }

    #[test]
    fn the_cursor_steps_over_a_margin() {
        assert_eq!(after(key(K::Left), "ab/|cd"), "ab|/cd");
        assert_eq!(after(key(K::Right), "ab|/cd"), "ab/|cd");
        assert_eq!(after(key(K::Left), "ab/c|d"), "rustyline's");
        assert_eq!(after(key(K::Home), "ab/cd|"), "ab/|cd");
    }

    #[test]
    fn up_and_down_keep_the_column() {
        assert_eq!(after(key(K::Up), "abcd/ef|"), "ab|cd/ef");
        assert_eq!(after(key(K::Up), "a/bcd|/e"), "a|/bcd/e");
        assert_eq!(after(key(K::Down), "ab|cd/é"), "abcd/é|");
        assert_eq!(after(key(K::Up), "ab|/cd"), "rustyline's", "the history");
        assert_eq!(after(key(K::Down), "ab/c|d"), "rustyline's", "the history");
    }

    #[test]
    fn backspace_joins_lines_and_takes_whole_steps() {
        assert_eq!(after(key(K::Backspace), "ab/|cd"), "ab|cd");
        assert_eq!(after(key(K::Backspace), "ab/        |"), "ab/    |");
        assert_eq!(after(key(K::Backspace), "ab/      |x"), "ab/    |x");
        assert_eq!(after(key(K::Backspace), "ab/ x|"), "rustyline's");
    }

    #[test]
    fn kills_leave_no_half_margin() {
        assert_eq!(after(key(K::Delete), "ab|/cd"), "ab|cd");
        assert_eq!(after(KeyEvent::ctrl('K'), "ab|/cd"), "ab|cd");
        assert_eq!(after(KeyEvent::ctrl('U'), "ab/cd|e"), "ab/|e");
    }

    #[test]
    fn back_tab_dedents_wherever_the_cursor_is() {
        assert_eq!(after(key(K::BackTab), "a/      b|c"), "a/  b|c");
        assert_eq!(after(key(K::BackTab), "a/  |  b"), "a/|b");
        assert_eq!(after(key(K::BackTab), "ab|"), "ab|");
    }

    #[test]
    fn tab_indents_at_a_blank_only() {
        assert_eq!(tab(&place("a\n\t  ", 5, true)), Some(insert(5, "  ")));
        assert_eq!(tab(&place("ab", 2, true)), None);
        assert_eq!(tab(&place("ab", 2, false)), Some(insert(2, "\u{2409}")));
    }

    #[test]
    fn a_paste_is_one_edit_whatever_its_line_ends() {
        let mut papers = Papers { paste: Some(String::new()), ..Papers::default() };
        for code in [K::Char('a'), K::Enter, K::Tab, K::Char('b')] {
            pasted(&mut papers, key(code), 0);
        }
        pasted(&mut papers, KeyEvent::ctrl('C'), 0);
        pasted(&mut papers, key(K::BracketedPasteEnd), 7);
        assert_eq!(papers.edit, Some(insert(7, "a\n\t\u{2409}b")));
        assert_eq!(papers.paste, None);
    }
}
