//! Runs the compiler, passes its messages on, and says what to do about those that it cannot explain.

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::process::{Command, ExitStatus, Stdio};

use crate::say;

/// Parts of messages, and what is to be said after the last of them.
const HINTS: [(&str, &str); 4] = [
    (
        "with exceptions disabled",
        "wasi-run has no exceptions: build without them, or with -fignore-exceptions, by which a program that \
         throws ends",
    ),
    (
        "Setjmp/longjmp support requires",
        "there is no setjmp: it needs WebAssembly's exceptions, which wasi-run does not have",
    ),
    ("'sys/socket.h' file not found", "WASI has no sockets to open"),
    (
        "undefined symbol: dlopen",
        "WASI has no shared libraries: link what is to be loaded, or build without dlopen",
    ),
];

/// How a compiler ended, and what it said.
pub(crate) struct Ending {
    pub(crate) status: ExitStatus,
    pub(crate) messages: Vec<u8>,
}

/// Runs a command to its end and keeps its messages.
pub(crate) fn run(command: &mut Command) -> io::Result<Ending> {
    if io::stderr().is_terminal() {
        // The compiler sees a pipe, and would leave colours out.
        command.arg("-fcolor-diagnostics");
    }
    let mut child = command.stderr(Stdio::piped()).spawn()?;
    let mut messages = Vec::new();
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_end(&mut messages)?;
    }
    Ok(Ending { status: child.wait()?, messages })
}

impl Ending {
    /// Passes the messages on, and adds what they leave out.
    pub(crate) fn tell(&self) {
        // Nobody reads them if this fails; the status tells the rest.
        let _ = io::stderr().write_all(&self.messages);
        if self.status.success() {
            return;
        }
        let text = String::from_utf8_lossy(&self.messages);
        for (_, hint) in HINTS.iter().filter(|(part, _)| text.contains(part)) {
            say(&format!("zcc: {hint}"));
        }
    }
}
