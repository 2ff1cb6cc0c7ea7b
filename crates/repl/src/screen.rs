//! The screen: its size, and writing to it without the editor.

use std::io::{self, Write as _};

use rustix::stdio::stdout;
use rustix::termios::tcgetwinsize;

/// Returns the width of the screen; 80 columns if the terminal does not know it.
pub(crate) fn columns() -> usize {
    tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col)).filter(|&count| count > 0).unwrap_or(80)
}

/// Returns the height of the screen; `usize::MAX` if the terminal does not know it.
pub(crate) fn rows() -> usize {
    let rows = tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_row));
    rows.filter(|&count| count > 0).unwrap_or(usize::MAX)
}

/// Writes text to stdout and flushes it.
pub(crate) fn write_out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Prints a message of ours on stderr, as one line. The session goes on.
pub(crate) fn warn(message: &str) {
    to_stderr(&format!("python-wasm: {message}"));
}

/// Prints a line on stderr.
pub(crate) fn to_stderr(line: &str) {
    // If stderr is closed, nobody is there to read it.
    let _ = writeln!(io::stderr(), "{line}");
}
