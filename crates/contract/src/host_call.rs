//! The one function that CPython's module imports beside WASI: its name, and the numbers of its requests.
//!
//! `host_call(request, input, input_size, output, output_capacity)` returns the full length of the answer
//! and stores as much of it as fits into the output buffer. A negative result is a refusal: [`EOF`],
//! [`INTERRUPTED`] or [`UNAVAILABLE`].

/// The module that the function is imported from.
pub const MODULE: &str = "python_wasm";
/// The function's name in [`MODULE`].
pub const NAME: &str = "host_call";
/// The number of its parameters, each an `i32`.
pub const PARAMS: usize = 5;

/// Requests the previous answer again, for a larger buffer.
pub const AGAIN: i32 = 0;
/// Requests the path of the initial working directory.
pub const CWD: i32 = 1;
/// Requests a line from the terminal. The input is one byte, [`READ_ANSWER`] or [`READ_SECRET`], then the
/// prompt; or [`READ_COMPLETED`] or [`READ_CANDIDATES`] and what they say.
pub const READLINE: i32 = 2;
/// Requests advice on an absolute path that was not found. The input is one byte, [`GRANT_READ`] or
/// [`GRANT_WRITE`], then the path. The answer is empty if the sandbox is not the reason.
pub const GRANT: i32 = 3;
/// Reports that an uncaught exception was caused by a limit. The input is one byte, [`ENDED_MEMORY`] or
/// [`ENDED_DISK`].
pub const ENDED: i32 = 4;
/// Duplicates a descriptor. The input is one number for `dup`, two for `dup2`; the result is the new
/// descriptor, or the negated errno.
pub const DUP: i32 = 5;
/// Shows a text at the terminal, one screen at a time.
pub const PAGE: i32 = 6;
/// Carries a message about functions of the embedding program.
pub const FUNCTION: i32 = 7;
/// Requests the mode of a file, C's `st_mode`, which WASI does not tell. The input is a descriptor, as a
/// number of 4 bytes; for a path below that one, a byte that is 1 if a link in its last component is
/// followed, and the path, come after it. The answer is the mode, or the negated errno, as a number of 4
/// bytes.
pub const MODE: i32 = 8;
/// Asks whether a file can be used. The input is that of [`MODE`] for a path, with a byte of [`ACCESS_READ`],
/// [`ACCESS_WRITE`] and [`ACCESS_EXECUTE`] before the path. The answer is 0, or the negated errno, as a
/// number of 4 bytes.
pub const ACCESS: i32 = 9;

/// Sets or releases a lock on a file, without waiting. The input is the descriptor and [`LOCK_READ`], [`LOCK_WRITE`] or
/// [`LOCK_NONE`], 4 bytes each, then the first byte and the number of bytes, 8 each, 0 for all behind it. The answer
/// is one number of 4 bytes: 0 or the negated errno.
pub const SET_LOCK: i32 = 11;
/// Looks for a lock of somebody else that is in the way of one, with the input of [`SET_LOCK`]. The answer is one
/// number of 4 bytes: the kind of that lock, [`LOCK_NONE`] if there is none, or the negated errno.
pub const FIND_LOCK: i32 = 12;

/// Sets or releases a lock on a whole file for a descriptor, as `flock` does, without waiting. The input is the
/// descriptor and [`LOCK_READ`], [`LOCK_WRITE`] or [`LOCK_NONE`], 4 bytes each. The answer is one number of 4 bytes: 0 or
/// the negated errno.
pub const FLOCK: i32 = 14;

/// Requests the size of the terminal that a descriptor of 4 bytes is. The answer is one number of 4 bytes: the columns,
/// below 32,768, and the rows times 65,536, or the negated errno.
pub const TERMINAL_SIZE: i32 = 13;

/// Kind of a lock that others can have, too: `F_RDLCK`.
pub const LOCK_READ: i32 = 0;
/// Kind of a lock that only one can have: `F_WRLCK`.
pub const LOCK_WRITE: i32 = 1;
/// No lock: `F_UNLCK`.
pub const LOCK_NONE: i32 = 2;

/// Mode of [`READLINE`] for a line that the program itself reads, as `input()` does.
pub const READ_ANSWER: u8 = 0;
/// Mode of [`READLINE`] for a line that is neither echoed nor kept in the history.
pub const READ_SECRET: u8 = 1;
/// Mode of [`READLINE`] for an answer that the program completes. The rest of the input is the text with which the
/// line begins, a NUL, and the prompt. The answer is [`LINE_READ`] and the line; or [`LINE_COMPLETED`], the
/// cursor (four bytes, least significant first) and the line as it is, which the program answers with
/// [`READ_CANDIDATES`].
pub const READ_COMPLETED: u8 = 2;
/// Mode of [`READLINE`] that goes on with a line of [`READ_COMPLETED`]. The rest of the input is the start of
/// what the candidates replace, in decimal, and the candidates, each after a newline.
pub const READ_CANDIDATES: u8 = 3;
/// Answer to [`READ_COMPLETED`]: the line has been entered.
pub const LINE_READ: u8 = 0;
/// Answer to [`READ_COMPLETED`]: Tab was pressed.
pub const LINE_COMPLETED: u8 = 1;

/// Sets the permissions of a file, which WASI cannot. The input is a descriptor, the permissions, as numbers
/// of 4 bytes, and a path below the descriptor. The answer is 0, or the negated errno, as a number of 4
/// bytes:
/// `notsup` if the folder keeps none.
pub const SET_MODE: i32 = 10;

/// Use of [`ACCESS`]: execution, or passing through a directory. The numbers are those of C's `access`.
pub const ACCESS_EXECUTE: u8 = 1;
/// Use of [`ACCESS`]: writing, or changing what is in a directory.
pub const ACCESS_WRITE: u8 = 2;
/// Use of [`ACCESS`]: reading, or listing a directory.
pub const ACCESS_READ: u8 = 4;

/// Kind of [`GRANT`] for a path that was to be read.
pub const GRANT_READ: u8 = 0;
/// Kind of [`GRANT`] for a path that was to be changed.
pub const GRANT_WRITE: u8 = 1;

/// Cause of [`ENDED`]: the limit on memory.
pub const ENDED_MEMORY: u8 = 1;
/// Cause of [`ENDED`]: the limit on the size or the number of files.
pub const ENDED_DISK: u8 = 2;

/// Refuses [`READLINE`] at the end of the input.
pub const EOF: i32 = -1;
/// Refuses a request that an interrupt ended.
pub const INTERRUPTED: i32 = -2;
/// Refuses a request that this host does not support.
pub const UNAVAILABLE: i32 = -3;
