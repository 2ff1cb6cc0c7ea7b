//! Each limit stops or refuses what exceeds it, reports it in one line, and has a status of its own.

use std::fs;
use std::path::Path;

use python_wasm_tests::{Outcome, Program, binary};
use tempfile::tempdir;

use crate::python;

#[test]
fn a_loop_ends_when_its_time_is_over() {
    python(["--timeout", "0.5", "-c", "while True: pass"]).refused(102, &["0.5 s", "--timeout"]);
}

#[test]
fn a_sleep_ends_when_its_time_is_over() {
    python(["--timeout", "0.5", "-c", "import time; time.sleep(10000)"])
        .refused(102, &["0.5 s", "--timeout"]);
}

#[test]
fn waiting_for_input_ends_when_its_time_is_over() {
    let program = Program::python().args(["--timeout", "0.5", "-c", "input()"]).stdin_open();
    program.start().end_by_itself().refused(102, &["0.5 s", "--timeout"]);
}

#[test]
fn a_long_call_into_c_ends_when_its_time_is_over() {
    python(["--timeout", "0.5", "-c", "9 ** 9 ** 8"]).refused(102, &["0.5 s", "--timeout"]);
}

#[test]
fn a_catch_all_does_not_stop_the_end() {
    let code = "while True:\n    try:\n        while True: pass\n    except BaseException: pass";
    python(["--timeout", "0.5", "-c", code]).refused(102, &["--timeout"]);
}

#[test]
fn a_program_in_time_is_left_alone() {
    python(["--timeout", "100", "--fuel", "1000000000000", "-c", "print('done')"]).well().printing("done\n");
}

#[test]
fn fuel_ends_a_loop_at_the_same_place_each_time() {
    let run = || {
        let words = ["--fuel", "500000000", "--seed", "1", "--clock", "0"];
        let code = "n = 0\nwhile True:\n    n += 1\n    if n % 1000 == 0: print(n, flush=True)";
        let ended = Program::python().args(words).args(["-c", code]).run();
        ended.refused(103, &["500000000", "--fuel"]);
        ended.stdout().lines().last().map(str::to_owned)
    };
    let first = run();
    assert!(first.is_some());
    assert_eq!(first, run());
}

#[test]
fn memory_that_is_refused_is_a_memory_error() {
    let ended = python(["--max-memory", "64", "-c", "x = bytearray(10**9)"]);
    ended.with_status(104).complaining(&["MemoryError", "64 MiB", "--max-memory"]);
    let code = "
blocks = []
try:
    while True:
        blocks.append(bytearray(1_000_000))
except MemoryError:
    count = len(blocks)
    del blocks
print(20 < count < 64)
print(sum(range(1000)))";
    python(["--max-memory", "64", "-c", code]).well().printing("True\n499500\n");
}

#[test]
fn small_objects_fill_memory_to_a_memory_error() {
    let code = "
try:
    x = None
    while True:
        x = (x, object())
except MemoryError:
    while x is not None:
        x = x[0]
    print('caught')";
    python(["--max-memory", "64", "-c", code]).well().printing("caught\n");
}

#[test]
fn an_output_flood_ends() {
    let ended = python(["--max-output", "100", "-c", "while True: print('x' * 1000)"]);
    ended.refused(105, &["--max-output"]);
    assert!(ended.stdout.len() <= 100 << 10, "{} bytes", ended.stdout.len());
}

#[test]
fn output_has_no_limit_unless_one_is_given() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("output");
    let code = "import sys\nfor _ in range(60): sys.stdout.write('x' * 1_000_000)";
    let mut command = Program::python().args(["-c", code]).into_command();
    let status = command.stdout(fs::File::create(&file).unwrap()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(fs::metadata(&file).unwrap().len(), 60_000_000);
}

#[test]
fn a_full_disk_is_an_os_error_and_named_at_the_end() {
    let folder = tempdir().unwrap();
    let write = |path: &str| {
        let code = format!("open('{path}', 'wb').write(b'x' * 2_000_000)");
        Program::python().grant("--dir", folder.path(), "/data").args(["--max-disk", "1", "-c", &code]).run()
    };
    for path in ["/data/file", "/tmp/file"] {
        write(path).with_status(106).complaining(&["OSError", "No space left on device", "--max-disk"]);
    }
    assert!(fs::metadata(folder.path().join("file")).map_or(0, |file| file.len()) <= 1 << 20);
}

#[test]
fn a_full_disk_that_is_handled_does_not_end_the_program() {
    let code = "
try:
    open('/tmp/file', 'wb', buffering=0).truncate(2_000_000)
except OSError as error:
    print(error.strerror)";
    python(["--max-disk", "1", "-c", code]).well().printing("No space left on device\n");
}

/// Runs a command line with a limit of `blocks` of 512 bytes on the size of files, as `ulimit -f` sets it.
fn with_small_files(blocks: u32, words: &[&str]) -> Outcome {
    let program = binary::path("python-wasm");
    let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
    Program::at(Path::new("/bin/sh")).args(["-c", &script]).arg(program).args(words).run()
}

#[test]
fn the_host_s_limit_on_the_size_of_files_is_an_error_and_ends_nobody() {
    let folder = tempdir().unwrap();
    let grant = format!("{}::/data", folder.path().display());
    let code = "
try:
    with open('/data/large', 'wb', buffering=0) as file:
        while True: file.write(bytes(100_000))
except OSError as error:
    print(error.strerror)";
    let ended = with_small_files(2000, &["--dir", &grant, "-c", code]);
    ended.well().printing("File too large\n");
    assert_eq!(fs::metadata(folder.path().join("large")).unwrap().len(), 2000 * 512);

    let (file, flood) =
        (folder.path().join("run.rec"), "import os\nfor _ in range(100): os.urandom(100_000)");
    let ended = with_small_files(200, &["--record", file.to_str().unwrap(), "-c", flood]);
    ended.refused(108, &[file.to_str().unwrap(), "not complete", "File too large"]);
}

#[test]
fn too_many_files_are_an_os_error() {
    let code = "for n in range(10): open(f'/tmp/{n}', 'w')";
    python(["--max-files", "5", "-c", code]).with_status(106).complaining(&["'/tmp/5'", "--max-files"]);
}

#[test]
fn too_many_open_files_are_an_os_error() {
    let code = "
files = []
try:
    while True:
        files.append(open('/dev/null'))
except OSError as error:
    print(0 < len(files) < 30, error.strerror)";
    python(["--max-fds", "30", "-c", code]).well().printing("True No file descriptors available\n");
}

#[test]
fn a_short_transfer_loses_nothing() {
    let code = "
import os
data = os.urandom(100_000)
with open('/tmp/x', 'wb') as file: file.write(data)
with open('/tmp/x', 'rb') as file: print(file.read() == data)";
    python(["--max-io", "1000", "-c", code]).well().printing("True\n");
}
