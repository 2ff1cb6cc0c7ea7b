//! The options of Python and its prompt, beside those of every sandbox.

use std::path::PathBuf;

use python_wasm_repl::EditMode;
use python_wasm_sandbox::command_line::Row;

/// What they say.
#[derive(Debug, Default)]
pub(super) struct PromptOptions {
    no_history: bool,
    vi: bool,
    /// The session to go on with.
    pub(super) resume: Option<PathBuf>,
    /// Folders of packages.
    pub(super) sites: Vec<PathBuf>,
    /// The file of the image to start from.
    pub(super) image: Option<PathBuf>,
    /// The file for the image that the program prepares.
    pub(super) prepare: Option<PathBuf>,
    /// Whether each program compiles what it imports.
    pub(super) no_bytecode: bool,
}

/// In the order of the help.
pub(super) static PROMPT: [Row<PromptOptions>; 7] = [
    Row::new(
        "--site",
        "DIR",
        "read-only, and on sys.path: what pip install --target DIR made",
        |prompt, folder| {
            prompt.sites.push(folder.into());
            Ok(())
        },
    ),
    Row::new(
        "--no-bytecode",
        "",
        "keep no bytecode of what is imported from read-only folders",
        |prompt, _| {
            prompt.no_bytecode = true;
            Ok(())
        },
    ),
    Row::new(
        "--prepare",
        "FILE",
        "run the program, and keep what it imported as an image",
        |prompt, file| {
            prompt.prepare = Some(file.into());
            Ok(())
        },
    ),
    Row::new("--image", "FILE", "start with what --prepare has kept", |prompt, file| {
        prompt.image = Some(file.into());
        Ok(())
    }),
    Row::new("--no-history", "", "keep nothing of what is typed at the prompt", |prompt, _| {
        prompt.no_history = true;
        Ok(())
    }),
    Row::new("--resume", "FILE", "go on with a session that %save has kept", |prompt, file| {
        prompt.resume = Some(file.into());
        Ok(())
    }),
    Row::new(
        "--vi",
        "",
        "edit at the prompt with vi's keys, as PYTHON_WASM_EDIT_MODE=vi does",
        |prompt, _| {
            prompt.vi = true;
            Ok(())
        },
    ),
];

impl PromptOptions {
    /// Returns how lines are edited, by the environment and these options.
    pub(super) fn editing(&self) -> python_wasm_repl::Options {
        let mut editing = python_wasm_repl::Options::from_env(|name| std::env::var_os(name));
        if self.no_history {
            editing.history = None;
        }
        if self.vi {
            editing.edit_mode = EditMode::Vi;
        }
        editing
    }
}
