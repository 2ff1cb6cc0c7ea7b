//! The terminal of python-wasm: line editing, history and the read-run loop
//! over a small [`Session`]; it knows no wasm.

mod session;

pub use session::{Completeness, Completions, Prompts, Session, Step};
