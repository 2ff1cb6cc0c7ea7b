//! What a program says itself, beside what its guest prints.

use std::io::{self, Write};

/// Prints what the user asked for, and returns the exit status. A reader that closes the pipe early has
/// seen enough: that is a success.
pub fn print(text: &str) -> u8 {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(&format!("cannot write to standard output: {error}"));
            1
        }
        _ => 0,
    }
}

/// Writes one line to standard error. Nobody can be told if that fails.
pub fn say(line: &str) {
    let _nobody_reads = io::stderr().write_all(format!("{line}\n").as_bytes());
}
