//! What can go wrong, in words that say what to do.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(feature = "build")]
use crate::prerequisites::Missing;

/// Why there is no CPython for WASI.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Programs that the build needs are not installed.
    #[cfg(feature = "build")]
    #[error("{0}")]
    Missing(Missing),

    /// No source of a release's tarball answered with the pinned bytes.
    #[error(
        "no source of {what} answered:\n{}\n\
         Check the network, or point {variable} at {file}, \
         or PYTHON_WASM_CPYTHON at a folder that `cargo run -p python-wasm-cpython -- build` made elsewhere",
        indented(attempts)
    )]
    NoSource {
        /// The release looked for.
        what: String,
        /// The variable that may name a copy of it.
        variable: &'static str,
        /// The tarball's name.
        file: String,
        /// One line for each source tried: its name and its answer.
        attempts: Vec<String>,
    },

    /// Something pinned could not be fetched.
    #[error(
        "cannot fetch {what}: {answer}\n\
         Check the network (the whole log is {}), or point PYTHON_WASM_CPYTHON at a folder \
         that `cargo run -p python-wasm-cpython -- build` made elsewhere",
        log.display()
    )]
    Fetch {
        /// What, and from where.
        what: String,
        /// The last line of the answer.
        answer: String,
        /// All that the commands wrote.
        log: PathBuf,
    },

    /// A file is not the one that the recipe pins.
    #[error("{} has sha256 {found}, the recipe pins {expected}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The pinned sum, in hexadecimal digits.
        expected: String,
        /// The file's sum.
        found: String,
    },

    /// A command of the build failed.
    #[error(
        "{what} failed ({status}), the whole log is {}; its last lines:\n{}",
        log.display(),
        indented(tail)
    )]
    Command {
        /// The command, shortened.
        what: String,
        /// How it ended.
        status: String,
        /// All that it and the commands before it wrote.
        log: PathBuf,
        /// The last lines of the log.
        tail: Vec<String>,
    },

    /// A file of the recipe changed between the build's start and its use.
    #[error("the recipe's files were edited while stage {stage} ran: build again")]
    Edited {
        /// The stage that uses them.
        stage: &'static str,
    },

    /// The profile is of another CPython, or made by another compiler.
    #[error(
        "the profile was trained on\n{trained_on}but this recipe has\n{used}\
         Run cpython/profile/train.sh"
    )]
    Profile {
        /// What it was made with.
        trained_on: String,
        /// What the recipe builds, with what.
        used: String,
    },

    /// A patch of the recipe does not fit the source.
    #[error("patch {} does not apply to {}: {reason}", patch.display(), file.display())]
    Patch {
        /// The patch.
        patch: PathBuf,
        /// The file it is for.
        file: PathBuf,
        /// What does not fit.
        reason: String,
    },

    /// The folder that `PYTHON_WASM_CPYTHON` names cannot be used.
    #[error("PYTHON_WASM_CPYTHON={}: {reason}", path.display())]
    Prebuilt {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// Neither the cache's own variable nor a home folder says where to build.
    #[error("no folder to build in: set HOME, or PYTHON_WASM_CACHE to a folder of your choice")]
    NoCache,

    /// CPython's makefiles cannot work in this folder.
    #[error(
        "cannot build in {}: make needs a path without spaces and quotes; \
         set PYTHON_WASM_CACHE to such a folder", path.display()
    )]
    CachePath {
        /// The cache's folder.
        path: PathBuf,
    },

    /// The build has no compiler for this machine.
    #[error(
        "no compiler is pinned for {system} on {machine}: build on Linux or macOS \
         (x86_64, aarch64) and point PYTHON_WASM_CPYTHON at the result"
    )]
    Machine {
        /// The operating system.
        system: &'static str,
        /// The processor.
        machine: &'static str,
    },

    /// The program that follows the recipe failed: its own words say why.
    #[error("`cpython {arguments}` failed ({status}):\n{output}")]
    Tool {
        /// What it was to do.
        arguments: String,
        /// How it ended.
        status: String,
        /// What it wrote to stderr.
        output: String,
    },

    /// Python cannot be initialised, or its module cannot be split.
    #[error("cannot prepare {}: {reason}", module.display())]
    Prepare {
        /// The module.
        module: PathBuf,
        /// What went wrong.
        reason: String,
    },

    /// The module cannot be compiled ahead of time.
    #[error("cannot compile python.wasm for {target}: {reason}")]
    Native {
        /// The processor and system that it was to be compiled for.
        target: String,
        /// What the compiler says.
        reason: String,
    },

    /// Two builds of one recipe gave different bytes.
    #[error(
        "not reproducible: {} differ between {} and {}",
        files.join(", "), folders[0].display(), folders[1].display()
    )]
    NotReproducible {
        /// The files that differ.
        files: Vec<String>,
        /// The two artefacts.
        folders: [PathBuf; 2],
    },

    /// The file system said no.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl Error {
    /// The failure of a command whose work it was to fetch `what`.
    pub(crate) fn fetching(self, what: &str) -> Self {
        match self {
            Self::Command { log, tail, .. } => {
                Self::Fetch { what: what.to_owned(), answer: last_line(&tail).to_owned(), log }
            }
            other => other,
        }
    }
}

/// The last line of a command's output that says something.
pub(crate) fn last_line(tail: &[String]) -> &str {
    let line = tail.iter().rev().find(|line| !line.trim().is_empty());
    line.map_or("no answer", |line| line.trim())
}

/// Names the action and the path in an I/O error.
pub(crate) trait IoContext<T> {
    /// `action` is a verb, such as "read".
    fn on(self, action: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { action, path: path.to_path_buf(), source })
    }
}

fn indented(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let separator = if text.is_empty() { "" } else { "\n" };
        let _ = write!(text, "{separator}  {line}");
        text
    })
}
