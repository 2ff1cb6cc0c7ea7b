//! Compiles a C program against the header and the shared library, and runs it.

use std::path::{Path, PathBuf};
use std::process::Command;

// Cargo builds the shared library only for a test that uses the crate.
use python_wasm_c as _;

/// Returns cargo's folder with the shared library: the one of this test, or its parent.
fn library() -> PathBuf {
    let name = format!("{}python_wasm_c{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let test = std::env::current_exe().unwrap();
    let folders = test.ancestors().skip(1).take(2);
    let found = folders.map(Path::to_path_buf).find(|folder| folder.join(&name).exists());
    found.unwrap_or_else(|| panic!("there is no {name} near {}", test.display()))
}

/// Compiles a program of this folder into another one, and returns its path.
fn compile(name: &str, folder: &Path) -> PathBuf {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = folder.join("program");
    let cc = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let compiled = Command::new(cc)
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-UNDEBUG"])
        .arg("-I")
        .arg(home.join("include"))
        .arg(home.join("tests").join(name))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(library())
        .args(["-lpython_wasm_c", "-lpthread"])
        .arg(format!("-Wl,-rpath,{}", library().display()))
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    program
}

#[test]
fn a_c_program_uses_every_function() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "from a file").unwrap();
    let output = Command::new(compile("program.c", folder.path())).arg(folder.path()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "all is well\n", "{errors}");
}

#[test]
#[ignore = "needs valgrind"]
fn starting_and_ending_python_is_clean_under_valgrind() {
    let folder = tempfile::tempdir().unwrap();
    let suppressions = Path::new(env!("CARGO_MANIFEST_DIR")).join("valgrind.supp");
    let output = Command::new("valgrind")
        .args(["--quiet", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite"])
        .arg(format!("--suppressions={}", suppressions.display()))
        .arg(compile("start.c", folder.path()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hi\n42\n");
}

#[test]
fn the_program_tests_each_function_of_the_header() {
    let header = include_str!("../include/python_wasm.h");
    let program = include_str!("program.c");
    let names = header.lines().filter_map(|line| {
        let declaration = line.strip_suffix(';').or_else(|| line.strip_suffix(","))?;
        let name = declaration.split_once('(')?.0.rsplit([' ', '*']).next()?;
        name.strip_prefix("python_wasm_")
    });
    let names: Vec<&str> = names.collect();
    assert_eq!(names.len(), 11, "{names:?}");
    for name in names {
        let tested = program.lines().any(|line| line.starts_with("test_") && line.contains(name));
        assert!(tested && program.contains(&format!("python_wasm_{name}(")), "{name}");
    }
}
