//! The keys that rustyline leaves to us: Enter, Tab, pastes, Ctrl-C and Ctrl-D.

use std::sync::MutexGuard;

use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, InputMode, KeyCode as K, KeyEvent, Modifiers as M,
    RepeatCount,
};

use crate::blocks;
use crate::command;
use crate::margin::{self, NEWLINE};
use crate::margin_keys::{self, Place};
use crate::session::Completeness;
use crate::state::{Edit, EditState, SharedSession, SharedState, Task};

/// Handles every key before rustyline does.
pub(crate) struct Keys(pub(crate) SharedState);

impl ConditionalEventHandler for Keys {
    fn handle(&self, event: &Event, count: RepeatCount, _: bool, ctx: &EventContext) -> Option<Cmd> {
        let key = *event.get(0)?;
        let mut state = self.0.lock();
        state.edit = None;
        if state.paste.is_some() {
            return Some(pasted(&mut state, key, ctx.pos()));
        }
        let place = Place {
            line: ctx.line(),
            cursor: margin::after(ctx.line(), ctx.pos()),
            is_vi_command: ctx.input_mode() == InputMode::Command,
            is_code: state.task.is_code(),
            is_search: state.searching,
        };
        state.remember(place.line, place.cursor);
        state.menu.clear();
        state.searching = searches_on(key, state.searching);
        if let Some(command) = control(&mut state, key, &place) {
            return Some(command);
        }
        if is_enter(key) {
            return Some(self.enter(state, &place));
        }
        let edit = match key {
            KeyEvent(K::Char(c), M::NONE) if place.cursor != ctx.pos() && !place.is_vi_command => {
                Edit::insert(place.cursor, c.encode_utf8(&mut [0; 4]))
            }
            KeyEvent(K::Enter, M::ALT) if place.is_code => {
                Edit::insert(place.cursor, &newline(place.line, place.cursor))
            }
            // Within a search Backspace belongs to rustyline.
            KeyEvent(K::Backspace, M::NONE) if place.is_search => return None,
            KeyEvent(K::Tab, M::NONE) if matches!(state.task, Task::Completed(..)) => {
                return Some(Cmd::Complete);
            }
            KeyEvent(K::Tab, M::NONE) => match margin_keys::tab(&place) {
                Some(edit) => edit,
                None => return Some(Cmd::Complete),
            },
            key if count <= 1 => margin_keys::edit(key, &place)?,
            _ => return None,
        };
        Some(make(&mut state, edit))
    }
}

impl Keys {
    /// Accepts a block that is complete, and adds a line to one that is not.
    fn enter(&self, state: MutexGuard<'_, EditState>, place: &Place) -> Cmd {
        let Task::Block(session) = state.task.clone() else { return Cmd::AcceptLine };
        let unchanged = state.recalled == place.line;
        // Without the lock: the session may do anything.
        drop(state);
        // A search leaves the cursor at the text that it found.
        let at = if place.is_search && unchanged { place.line.len() } else { place.cursor };
        match enter(place.line, at, unchanged, &session) {
            None => Cmd::AcceptLine,
            // This command works in a search, too, where an edit would not.
            Some(text) if !place.is_vi_command => Cmd::Insert(1, text),
            Some(text) => make(&mut self.0.lock(), Edit::insert(place.cursor, &text)),
        }
    }
}

/// Leaves an edit to the assistant, which makes it at the command `Complete`.
fn make(state: &mut EditState, edit: Edit) -> Cmd {
    state.edit = Some(edit);
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

/// Handles the keys that begin a paste and those that end the line whatever it holds.
fn control(state: &mut EditState, key: KeyEvent, place: &Place) -> Option<Cmd> {
    match key {
        // In vi's command mode rustyline takes digits as counts before it asks, so a paste cannot be collected.
        KeyEvent(K::BracketedPasteStart, _) if !place.is_vi_command => {
            state.paste = Some(String::new());
            Some(Cmd::Noop)
        }
        KeyEvent(K::Char('C'), M::CTRL) => {
            // rustyline's own command would leave the hint on the screen.
            state.interrupted = true;
            Some(Cmd::AcceptLine)
        }
        // While a block runs, the terminal edits lines itself and turns Ctrl-D into a NUL.
        KeyEvent(K::Char('@'), M::CTRL) if place.line.is_empty() && state.has_just_begun() => {
            Some(Cmd::EndOfFile)
        }
        _ => None,
    }
}

/// Collects a key of a paste. Even a megabyte is drawn only once, at the end of the paste.
fn pasted(state: &mut EditState, key: KeyEvent, cursor: usize) -> Cmd {
    let text = state.paste.get_or_insert_default();
    match key {
        KeyEvent(K::Char(c), M::NONE) => text.push(c),
        KeyEvent(K::Enter, _) => text.push('\r'),
        KeyEvent(K::Char('J'), M::CTRL) => text.push('\n'),
        KeyEvent(K::Tab, _) => text.push('\t'),
        KeyEvent(K::BracketedPasteEnd, _) => {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            state.paste = None;
            if !text.is_empty() {
                state.edit = Some(Edit::insert(cursor, &margin::encode(&text)));
                return Cmd::Complete;
            }
        }
        // Other control characters mean nothing in Python, and could be commands of the editor.
        _ => {}
    }
    Cmd::Noop
}

/// Returns what Enter inserts, or `None` if it runs the block.
fn enter(line: &str, cursor: usize, unchanged: bool, session: &SharedSession) -> Option<String> {
    if !line[cursor..].trim().is_empty() && line[cursor..].contains('\n') {
        return Some(newline(line, cursor));
    }
    let mut source = blocks::tidy(&margin::decode(line));
    if blocks::is_blank(&source) {
        return None;
    }
    // A block from the history was complete when it was entered.
    if unchanged && source.contains('\n') {
        source.push('\n');
    }
    let last = blocks::split(&source).pop().unwrap_or_default();
    match command::completeness(last, session) {
        Completeness::Incomplete => Some(newline(line, cursor)),
        Completeness::Complete | Completeness::Invalid => None,
    }
}

/// Returns a line break at `cursor` with the indentation that follows it.
fn newline(line: &str, cursor: usize) -> String {
    let indent = blocks::next_indent(&margin::decode(&line[..cursor]));
    format!("{NEWLINE}{}", margin::encode(&indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: K) -> KeyEvent {
        KeyEvent(code, M::NONE)
    }

    #[test]
    fn a_paste_is_one_edit_whatever_its_line_endings() {
        let mut state = EditState { paste: Some(String::new()), ..EditState::default() };
        for code in [K::Char('a'), K::Enter, K::Tab, K::Char('b')] {
            pasted(&mut state, key(code), 0);
        }
        pasted(&mut state, KeyEvent::ctrl('C'), 0);
        pasted(&mut state, key(K::BracketedPasteEnd), 7);
        assert_eq!(state.edit, Some(Edit::insert(7, "a\n\t\u{2409}b")));
        assert_eq!(state.paste, None);
    }
}
