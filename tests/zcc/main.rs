//! `zcc`: programs that it makes run by their names, and it stands in for `cc` in builds by others.

mod command_line;
mod cxx;
mod documents;
mod makefiles;
mod programs;
mod projects;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use python_wasm_tests::{Outcome, Program, binary};
use tempfile::TempDir;

/// The first program of C++ compiles C++'s library.
const PATIENCE: Duration = Duration::from_mins(10);

/// Returns a folder with zcc under all of its names, beside wasi-run.
fn tools() -> &'static Path {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let folder = python_wasm_tests::scratch("zcc");
        binary::path("wasi-run");
        let mut links = OsString::from("--links=");
        links.push(&folder);
        Program::at(&binary::path("zcc")).arg(links).run().with_status(0);
        let zcc = folder.join("zcc");
        if fs::symlink_metadata(&zcc).is_ok() {
            fs::remove_file(&zcc).unwrap();
        }
        std::os::unix::fs::symlink(binary::path("zcc"), zcc).unwrap();
        folder
    })
}

/// Returns a value for PATH with these programs in front.
fn path() -> OsString {
    let mut path = tools().as_os_str().to_owned();
    path.push(":");
    path.push(binary::path("wasi-run").parent().unwrap());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

/// A folder to compile in.
struct Project(TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    fn path(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// `zcc`, `z++`, `zar`, or a program in this folder by `./name`.
    fn program(&self, name: &str) -> Program {
        let path = if name.starts_with("./") { self.path().join(name) } else { tools().join(name) };
        Program::at(&path).folder(&self.path()).patience(PATIENCE)
    }

    fn run(&self, words: &[&str]) -> Outcome {
        self.program(words[0]).args(&words[1..]).run()
    }

    /// Runs a line of the shell, in which zcc is a command.
    fn shell(&self, line: &str) -> Outcome {
        Program::at(Path::new("/bin/sh"))
            .args(["-c", line])
            .folder(&self.path())
            .variable("PATH", path())
            .patience(PATIENCE)
            .run()
    }

    /// Compiles one file and returns what the program prints.
    fn compiled(source: &str) -> Self {
        let project = Self::new(&[("a.c", source)]);
        project.run(&["zcc", "-Wall", "-Werror", "a.c"]).well();
        project
    }
}
