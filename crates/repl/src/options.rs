//! How a terminal behaves, and the environment variables that decide it.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::history;

/// The key bindings of the line editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EditMode {
    /// Emacs, readline's default.
    #[default]
    Emacs,
    /// Vi, starting in insert mode.
    Vi,
}

/// How a [`Terminal`](crate::Terminal) behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The history file. With `None` the history ends with the session.
    pub history: Option<PathBuf>,
    /// The key bindings of the line editor.
    pub edit_mode: EditMode,
    /// Whether a real terminal is coloured; a pipe never is. Hints from the history are drawn in grey,
    /// so they need colours, too.
    pub colors: bool,
    /// Whether the terminal can move its cursor. If not, lines are read without editing and no escape
    /// sequence is ever written.
    pub cursor: bool,
}

impl Options {
    /// Returns the options that the environment asks for.
    ///
    /// It reads `NO_COLOR`, `TERM` and `PYTHON_WASM_EDIT_MODE` (`vi` or `emacs`). The history file is
    /// `PYTHON_WASM_HISTORY`, or else `python-wasm/history` in `XDG_DATA_HOME` or `~/.local/share`.
    /// `variable` looks up one variable, as [`std::env::var_os`] does.
    pub fn from_env(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        let cursor = !["", "dumb", "cons25", "emacs"].iter().any(|name| term.eq_ignore_ascii_case(name));
        Self {
            // https://no-color.org: set and not empty.
            colors: cursor && variable("NO_COLOR").unwrap_or_default().is_empty(),
            history: history::default_path(&variable),
            edit_mode: match variable("PYTHON_WASM_EDIT_MODE") {
                Some(mode) if mode == "vi" => EditMode::Vi,
                _ => EditMode::Emacs,
            },
            cursor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(set: &[(&str, &str)]) -> Options {
        Options::from_env(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn a_dumb_terminal_gets_neither_colours_nor_cursor_movements() {
        for term in ["dumb", "DUMB", "emacs", ""] {
            let options = options(&[("TERM", term)]);
            assert!(!options.colors && !options.cursor, "{term:?}");
        }
        assert!(options(&[("TERM", "xterm-256color")]).colors);
    }

    #[test]
    fn vi_keys_are_used_on_request() {
        assert_eq!(options(&[("PYTHON_WASM_EDIT_MODE", "vi")]).edit_mode, EditMode::Vi);
        assert_eq!(options(&[]).edit_mode, EditMode::Emacs);
    }

    #[test]
    fn an_empty_no_color_is_ignored() {
        assert!(options(&[("TERM", "xterm"), ("NO_COLOR", "")]).colors);
        let plain = options(&[("TERM", "xterm"), ("NO_COLOR", "1")]);
        assert!(!plain.colors && plain.cursor);
    }
}
