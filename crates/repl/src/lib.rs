#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! [`Session`] is the interpreter's side, [`Terminal`] the person's side, and [`Repl`] the loop between
//! them. A session that reads lines itself keeps a clone of the [`Terminal`] for [`Terminal::read_line`].

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
