//! The standard streams of a sandbox, which are made again when it goes back to a snapshot.

use std::io;

use wasi_core::Streams;
use wasi_core::fs::File;
use wasi_core::fs::stdio::{Capture, HostStream, Input, Null, Writer};

use super::writer::SharedWriter;

/// The source of standard input and the sinks of both outputs.
#[derive(Clone)]
pub(crate) struct Stdio {
    pub(crate) stdin: Source,
    pub(crate) stdout: Sink,
    pub(crate) stderr: Sink,
}

/// What standard input reads.
#[derive(Clone)]
pub(crate) enum Source {
    Nothing,
    Bytes(Input),
    Inherited,
}

/// What becomes of an output.
#[derive(Clone)]
pub(crate) enum Sink {
    Nothing,
    Captured(Capture),
    Inherited,
    Written(SharedWriter),
}

impl Default for Stdio {
    fn default() -> Self {
        Self::captured()
    }
}

impl Stdio {
    /// Makes an empty input, and outputs that are kept until they are asked for.
    pub(crate) fn captured() -> Self {
        let captured = || Sink::Captured(Capture::new());
        Self { stdin: Source::Nothing, stdout: captured(), stderr: captured() }
    }

    /// Whether somebody outside may be waiting for what is printed.
    pub(crate) fn is_watched(&self) -> bool {
        [&self.stdout, &self.stderr]
            .into_iter()
            .any(|sink| matches!(sink, Sink::Inherited | Sink::Written(_)))
    }

    /// Takes the error of a writer that did not take what was printed last.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        let failures = [&self.stdout, &self.stderr].map(|sink| match sink {
            Sink::Written(writer) => writer.take_failure(),
            Sink::Nothing | Sink::Captured(_) | Sink::Inherited => None,
        });
        failures.into_iter().flatten().next()
    }

    /// Makes the streams. Only one set of them may be in use at a time.
    pub(crate) fn streams(&self) -> io::Result<Streams> {
        let stdin: Box<dyn File> = match &self.stdin {
            Source::Nothing => Box::new(Null),
            Source::Bytes(input) => Box::new(input.clone()),
            Source::Inherited => Box::new(HostStream::stdin()?),
        };
        let stdout = self.stdout.file(HostStream::stdout)?;
        let stderr = self.stderr.file(HostStream::stderr)?;
        Ok(Streams::new().stdin(stdin).stdout(stdout).stderr(stderr))
    }
}

impl Sink {
    fn file(&self, inherited: impl FnOnce() -> io::Result<HostStream>) -> io::Result<Box<dyn File>> {
        Ok(match self {
            Self::Nothing => Box::new(Null),
            Self::Captured(capture) => Box::new(capture.clone()),
            Self::Inherited => Box::new(inherited()?),
            Self::Written(writer) => Box::new(Writer::new(writer.clone())),
        })
    }

    /// Takes what was captured since the last time.
    pub(crate) fn take(&self) -> Vec<u8> {
        match self {
            Self::Captured(capture) => capture.take(),
            Self::Nothing | Self::Inherited | Self::Written(_) => Vec::new(),
        }
    }
}
