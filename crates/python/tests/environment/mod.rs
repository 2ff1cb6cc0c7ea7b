//! Environments of Python for tests, with packages that are pinned by hash. The test of another crate shares it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// What pip prints when it does not reach an index, rather than not liking what it finds there.
const UNREACHED: [&str; 4] = ["NewConnectionError", "NameResolutionError", "ConnectTimeout", "ReadTimeout"];

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a command to its good end, and returns what it printed.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", text(&output));
    text(&output)
}

/// Makes an environment with everything in a file of requirements. `false` if the index is not reached.
pub(crate) fn environment(place: &Path, requirements: &Path) -> bool {
    let wanted = fs::read_to_string(requirements).unwrap();
    let installed = place.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return true;
    }
    let _old = fs::remove_dir_all(place);
    run(Command::new("python3").args(["-m", "venv"]).arg(place));
    let mut pip = Command::new(place.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    // pip tells what is wrong with a connection only when it tries again.
    pip.args(["--require-hashes", "--retries", "2"]);
    let output = pip.arg("--requirement").arg(requirements).output().unwrap();
    if output.status.success() {
        fs::write(installed, wanted).unwrap();
        return true;
    }
    let printed = text(&output);
    assert!(UNREACHED.iter().any(|sign| printed.contains(sign)), "{printed}");
    false
}
