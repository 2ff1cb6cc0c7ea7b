//! The terminal of python-wasm: line editing, history and the read-run loop
//! over a small [`Session`]; it knows no wasm.
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! # fn session() -> impl python_wasm_repl::Session { Never }
//! # struct Never;
//! # impl python_wasm_repl::Session for Never {
//! #     fn banner(&mut self) -> String { String::new() }
//! #     fn prompts(&mut self) -> python_wasm_repl::Prompts { Default::default() }
//! #     fn completeness(&mut self, _: &str) -> python_wasm_repl::Completeness { python_wasm_repl::Completeness::Complete }
//! #     fn run(&mut self, _: &str) -> python_wasm_repl::Step { python_wasm_repl::Step::Continue }
//! #     fn complete(&mut self, _: &str, _: usize) -> python_wasm_repl::Completions { Default::default() }
//! #     fn explain(&mut self, _: &str, _: bool) -> python_wasm_repl::Step { python_wasm_repl::Step::Continue }
//! #     fn goodbye(&mut self) -> i32 { 0 }
//! # }
//! use python_wasm_repl::{Options, Repl, Terminal};
//!
//! let terminal = Terminal::new(&Options::from_env(|name| std::env::var_os(name)))?;
//! // The session may keep a clone, and read the guest's own lines through it.
//! let status = Repl::new(session(), terminal.clone()).run();
//! std::process::exit(status);
//! # }
//! ```

mod session;

mod options;
mod repl;
mod terminal;

mod assistant;
mod blocks;
mod command;
mod editor;
mod highlight;
mod history;
mod keyboard;
mod keys;
mod lexer;
mod margin;
mod margin_keys;
mod menu;
mod pager;
mod paths;
mod plain;
mod recall;
mod screen;
mod state;

pub use options::{EditMode, Options};
pub use repl::Repl;
pub use session::{Argument, Command, Completeness, Completions, Prompts, Read, Reply, Session, Step};
pub use terminal::{LineKind, Terminal};
