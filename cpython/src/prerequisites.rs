//! Checks, before a build starts, for the programs that it takes from the machine.

use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::error::Error;

/// What has to be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// CPython itself.
    Python,
    /// A stage that fetches things, and compiles by what it has fetched.
    Fetched,
}

/// A program, a function that tests whether it works, and the packages that contain it.
struct Program {
    name: &'static str,
    works: fn(&str) -> bool,
    apt: &'static str,
    dnf: &'static str,
    /// Whether fetching takes it, too.
    fetches: bool,
}

const PROGRAMS: [Program; 4] = [
    Program {
        name: "python3 (with lzma and ssl)",
        works: python,
        apt: "python3",
        dnf: "python3",
        fetches: true,
    },
    Program { name: "pip (for python3)", works: pip, apt: "python3-pip", dnf: "python3-pip", fetches: true },
    Program { name: "make", works: make, apt: "make", dnf: "make", fetches: false },
    Program { name: "a C compiler (cc)", works: compiler, apt: "gcc libc6-dev", dnf: "gcc", fetches: false },
];

/// The programs that are not installed. Its message says how to install them.
#[derive(Debug)]
pub struct MissingPrograms {
    goal: Goal,
    programs: Vec<&'static Program>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for MissingPrograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |of: fn(&Program) -> &'static str, between: &str| {
            self.programs.iter().map(|program| of(program)).collect::<Vec<_>>().join(between)
        };
        let task = match self.goal {
            Goal::Python => "building CPython",
            Goal::Fetched => "fetching the compiler",
        };
        writeln!(f, "{task} needs {}; to install:", list(|p| p.name, ", "))?;
        writeln!(f, "  Debian, Ubuntu: sudo apt-get install {}", list(|p| p.apt, " "))?;
        writeln!(f, "  Fedora:         sudo dnf install {}", list(|p| p.dnf, " "))?;
        write!(f, "  macOS:          xcode-select --install")
    }
}

/// Fails with [`Error::Missing`], which names all missing programs at once. `path` is the value of `PATH`.
pub(crate) fn check(goal: Goal, path: &str) -> Result<(), Error> {
    let needed = PROGRAMS.iter().filter(|program| program.fetches || goal == Goal::Python);
    let programs: Vec<_> = needed.filter(|program| !(program.works)(path)).collect();
    if programs.is_empty() { Ok(()) } else { Err(Error::Missing(MissingPrograms { goal, programs })) }
}

// urllib fetches the source, tarfile reads its .tar.xz.
fn python(path: &str) -> bool {
    succeeds(path, "python3", &["-c", "import lzma, ssl, tarfile, urllib.request, zipfile"], "")
}

fn pip(path: &str) -> bool {
    succeeds(path, "python3", &["-m", "pip", "--version"], "")
}

fn make(path: &str) -> bool {
    succeeds(path, "make", &["--version"], "")
}

// Includes a header, because a compiler may be installed without any.
fn compiler(path: &str) -> bool {
    let program = "#include <stdio.h>\nint main(void) { return 0; }\n";
    succeeds(path, "cc", &["-x", "c", "-fsyntax-only", "-"], program)
}

/// Returns whether the program, looked up in `path`, exits with status 0.
fn succeeds(path: &str, program: &str, arguments: &[&str], input: &str) -> bool {
    // On every system, `env` looks the program up in the PATH that it is given.
    let Ok(mut child) = Command::new("/usr/bin/env")
        .env("PATH", path)
        .arg(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
    else {
        return false;
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A program may exit without reading its input; only its status matters.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    fn path_with(programs: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, script) in programs {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        }
        folder
    }

    #[test]
    fn one_message_names_all_missing_programs_and_how_to_install_them() {
        let folder = path_with(&[("python3", "[ \"$2\" != pip ]"), ("cc", "exit 0")]);
        let message = check(Goal::Python, folder.path().to_str().unwrap()).unwrap_err().to_string();
        assert!(message.starts_with("building CPython needs pip (for python3), make;"), "{message}");
        assert!(message.contains("sudo apt-get install python3-pip make\n"), "{message}");
        assert!(message.contains("sudo dnf install python3-pip make\n"), "{message}");
    }

    #[test]
    fn a_compiler_without_headers_is_missing() {
        let all = [("python3", "exit 0"), ("make", "exit 0"), ("cc", "exit 1")];
        let folder = path_with(&all);
        let message = check(Goal::Python, folder.path().to_str().unwrap()).unwrap_err().to_string();
        assert!(message.contains("a C compiler") && message.contains("gcc libc6-dev"), "{message}");
    }

    #[test]
    fn the_compiler_alone_asks_for_what_fetches_it() {
        let folder = path_with(&[("python3", "[ \"$2\" != pip ]")]);
        let message = check(Goal::Fetched, folder.path().to_str().unwrap()).unwrap_err().to_string();
        assert!(message.starts_with("fetching the compiler needs pip (for python3);"), "{message}");
    }

    #[test]
    fn a_machine_with_all_programs_passes() {
        let folder = path_with(&[("python3", "exit 0"), ("make", "exit 0"), ("cc", "exit 0")]);
        check(Goal::Python, folder.path().to_str().unwrap()).unwrap();
    }
}
