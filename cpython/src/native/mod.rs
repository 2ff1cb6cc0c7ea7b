//! Compiles the module ahead of time, for the processor that it will run on.
//!
//! What comes out is data for the assembler: whoever links it into a program's text has code that
//! no page need ever be made executable for.

mod compile;
mod meter;

pub use compile::ahead_of_time;
