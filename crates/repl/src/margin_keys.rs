//! The keys that move and delete: what they do where rustyline's own commands would trip over a margin.

use rustyline::{KeyCode as K, KeyEvent, Modifiers as M};

use crate::blocks::INDENT;
use crate::margin::{self, NEWLINE};
use crate::state::Edit;

/// The line and the cursor when a key is pressed.
pub(crate) struct Place<'l> {
    pub(crate) line: &'l str,
    /// Never right before a margin.
    pub(crate) cursor: usize,
    /// Whether letters are vi commands.
    pub(crate) is_vi_command: bool,
    /// Whether the line is Python.
    pub(crate) is_code: bool,
    /// Whether a search in the history is under way.
    pub(crate) is_search: bool,
}

/// Returns the edit for Tab: an indentation where the line is blank so far, a tab in an answer.
/// `None` asks for completions.
pub(crate) fn tab(place: &Place) -> Option<Edit> {
    let &Place { line, cursor, .. } = place;
    let before = &line[margin::line_start(line, cursor)..cursor];
    if !place.is_code {
        Some(Edit::insert(cursor, &margin::encode("\t")))
    } else if before.trim().is_empty() {
        Some(Edit::insert(cursor, &" ".repeat(INDENT - before.len() % INDENT)))
    } else {
        None
    }
}

/// Returns the edit for `key` beside a margin or an indentation. `None` leaves it to rustyline.
pub(crate) fn edit(key: KeyEvent, place: &Place) -> Option<Edit> {
    let &Place { line, cursor, is_vi_command, is_code, .. } = place;
    let start = margin::line_start(line, cursor);
    let end = margin::line_end(line, cursor);
    let above = line[..cursor].rfind('\n');
    let below = line[end..].starts_with(NEWLINE).then_some(end + NEWLINE.len());
    let at_start = above.filter(|_| cursor <= start);
    let at_end = below.filter(|_| cursor == end);
    let edit = match key {
        KeyEvent(K::Left, M::NONE) | KeyEvent(K::Char('B'), M::CTRL) => Edit::go(at_start?),
        KeyEvent(K::Char('h'), M::NONE) | KeyEvent(K::Backspace, _) if is_vi_command => Edit::go(at_start?),
        KeyEvent(K::Right, M::NONE) | KeyEvent(K::Char('F'), M::CTRL) => Edit::go(at_end?),
        KeyEvent(K::Char('l' | ' '), M::NONE) if is_vi_command => Edit::go(at_end?),
        KeyEvent(K::Home, M::NONE) | KeyEvent(K::Char('A'), M::CTRL) => above.map(|_| Edit::go(start))?,
        KeyEvent(K::Char('0' | '^'), M::NONE) if is_vi_command => above.map(|_| Edit::go(start))?,
        KeyEvent(K::Up, M::NONE) => Edit::go(same_column(line, cursor - start, above?)),
        KeyEvent(K::Char('k' | '-'), M::NONE) if is_vi_command => {
            Edit::go(same_column(line, cursor - start, above?))
        }
        KeyEvent(K::Down, M::NONE) => Edit::go(same_column(line, cursor - start, below?)),
        KeyEvent(K::Char('j' | '+'), M::NONE) if is_vi_command => {
            Edit::go(same_column(line, cursor - start, below?))
        }
        KeyEvent(K::Delete, M::NONE) | KeyEvent(K::Char('D' | 'K'), M::CTRL) => Edit::delete(end, at_end?),
        KeyEvent(K::Char('U'), M::CTRL) => above.map(|_| Edit::delete(start, cursor))?,
        KeyEvent(K::Backspace, M::NONE) | KeyEvent(K::Char('H'), M::CTRL) => match at_start {
            Some(newline) => Edit::delete(newline, start),
            None => Edit::delete(cursor - unindent(&line[start..cursor]).filter(|_| is_code)?, cursor),
        },
        KeyEvent(K::BackTab, _) if is_code => {
            let spaces = line[start..].len() - line[start..].trim_start_matches(' ').len();
            let fewer = start + spaces.min(INDENT);
            Edit { cursor: cursor.saturating_sub(fewer - start).max(start), ..Edit::delete(start, fewer) }
        }
        _ => return None,
    };
    Some(edit)
}

/// Returns the position `column` bytes into the line that holds `other`, or that line's end if it is shorter.
fn same_column(line: &str, column: usize, other: usize) -> usize {
    let start = margin::line_start(line, other);
    let mut place = (start + column).min(margin::line_end(line, start));
    while !line.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// Returns how much of an indentation one Backspace deletes; `None` if `before` is not all spaces.
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

    /// `edit` on a buffer written with `|` for the cursor and `/` for a newline with its margin.
    fn after(key: KeyEvent, shown: &str) -> String {
        let buffer = shown.replace('/', NEWLINE);
        let cursor = buffer.find('|').unwrap();
        let mut buffer = buffer.replace('|', "");
        match edit(key, &place(&buffer, cursor, true)) {
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
    fn backspace_joins_lines_and_deletes_whole_steps() {
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
    fn tab_indents_blank_lines_only() {
        assert_eq!(tab(&place("a\n\t  ", 5, true)), Some(Edit::insert(5, "  ")));
        assert_eq!(tab(&place("ab", 2, true)), None);
        assert_eq!(tab(&place("ab", 2, false)), Some(Edit::insert(2, "\u{2409}")));
    }
}
