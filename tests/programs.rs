//! Runs every Python program of `programs/` (and of `numpy/`, if numpy is built in) in the sandbox and compares its output. On Linux each runs a
//! second time in a process where no page can become executable.
//!
//! Beside `name.py`, `name.out` is its standard output and `name.err` its standard error (empty if there is no
//! such file; `{folder}` stands for the programs' folder). Comments at the top of a program may set its
//! exit status, `# status: N`, and its input, `# stdin: TEXT`, with `\n` for line ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use diffy::create_patch;
use libtest_mimic::{Arguments, Failed, Trial};
use python_wasm_tests::Program;

fn main() -> ExitCode {
    let folders: &[&str] = if cfg!(feature = "numpy") { &["programs", "numpy"] } else { &["programs"] };
    let files: Vec<PathBuf> = folders
        .iter()
        .map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .flat_map(|folder| fs::read_dir(&folder).expect("the programs' folder"))
        .map(|entry| entry.expect("an entry of the programs' folder").path())
        .collect();
    let of_kind = |kind: &'static str| files.iter().filter(move |file| is_kind(file, kind)).cloned();
    let mut trials: Vec<Trial> = of_kind("py")
        .map(|program| Trial::test(name(&program), move || Case::read(&program)?.run(Program::python())))
        .collect();
    if cfg!(target_os = "linux") {
        let jailed = || Program::at(Path::new(env!("CARGO_BIN_EXE_jailed")));
        trials.extend(of_kind("py").map(|program| {
            let name = format!("{}_without_new_code", name(&program));
            Trial::test(name, move || Case::read(&program)?.run(jailed()))
        }));
    }
    let expectations: Vec<PathBuf> = of_kind("out").chain(of_kind("err")).collect();
    trials.push(Trial::test("every_expectation_has_a_program", move || {
        let orphan = expectations.iter().find(|file| !file.with_extension("py").is_file());
        orphan.map_or(Ok(()), |file| Err(format!("{} belongs to no program", file.display()).into()))
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn is_kind(file: &Path, kind: &str) -> bool {
    file.extension().is_some_and(|extension| extension == kind)
}

fn name(program: &Path) -> String {
    program.file_stem().expect("a program has a name").to_string_lossy().into_owned()
}

/// A program and its expected output.
struct Case {
    program: PathBuf,
    status: i32,
    input: String,
    stdout: String,
    stderr: String,
}

impl Case {
    fn read(program: &Path) -> Result<Self, Failed> {
        let source = fs::read_to_string(program)?;
        let says = |key| {
            source.lines().take_while(|line| line.starts_with('#')).find_map(|line| line.strip_prefix(key))
        };
        let folder = program.parent().ok_or("no folder")?;
        let errors = program.with_extension("err");
        let stderr = if errors.exists() { fs::read_to_string(errors)? } else { String::new() };
        Ok(Self {
            program: program.to_path_buf(),
            status: says("# status: ").map_or(Ok(0), str::parse)?,
            input: says("# stdin: ").unwrap_or_default().replace("\\n", "\n"),
            stdout: fs::read_to_string(program.with_extension("out"))?,
            stderr: stderr.replace("{folder}", &folder.to_string_lossy()),
        })
    }

    fn run(self, python: Program) -> Result<(), Failed> {
        let ended = python.arg(&self.program).stdin(self.input).run();
        let mut problems = Vec::new();
        for (stream, expected, seen) in [
            ("standard output", &self.stdout, ended.stdout()),
            ("standard error", &self.stderr, ended.stderr()),
        ] {
            if expected != seen {
                problems.push(format!("{stream}, expected and seen:\n{}", create_patch(expected, seen)));
            }
        }
        if ended.status != Some(self.status) {
            problems.push(format!("status {:?}, expected {}", ended.status, self.status));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
    }
}
