//! The one function that CPython's module imports beside WASI: its name, and the numbers of its requests.
//!
//! `host_call(request, input, input_size, output, output_capacity)`. The result is the whole length of
//! the answer, of which as much as fits is stored, or one of the refusals below 0.

/// The module that it is imported from.
pub const MODULE: &str = "python_wasm";
/// Its name there.
pub const NAME: &str = "host_call";
/// How many arguments it takes, each an `i32`.
pub const PARAMS: usize = 5;

/// Asks for the last answer once more, for a larger buffer.
pub const AGAIN: i32 = 0;
/// Asks for the folder to start in.
pub const CWD: i32 = 1;
/// Asks for a line from the terminal: a byte, [`READ_ANSWER`] or [`READ_SECRET`], then the prompt.
pub const READLINE: i32 = 2;
/// Asks for advice on an absolute path that was not found: a byte, [`GRANT_READ`] or [`GRANT_WRITE`], then
/// the path. The answer is empty when the sandbox is not the reason.
pub const GRANT: i32 = 3;
/// Tells that an uncaught exception met a limit: a byte, [`ENDED_MEMORY`] or [`ENDED_DISK`].
pub const ENDED: i32 = 4;
/// Duplicates a descriptor: one number for `dup`, two for `dup2`. The result is the new number, or the
/// negated errno.
pub const DUP: i32 = 5;
/// Shows a text at the terminal, a screen at a time.
pub const PAGE: i32 = 6;
/// Carries a message about functions of the host.
pub const FUNCTION: i32 = 7;

/// [`READLINE`] for an answer to the program, as `input()` wants it.
pub const READ_ANSWER: u8 = 0;
/// [`READLINE`] for a line that is neither shown nor remembered.
pub const READ_SECRET: u8 = 1;

/// [`GRANT`] for a path that was to be read.
pub const GRANT_READ: u8 = 0;
/// [`GRANT`] for a path that was to be changed.
pub const GRANT_WRITE: u8 = 1;

/// [`ENDED`] by the limit on memory.
pub const ENDED_MEMORY: u8 = 1;
/// [`ENDED`] by the limit on the size or the number of files.
pub const ENDED_DISK: u8 = 2;

/// The refusal of [`READLINE`] at the end of the input.
pub const EOF: i32 = -1;
/// The refusal when an interrupt came.
pub const INTERRUPTED: i32 = -2;
/// The refusal of a host that does not offer what was asked for.
pub const UNAVAILABLE: i32 = -3;
