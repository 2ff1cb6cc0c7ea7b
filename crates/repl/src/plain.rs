//! Reads lines from a pipe, a file or a terminal that cannot move its cursor: no editing, no escapes.

use std::io::{self, IsTerminal as _, Write};

use rustix::stdio::stdin;

use crate::blocks;
use crate::command;
use crate::keyboard::{INTERRUPT, Modes};
use crate::session::{Completeness, Prompts, Read};
use crate::state::SharedSession;

/// Reads lines without editing them.
pub(crate) struct Plain {
    input: Box<dyn io::Read + Send>,
    output: Box<dyn Write + Send>,
    /// Whether the input is the terminal on stdin, whose modes are changed while a line is read.
    is_terminal: bool,
}

impl Plain {
    pub(crate) fn new(input: Box<dyn io::Read + Send>, output: Box<dyn Write + Send>) -> Self {
        Self { input, output, is_terminal: false }
    }

    /// Returns a reader over stdin and stdout.
    pub(crate) fn stdio() -> Self {
        Self {
            input: Box::new(Stdin),
            output: Box::new(io::stdout()),
            is_terminal: io::stdin().is_terminal(),
        }
    }

    /// Reads one line without its newline. A `secret` line is not echoed.
    pub(crate) fn read(&mut self, prompt: &str, secret: bool) -> io::Result<Read> {
        // Before the prompt, so that an immediate answer is not too early.
        let modes = if self.is_terminal { Some(Modes::line_by_line(secret)?) } else { None };
        self.output.write_all(prompt.as_bytes())?;
        self.output.flush()?;
        let line = self.line();
        drop(modes);
        // The terminal did not echo a newline for this Enter, Ctrl-C or Ctrl-D.
        let unfinished = !matches!(line, Ok(Read::Line(_))) || secret;
        if self.is_terminal && unfinished {
            self.output.write_all(b"\n")?;
            self.output.flush()?;
        }
        line
    }

    /// Reads a block line by line, as CPython's basic prompt does.
    pub(crate) fn read_block(&mut self, prompts: &Prompts, session: &SharedSession) -> io::Result<Read> {
        let mut source = match self.read(&prompts.ps1, false)? {
            Read::Line(line) => line,
            other => return Ok(other),
        };
        while !blocks::is_blank(&source)
            && command::completeness(&source, session) == Completeness::Incomplete
        {
            match self.read(&prompts.ps2, false)? {
                Read::Line(line) => source = blocks::tidy(&format!("{source}\n{line}")),
                Read::Interrupted => return Ok(Read::Interrupted),
                // The block runs, and the next read returns `Eof` again.
                Read::Eof => break,
            }
        }
        Ok(Read::Line(source))
    }

    /// Writes text that is not a prompt.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }

    /// Reads byte by byte, so that the bytes after the line are left for the next reader.
    fn line(&mut self) -> io::Result<Read> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        loop {
            match self.input.read(&mut byte) {
                Ok(0) if bytes.is_empty() => return Ok(Read::Eof),
                Ok(0) => break,
                Ok(_) if byte[0] == b'\n' => break,
                Ok(_) if self.is_terminal && byte[0] == INTERRUPT => return Ok(Read::Interrupted),
                Ok(_) => bytes.push(byte[0]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(Read::Interrupted),
                Err(error) => return Err(error),
            }
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        Ok(Read::Line(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// Stdin without a buffer, which would take bytes away from the guest.
struct Stdin;

impl io::Read for Stdin {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(stdin(), bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_lf_crlf_or_the_input() {
        let mut plain = Plain::new(Box::new(&b"a\r\n\xff\n\nlast"[..]), Box::new(io::sink()));
        let mut lines = Vec::new();
        while let Read::Line(line) = plain.read("", false).unwrap() {
            lines.push(line);
        }
        assert_eq!(lines, ["a", "\u{fffd}", "", "last"]);
    }
}
