//! `--record` and `--replay`: a run is repeated without its files, its input and its clock.

use std::fs;

use std::path::{Path, PathBuf};

use python_wasm_tests::{Outcome, Program, guest};
use rustix::process::Signal;
use tempfile::{TempDir, tempdir};

use crate::python;

const CODE: &str = "
import os, random, sys, time, uuid
print(sys.argv, os.environ.get('KEY'), input(), file=sys.stderr)
print(random.random(), uuid.uuid4(), time.time(), os.listdir('/data'))
print(open('/data/a').read())
open('/data/b', 'w').write('written')
time.sleep(0.01)
sys.exit(7)
";

#[test]
fn a_recorded_run_is_repeated_without_its_files() {
    let folder = tempdir().unwrap();
    let data = folder.path().join("data");
    let (script, file) = (folder.path().join("script.py"), folder.path().join("run.rec"));
    fs::create_dir(&data).unwrap();
    fs::write(data.join("a"), "what the file says").unwrap();
    fs::write(&script, CODE).unwrap();
    let grant = format!("{}::/data", data.display());
    let words = ["--dir", &grant, "--env", "KEY=value", "--record", file.to_str().unwrap()];
    let program = Program::python().args(words).args([script.to_str().unwrap(), "argument"]);
    let recorded = program.stdin("typed\n").run();
    recorded.with_status(7);
    assert!(recorded.stderr().contains("value typed"), "{}", recorded.stderr());
    assert!(recorded.stdout().contains("what the file says"));

    fs::remove_dir_all(&data).unwrap();
    fs::remove_file(&script).unwrap();
    let repeated = python(["--replay", file.to_str().unwrap()]);
    repeated.with_status(7);
    assert_eq!((repeated.stdout(), repeated.stderr()), (recorded.stdout(), recorded.stderr()));
    assert!(!data.exists());
}

#[test]
fn a_limit_on_fuel_ends_the_replay_at_the_same_place() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("run.rec");
    let code = "n = 0\nwhile True:\n    n += 1\n    if n % 1000 == 0: print(n, flush=True)";
    let words = ["--fuel", "20000000", "--record", file.to_str().unwrap(), "-c", code];
    let recorded = python(words);
    recorded.refused(103, &["20000000", "--fuel"]);
    let repeated = python(["--replay", file.to_str().unwrap()]);
    repeated.refused(103, &["20000000", "--fuel"]);
    assert_eq!(repeated.stdout(), recorded.stdout());
}

/// Returns a file for a recording.
fn recording() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let file = folder.path().join("run.rec");
    (folder, file)
}

fn replayed(file: &Path, options: &[&str]) -> Outcome {
    Program::python().args(options).arg("--replay").arg(file).run()
}

#[track_caller]
fn is_the_same(repeated: &Outcome, recorded: &Outcome) {
    let parts = |outcome: &Outcome| (outcome.status, outcome.stdout.clone(), outcome.stderr.clone());
    assert_eq!(parts(repeated), parts(recorded), "{repeated}\n{recorded}");
}

#[test]
fn a_run_that_its_time_ended_is_repeated_with_its_end() {
    for code in ["print('begun', flush=True)\nwhile True: pass", "import time; time.sleep(1000)"] {
        let (_folder, file) = recording();
        let words = ["--timeout", "0.7", "--record", file.to_str().unwrap(), "-c", code];
        let recorded = python(words);
        recorded.with_status(102).complaining(&["stopped after 0.7 s (--timeout)"]);
        is_the_same(&replayed(&file, &[]), &recorded);
        is_the_same(&replayed(&file, &["--timeout", "100"]), &recorded);
    }
}

#[test]
fn a_module_that_its_time_ended_is_repeated_with_its_end() {
    let (_folder, file) = recording();
    let module = guest::module("guests", "loop_without_end");
    let program = Program::wasi_run().args(["--timeout", "0.2", "--record"]).arg(&file).arg(&module);
    let recorded = program.run();
    recorded.refused(102, &["0.2 s"]);
    is_the_same(&Program::wasi_run().arg("--replay").arg(&file).arg(&module).run(), &recorded);
}

#[test]
fn an_interrupt_comes_again_at_the_same_place() {
    // The count, the traceback and the status tell where it was, to the last instruction.
    let code = "
n = 0
try:
    print('ready', flush=True)
    while True: n += 1
except KeyboardInterrupt:
    print(n, 'counted', flush=True)
    raise";
    let (_folder, file) = recording();
    let mut running = Program::python().arg("--record").arg(&file).args(["-c", code]).start();
    running.wait_for("ready\n");
    running.signal(Signal::INT);
    let recorded = running.end_by_itself();
    recorded.with_status(130).complaining(&["KeyboardInterrupt"]);
    assert!(recorded.stdout().ends_with("counted\n"), "{recorded}");
    is_the_same(&replayed(&file, &[]), &recorded);
}

#[test]
fn a_run_that_was_terminated_is_repeated_with_its_end() {
    let (_folder, file) = recording();
    let code = "print('ready', flush=True)\nwhile True: pass";
    let mut running = Program::python().arg("--record").arg(&file).args(["-c", code]).start();
    running.wait_for("ready\n");
    running.signal(Signal::TERM);
    let recorded = running.end_by_itself();
    recorded.with_status(143);
    is_the_same(&replayed(&file, &[]), &recorded);
}

#[test]
fn a_run_that_ended_by_an_exception_for_a_limit_is_repeated_with_its_end() {
    let write = "open('/tmp/file', 'wb').write(b'x' * 2_000_000)";
    for (limit, code, status) in [
        (["--max-memory", "64"], "x = bytearray(10**9)", 104),
        (["--max-disk", "1"], write, 106),
        (["--max-files", "5"], "for n in range(10): open(f'/tmp/{n}', 'w')", 106),
    ] {
        let (_folder, file) = recording();
        let program = Program::python().args(limit).arg("--record").arg(&file).args(["-c", code]);
        let recorded = program.run();
        recorded.with_status(status).complaining(&[limit[0]]);
        is_the_same(&replayed(&file, &[]), &recorded);
    }
}

#[test]
fn limits_beside_a_replay_count() {
    let (_folder, file) = recording();
    let code = "for n in range(3_000_000): print(n % 10, end='', flush=n % 1000 == 0)";
    let words = ["--timeout", "4", "--record", file.to_str().unwrap(), "-c", code];
    let status = python(words).status;
    assert!(matches!(status, Some(0 | 102)), "{status:?}");
    replayed(&file, &["--fuel", "3000000"]).refused(103, &["3000000", "--fuel"]);
    replayed(&file, &["--timeout", "0.1"]).refused(102, &["0.1 s", "--timeout"]);
    let ended = replayed(&file, &["--max-output", "1"]);
    ended.refused(105, &["1024 bytes", "--max-output"]);
    assert!(ended.stdout.len() <= 1024);
}

#[test]
fn a_replay_has_no_more_memory_than_it_is_given() {
    let (_folder, file) = recording();
    let code = "x = bytearray(200 << 20); print(len(x))";
    python(["--record", file.to_str().unwrap(), "-c", code]).well();
    let ended = replayed(&file, &["--max-memory", "64"]);
    ended.with_status(108).complaining(&["it had 1024 MiB of memory (--max-memory)"]);
    assert!(ended.peak_memory < 200 << 20, "{}", ended.peak_memory);
    replayed(&file, &["--max-memory", "4096"]).well().printing("209715200\n");
}

#[test]
fn a_recording_takes_no_more_of_the_disk_than_the_program_may() {
    let (_folder, file) = recording();
    let code = "import os\nwhile True: os.urandom(100_000)";
    let recorded = python(["--max-disk", "1", "--record", file.to_str().unwrap(), "-c", code]);
    recorded.refused(106, &[file.to_str().unwrap(), "1 MiB (--max-disk)"]);
    let size = fs::metadata(&file).unwrap().len();
    assert!((1 << 20..3 << 19).contains(&size), "{size}");
    is_the_same(&replayed(&file, &[]), &recorded);
}

#[test]
fn what_cannot_be_replayed_is_refused_in_one_line_that_names_the_file() {
    let folder = tempdir().unwrap();
    let other = folder.path().join("other");
    fs::write(&other, "something else").unwrap();
    let other = other.to_str().unwrap();
    python(["--replay", other]).refused(2, &[other, "not a recording"]);
    python(["--replay", "/no/such/file"]).refused(2, &["/no/such/file", "No such file"]);
    python(["--record", "/no/such/folder/file", "-c", "1"]).refused(2, &["/no/such/folder/file"]);
    python(["--replay", other, "-c", "1"]).refused(2, &["--replay"]);

    let file = folder.path().join("run.rec");
    let file = file.to_str().unwrap();
    python(["--record", file, "-c", "print('done')"]).well().printing("done\n");
    let bytes = fs::read(file).unwrap();
    fs::write(file, &bytes[..bytes.len() - 2]).unwrap();
    let ended = python(["--replay", file]);
    ended.with_status(108).complaining(&["not the one of the recording", file, "cannot be read"]);
}
