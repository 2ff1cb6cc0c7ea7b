//! The screen: its size, and what is written to it past the editor.

use std::io::{self, Write as _};

use rustix::stdio::stdout;
use rustix::termios::tcgetwinsize;

/// The width of the screen; that of the oldest terminals if it does not say.
pub(crate) fn columns() -> usize {
    tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col)).filter(|&count| count > 0).unwrap_or(80)
}

/// The height of the screen; without end if it does not say.
pub(crate) fn rows() -> usize {
    let rows = tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_row));
    rows.filter(|&count| count > 0).unwrap_or(usize::MAX)
}

/// Writes text to stdout, at once.
///
/// Errors: those of stdout.
pub(crate) fn write_out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Tells the person of something that does not end the session.
pub(crate) fn warn(message: &str) {
    // If stderr is closed, nobody wanted to know.
    let _ = writeln!(io::stderr(), "python-wasm: {message}");
}
