//! What both command lines do: read options, run a program on this process's own streams, and end with a
//! status that tells how.

pub mod ending;
mod moment;
pub mod options;
mod recording;
pub mod run;
mod signals;

use std::io::{self, Write};

use self::options::Usage;
pub use self::recording::Recording;

/// Prints what somebody asked for. Whoever closes the pipe early has seen enough.
pub fn print(text: &str) -> u8 {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            run::say(&format!("cannot write to standard output: {error}"));
            1
        }
        _ => 0,
    }
}

/// An option that neither the sandbox nor the program in it has.
pub fn unknown_option(word: &str, program: &str) -> Usage {
    Usage(match options::nearest(word) {
        Some(near) => format!("unknown option {word}; did you mean {near}?"),
        None => format!("unknown option {word}; {program} --help lists them"),
    })
}
