//! How a terminal is to behave, and where the environment says so.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::history;

/// Which keys edit a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EditMode {
    /// Emacs, readline's default.
    #[default]
    Emacs,
    /// Vi, beginning in insert mode.
    Vi,
}

/// How a [`Terminal`](crate::Terminal) behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The history file; `None` keeps nothing beyond the session.
    pub history: Option<PathBuf>,
    /// Which keys edit a line.
    pub edit_mode: EditMode,
    /// Whether colours are used, where the terminal is more than a pipe. Hints
    /// from the history are drawn in grey, so they need this.
    pub colors: bool,
    /// Whether the terminal can move its cursor. Without it lines are read as
    /// the terminal gives them and not one escape sequence is written.
    pub cursor: bool,
}

impl Options {
    /// What the environment asks for: `NO_COLOR`, `TERM`, `PYTHON_WASM_EDIT_MODE` (`vi` or
    /// `emacs`), and for the history
    /// `PYTHON_WASM_HISTORY`, else `python-wasm/history` in `XDG_DATA_HOME` or
    /// in `~/.local/share`. `variable` looks one up, as [`std::env::var_os`]
    /// does; nothing else is read.
    pub fn from_env(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        let cursor = !["", "dumb", "cons25", "emacs"].iter().any(|name| term.eq_ignore_ascii_case(name));
        Self {
            // no-color.org: set and not empty.
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
    fn vi_s_keys_are_a_matter_of_taste() {
        assert_eq!(options(&[("PYTHON_WASM_EDIT_MODE", "vi")]).edit_mode, EditMode::Vi);
        assert_eq!(options(&[]).edit_mode, EditMode::Emacs);
    }

    #[test]
    fn no_color_counts_when_it_is_not_empty() {
        assert!(options(&[("TERM", "xterm"), ("NO_COLOR", "")]).colors);
        let plain = options(&[("TERM", "xterm"), ("NO_COLOR", "1")]);
        assert!(!plain.colors && plain.cursor);
    }
}
