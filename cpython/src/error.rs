//! Errors, with messages that say what to do.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(feature = "compiler")]
use crate::prerequisites::MissingPrograms;

/// Why CPython for WASI could not be built or found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Programs that the build needs are not installed.
    #[cfg(feature = "compiler")]
    #[error("{0}")]
    Missing(MissingPrograms),

    /// No source of a release's tarball returned the pinned bytes.
    #[error(
        "no source of {what} answered:\n{}\n\
         Check the network, or point {variable} at {file}, \
         or PYTHON_WASM_CPYTHON at a folder that `cargo run -p python-wasm-cpython -- build` made elsewhere",
        indented(attempts)
    )]
    NoSource {
        /// The release: a name and a version.
        what: String,
        /// The environment variable that may name a local copy.
        variable: &'static str,
        /// The tarball's file name.
        file: String,
        /// One line for each source that was tried: its name and its answer.
        attempts: Vec<String>,
    },

    /// A pinned file could not be fetched.
    #[error(
        "cannot fetch {what}: {answer}\n\
         Check the network (the whole log is {}), or point PYTHON_WASM_CPYTHON at a folder \
         that `cargo run -p python-wasm-cpython -- build` made elsewhere",
        log.display()
    )]
    Fetch {
        /// The file, and where it was to come from.
        what: String,
        /// The last line of the command's output.
        answer: String,
        /// The log of the commands.
        log: PathBuf,
    },

    /// A file does not have the sha256 that the recipe pins.
    #[error("{} has sha256 {found}, the recipe pins {expected}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The pinned sha256, in hexadecimal digits.
        expected: String,
        /// The file's sha256.
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
        /// The exit status.
        status: String,
        /// The log of this command and those before it.
        log: PathBuf,
        /// The last lines of its output.
        tail: Vec<String>,
    },

    /// A file of the recipe was edited during the build.
    #[error("the recipe's files were edited while stage {stage} ran: build again")]
    Edited {
        /// The stage that uses them.
        stage: &'static str,
    },

    /// The profile was trained with another CPython or another compiler.
    #[error(
        "the profile was trained on\n{trained_on}but this recipe has\n{used}\
         Run cpython/profile/train.sh"
    )]
    Profile {
        /// The versions that it was trained with.
        trained_on: String,
        /// The versions that the recipe uses.
        used: String,
    },

    /// A patch of the recipe does not apply to the source.
    #[error("patch {} does not apply to {}: {reason}", patch.display(), file.display())]
    Patch {
        /// The patch.
        patch: PathBuf,
        /// The file that it changes.
        file: PathBuf,
        /// What does not match.
        reason: String,
    },

    /// An object of CPython's build cannot be read.
    #[error("the object {} cannot be read: {reason}", path.display())]
    Object {
        /// The object's name.
        path: PathBuf,
        /// What the reader says.
        reason: String,
    },

    /// Functions stand in tables of CPython that demand other types, so calling them would trap.
    #[error(
        "functions of other types than their places demand:\n{}\nPatch them in cpython/patches/core",
        indented(wrong)
    )]
    FunctionTypes {
        /// One line for each: the object, the function, its type and its place's.
        wrong: Vec<String>,
    },

    /// The folder that `PYTHON_WASM_CPYTHON` names cannot be used.
    #[error("PYTHON_WASM_CPYTHON={}: {reason}", path.display())]
    Prebuilt {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// No environment variable says where to build: neither the cache's own nor the home folder's.
    #[error("no folder to build in: set HOME, or PYTHON_WASM_CACHE to a folder of your choice")]
    NoCache,

    /// CPython's makefiles do not work in this folder.
    #[error(
        "cannot build in {}: make needs a path without spaces and quotes; \
         set PYTHON_WASM_CACHE to such a folder", path.display()
    )]
    CachePath {
        /// The cache's folder.
        path: PathBuf,
    },

    /// The recipe has no compiler for this machine.
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

    /// The stage needs what a build of this crate with the feature `build` has.
    #[cfg(all(feature = "compiler", not(feature = "build")))]
    #[error("this program builds only the compiler's stages of the recipe")]
    LeftOut,

    /// The program that follows the recipe failed; its output says why.
    #[error("`cpython {arguments}` failed ({status}):\n{output}")]
    Tool {
        /// The arguments that it was run with.
        arguments: String,
        /// The exit status.
        status: String,
        /// What it wrote to stderr.
        output: String,
    },

    /// The interpreter cannot be initialised, or its module cannot be split.
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
        /// The target triple.
        target: String,
        /// The compiler's message.
        reason: String,
    },

    /// Two builds of one recipe have different bytes.
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

    /// An operation of the file system, or of a process, failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The operation: a verb.
        action: &'static str,
        /// The path that it was for.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl Error {
    /// Converts the failure of a command that was to fetch `what` to [`Error::Fetch`].
    pub(crate) fn fetching(self, what: &str) -> Self {
        match self {
            Self::Command { log, tail, .. } => {
                Self::Fetch { what: what.to_owned(), answer: last_line(&tail).to_owned(), log }
            }
            other => other,
        }
    }
}

/// Returns the last line that is not blank.
pub(crate) fn last_line(tail: &[String]) -> &str {
    let line = tail.iter().rev().find(|line| !line.trim().is_empty());
    line.map_or("no answer", |line| line.trim())
}

/// Adds the action and the path to an I/O error.
pub(crate) trait IoContext<T> {
    /// Converts the error to [`Error::Io`]. `action` is a verb, such as "read".
    fn on(self, action: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn on(self, action: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { action, path: path.to_path_buf(), source })
    }
}

/// Joins lines, each indented by two spaces.
fn indented(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let separator = if text.is_empty() { "" } else { "\n" };
        let _ = write!(text, "{separator}  {line}");
        text
    })
}
