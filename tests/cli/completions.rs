//! `--completions` and `--manual`: the shells and the formatter themselves take what is printed.

#![allow(clippy::print_stderr, reason = "it tells which shells and formatters were not there")]

use std::fs;
use std::path::Path;
use std::process::Command;

use python_wasm_tests::{Program, binary};
use tempfile::tempdir;

use crate::python;
use crate::terminal::Terminal;

/// Whether a program is installed. The line says which part of a test did not run.
fn is_installed(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        eprintln!("{program} is not installed: it was not tried");
    }
    is_there
}

/// Returns what bash would offer behind this line, in `folder`.
fn offered(script: &str, function: &str, line: &str, folder: &Path) -> Vec<String> {
    let file = folder.join(".completions");
    fs::write(&file, script).unwrap();
    let code = format!(
        "source ./.completions; COMP_LINE=$1; COMP_POINT=${{#1}}; {function}; printf '%s;' \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash")
        .args(["--norc", "-c", &code, "bash", line])
        .env("EXPORTED_TO_BASH", "1")
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let offers = String::from_utf8(output.stdout).unwrap();
    offers.split(';').filter(|offer| !offer.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_is_offered_options_and_values_and_files() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    for name in ["script.py", "table.csv"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let script = python(["--completions", "bash"]);
    let offered = |line: &str| offered(script.well().stdout(), "_python_wasm", line, folder.path());
    assert_eq!(offered("python-wasm --max-m"), ["--max-memory"]);
    assert_eq!(offered("python-wasm --timeout 3 --tr"), ["--trace"]);
    assert_eq!(offered("python-wasm --timeout=3 --trace --no-h"), ["--no-history"]);
    assert_eq!(offered("python-wasm --engine "), ["native", "wasmi"]);
    assert_eq!(offered("python-wasm --engine=w"), ["wasmi"]);
    assert_eq!(offered("python-wasm --dir "), ["data"]);
    assert_eq!(offered("python-wasm --ro-dir=d"), ["data"]);
    assert_eq!(offered("python-wasm --env EXPORTED_TO_B"), ["EXPORTED_TO_BASH"]);
    assert_eq!(offered("python-wasm --fuel "), [""; 0]);
    assert_eq!(offered("python-wasm --completions f"), ["fish"]);
    assert_eq!(offered("python-wasm "), ["data", "script.py"]);
    // Behind the script everything is the program's: files, and no option of the sandbox.
    assert_eq!(offered("python-wasm script.py --max-m"), [""; 0]);
    assert_eq!(offered("python-wasm script.py t"), ["table.csv"]);
}

#[test]
fn bash_completes_a_line_that_is_typed() {
    let folder = tempdir().unwrap();
    let programs = binary::path("python-wasm").with_file_name("");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let bash = Program::at(Path::new("bash")).args(["--norc", "--noprofile", "-i"]).folder(folder.path());
    let mut terminal = Terminal::start_at("xterm", bash.variable("PATH", path).variable("PS1", "$ "));
    terminal.types(
        "source <(python-wasm --completions bash); source <(wasi-run --completions bash); echo rea''dy\r",
    );
    terminal.shows("ready");
    terminal.types("python-wasm --engine=wa\t -c 'print(6 * 7, \"by bash\")'\r");
    // The options that were typed would be refused.
    terminal.shows("42 by bash");
    terminal.types("wasi-run --inh\t --ver\t\r");
    terminal.shows("wasi-run 0.1.0");
    terminal.types("exit\r");
}

#[test]
fn fish_is_offered_the_same() {
    if !is_installed("fish") {
        return;
    }
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("script.fish"), python(["--completions", "fish"]).well().stdout()).unwrap();
    let offered = |line: &str| {
        let output = Command::new("fish")
            .args(["--no-config", "-c", "source script.fish; complete -C $argv[1]", line])
            .env("HOME", folder.path())
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.stderr.is_empty(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered("python-wasm --max-m"), ["--max-memory"]);
    assert_eq!(offered("python-wasm --timeout 3 --tr"), ["--trace"]);
    assert_eq!(offered("python-wasm --engine "), ["native", "wasmi"]);
    assert_eq!(offered("python-wasm --engine=w"), ["--engine=wasmi"]);
    assert_eq!(offered("python-wasm --dir d"), ["data/"]);
    assert_eq!(offered("python-wasm script.py --max-m"), [""; 0]);
}

#[test]
fn zsh_completes_a_line_that_is_typed() {
    if !is_installed("zsh") {
        return;
    }
    let folder = tempdir().unwrap();
    let programs = binary::path("python-wasm").with_file_name("");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let zsh = Program::at(Path::new("zsh")).args(["--no-rcs", "-i"]).folder(folder.path());
    let mut terminal = Terminal::start_at(
        "xterm",
        zsh.variable("PATH", path).variable("HOME", folder.path()).variable("PS1", "$ "),
    );
    terminal.types(
        "autoload -U compinit; compinit -u -D; source <(python-wasm --completions zsh); echo rea''dy\r",
    );
    terminal.shows("ready");
    terminal.types("python-wasm --engine=wa\t -c 'print(6 * 7, \"by zsh\")'\r");
    terminal.shows("42 by zsh");
    terminal.types("python-wasm --trac\t --max-me\t256 -c 'print(6 * 7, \"again\")' 2>/dev/null\r");
    terminal.shows("42 again");
    terminal.types("exit\r");
}

#[test]
fn the_manual_has_every_option_of_the_help_and_no_mistake() {
    let programs: [fn() -> Program; 2] = [Program::python, Program::wasi_run];
    for program in programs {
        let page = program().arg("--manual").run();
        let page = page.well().stdout();
        let help = program().arg("--help").run();
        let options = help.well().stdout().lines().filter_map(|line| line.trim_start().strip_prefix("--"));
        for name in options.filter_map(|option| option.split([' ', ',']).next()) {
            let name = name.replace('-', "\\-");
            assert!(page.contains(&format!("\\fB\\-\\-{name}\\fR")), "{name}: {page}");
        }
        let folder = tempdir().unwrap();
        let file = folder.path().join("page.1");
        fs::write(&file, page).unwrap();
        let checks: [(&str, &[&str]); 2] =
            [("groff", &["-man", "-ww", "-z", "-Tutf8"]), ("mandoc", &["-Tlint", "-Wwarning"])];
        for (formatter, arguments) in checks {
            if is_installed(formatter) {
                let output = Command::new(formatter).args(arguments).arg(&file).output().unwrap();
                let said = [output.stdout, output.stderr].concat();
                assert!(
                    output.status.success() && said.is_empty(),
                    "{formatter}: {}",
                    String::from_utf8_lossy(&said)
                );
            }
        }
    }
}

#[test]
fn a_shell_that_is_not_known_is_named() {
    python(["--completions", "tcsh"]).refused(2, &["--completions tcsh", "bash, fish or zsh"]);
    python(["--completions"]).refused(2, &["--completions needs a value: SHELL"]);
    Program::wasi_run().arg("--completions=x").run().refused(2, &["--completions x", "bash, fish or zsh"]);
}
