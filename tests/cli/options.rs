//! The sandbox's own options: a wrong one is told in one line, with status 2, and nothing runs.

use python_wasm_tests::Program;

use crate::python;

#[test]
fn a_wrong_option_is_named_and_nothing_runs() {
    for (words, parts) in [
        (&["--bogus"][..], &["--bogus", "--help"][..]),
        (&["--tmeout", "3"], &["--tmeout", "did you mean --timeout"]),
        (&["--timeout", "abc"], &["--timeout", "abc"]),
        (&["--timeout=0"], &["--timeout", "0"]),
        (&["--timeout=-1"], &["--timeout", "-1"]),
        (&["--timeout", "nan"], &["--timeout", "nan"]),
        (&["--timeout", "inf"], &["--timeout", "inf"]),
        (&["--fuel", "0"], &["--fuel", "0"]),
        (&["--fuel", "1.5"], &["--fuel", "1.5"]),
        (&["--max-memory", "0"], &["--max-memory", "0"]),
        (&["--max-memory", "9999999"], &["--max-memory", "9999999"]),
        (&["--max-memory", "1"], &["memory"]),
        (&["--max-fds", "x"], &["--max-fds", "x"]),
        (&["--max-fds", "2"], &["--max-fds"]),
        (&["--max-output", ""], &["--max-output"]),
        (&["--max-disk", "18446744073709551615"], &["--max-disk", "18446744073709551615"]),
        (&["--max-files", "-5"], &["--max-files", "-5"]),
        (&["--max-io", "0"], &["--max-io", "0"]),
        (&["--seed", "x"], &["--seed", "x"]),
        (&["--clock", "never"], &["--clock", "never"]),
        (&["--dir", "/no/such/folder"], &["--dir", "/no/such/folder"]),
        (&["--dir", "/::relative"], &["--dir", "relative", "absolute"]),
        (&["--ro-dir", "/dev/null"], &["--ro-dir", "/dev/null"]),
        (&["--env", "=x"], &["--env", "=x"]),
        (&["--env", "NO_SUCH_VARIABLE"], &["--env", "NO_SUCH_VARIABLE"]),
        (&["--trace=1"], &["--trace"]),
    ] {
        let ended = Program::python().args(words).args(["-c", "print('it ran')"]).run();
        ended.refused(2, parts).printing("");
    }
}

#[test]
fn an_option_without_its_value_says_so() {
    python(["--timeout"]).refused(2, &["--timeout", "SECONDS"]);
}

#[test]
fn help_lists_every_option_and_status() {
    for word in ["-h", "--help"] {
        let ended = python([word]);
        for part in [
            "--dir",
            "--ro-dir",
            "--overlay-dir",
            "--env",
            "--timeout",
            "--fuel",
            "--max-memory",
            "--max-fds",
            "--max-output",
            "--max-disk",
            "--max-files",
            "--max-io",
            "--seed",
            "--clock",
            "--trace",
            "--licenses",
            "102",
            "103",
            "104",
            "105",
            "106",
            "107",
            "130",
            "143",
        ] {
            assert!(ended.well().stdout().contains(part), "{part}: {ended}");
        }
    }
}

#[test]
fn licences_of_all_that_is_embedded_are_shown() {
    let ended = python(["--licenses"]);
    for part in ["Python Software Foundation", "zlib", "bzip2", "musl", "Expat", "SQLite", "tzdata"] {
        let shown = ended.well().stdout().to_lowercase();
        assert!(shown.contains(&part.to_lowercase()), "{part} is not among {} bytes", shown.len());
    }
}

#[test]
fn values_come_after_a_space_or_an_equals_sign() {
    let code = "import os, time; print(os.environ['A'], int(time.time()))";
    for words in [&["--env", "A=1=2", "--clock", "5"][..], &["--env=A=1=2", "--clock=1970-01-01T00:00:05Z"]] {
        Program::python().args(words).args(["-c", code]).run().well().printing("1=2 5\n");
    }
}

#[test]
fn a_seed_makes_runs_alike() {
    let code = "import random, uuid, os; print(random.random(), uuid.uuid4(), os.urandom(4), hash('x'))";
    let run = |words: &[&str]| {
        let ended = Program::python().args(words).args(["-c", code]).run();
        ended.well().stdout().to_owned()
    };
    assert_eq!(run(&["--seed", "1", "--clock", "0"]), run(&["--seed", "1", "--clock", "0"]));
    assert_ne!(run(&["--seed", "1"]), run(&["--seed", "2"]));
    assert_ne!(run(&[]), run(&[]));
}

#[test]
fn a_trace_has_one_line_for_each_call() {
    let ended = python(["--trace", "-c", "open('/dev/null').read()"]);
    ended.with_status(0).complaining(&["path_open(", "path=\"null\"", "= ok", "fd_read("]);
    assert!(ended.stderr().lines().all(|line| line.contains('(') && line.contains(" = ")), "{ended}");
}
