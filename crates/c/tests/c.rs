//! Installs the library, compiles programs in C against it, and runs them.

mod installed;

use std::fs;
use std::path::Path;
use std::process::Command;

// Cargo builds the libraries only for a test that uses the crate.
use python_wasm_c as _;

use self::installed::{Build, Installed, output_of};

/// The sanitizer finds leaks on Linux alone, and refuses to start elsewhere if it is asked to.
const LEAKS: &str = if cfg!(target_os = "linux") { "detect_leaks=1" } else { "" };

/// Runs the tests that a program of `tests/c` has, under the sanitizers of the system's compiler.
fn passes(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "from a file").unwrap();
    let program = Installed::new().compile(&Path::new("tests/c").join(name), folder.path(), Build::SANITIZED);
    let output = output_of(Command::new(program).arg(folder.path()).env("ASAN_OPTIONS", LEAKS));
    assert_eq!(output, "all is well\n");
}

#[test]
fn calls() {
    passes("calls.c");
}

#[test]
fn errors() {
    passes("errors.c");
}

#[test]
fn files() {
    passes("files.c");
}

#[test]
fn functions() {
    passes("functions.c");
}

#[test]
fn handles() {
    passes("handles.c");
}

#[test]
fn options() {
    passes("options.c");
}

#[test]
fn snapshots() {
    passes("snapshots.c");
}

#[test]
fn streams() {
    passes("streams.c");
}

#[test]
fn a_program_is_linked_with_either_library() {
    for build in [Build::SHARED, Build::STATIC] {
        let folder = tempfile::tempdir().unwrap();
        let program = Installed::new().compile(Path::new("tests/c/start.c"), folder.path(), build);
        assert_eq!(output_of(&mut Command::new(program)), "hi\n42\n");
    }
}

#[test]
fn the_header_is_good_for_older_compilers_and_for_cpp() {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/python_wasm.h");
    for language in [&["-x", "c", "-std=c99"][..], &["-x", "c++", "-std=c++11"]] {
        let strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"];
        output_of(Command::new(installed::compiler()).args(language).args(strict).arg(&header));
    }
}

/// Whoever changes an option or a function changes the document with it.
#[test]
fn the_programs_of_the_document_run() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/c.md");
    let text = fs::read_to_string(document).unwrap();
    let programs: Vec<&str> = text
        .split("```c\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|program| program.contains("int main("))
        .collect();
    assert!(programs.len() >= 2, "{}", programs.len());
    for program in programs {
        // What it prints stands at its end.
        let expected: String = program.lines().filter_map(|line| line.strip_prefix("// prints: ")).collect();
        assert!(!expected.is_empty(), "{program}");
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("document.c");
        fs::write(&source, program).unwrap();
        let compiled = Installed::new().compile(&source, folder.path(), Build::SANITIZED);
        assert_eq!(output_of(Command::new(compiled).current_dir(&folder)).trim_end(), expected, "{program}");
    }
}

/// Valgrind also sees what the library itself does, which the sanitizers do not. These programs run little Python: under
/// valgrind it takes fifty times as long.
#[test]
#[ignore = "needs valgrind"]
fn the_programs_are_clean_under_valgrind() {
    let suppressions = Path::new(env!("CARGO_MANIFEST_DIR")).join("valgrind.supp");
    for name in ["start.c", "errors.c", "files.c", "functions.c", "streams.c"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "from a file").unwrap();
        let program =
            Installed::new().compile(&Path::new("tests/c").join(name), folder.path(), Build::SHARED);
        let output = output_of(
            Command::new("valgrind")
                .args(["--quiet", "--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=definite"])
                .arg("--errors-for-leak-kinds=definite")
                .arg(format!("--suppressions={}", suppressions.display()))
                .arg(program)
                .arg(folder.path()),
        );
        assert_eq!(output, if name == "start.c" { "hi\n42\n" } else { "all is well\n" }, "{name}");
    }
}

/// A function is tested by name: by a test `test_...` that has the name in its own, or that calls it.
#[test]
fn each_function_of_the_header_is_tested() {
    let header = include_str!("../include/python_wasm.h");
    let names = header.match_indices("python_wasm_").filter_map(|(at, _)| {
        let name =
            header[at..].split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next()?;
        // A declaration: what stands before it is a type.
        let line = header[..at].rsplit('\n').next()?;
        let is_declared = ["python_wasm_status ", "const char *", "void ", "int ", "size_t "].contains(&line);
        (is_declared && header[at + name.len()..].starts_with('(')).then_some(name)
    });
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 50, "{names:?}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
    let tests: String = fs::read_dir(folder)
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    for name in names {
        assert!(tests.contains(&format!("{name}(")), "{name} is not tested");
    }
}
