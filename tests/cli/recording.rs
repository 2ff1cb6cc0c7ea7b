//! `--record` and `--replay`: a run is repeated without its files, its input and its clock.

use std::fs;

use python_wasm_tests::Program;
use tempfile::tempdir;

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
