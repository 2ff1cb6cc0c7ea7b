//! The sandbox's own options: a wrong one is reported in one line with status 2, and nothing runs.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

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

/// Both programs refuse these alike, before they look at what to run.
#[test]
fn both_programs_refuse_bad_input_in_one_line() {
    let no_text = OsStr::from_bytes(b"/::/\xff");
    let twice = |first: &'static str, second: &'static str| {
        ["--dir", first, "--ro-dir", second].map(OsStr::new).to_vec()
    };
    let mut cases: Vec<(Vec<&OsStr>, &str)> = vec![
        (vec![OsStr::new("--dir"), no_text], "UTF-8"),
        (twice("/::/x", "/tmp::/x"), "--ro-dir /tmp::/x: something is granted as /x already"),
        (twice("/::/x", "/tmp::/x/"), "/x"),
        (twice("/tmp::/", "/::/"), "/"),
        (vec!["--dir", "/no/such/folder::/x"].into_iter().map(OsStr::new).collect(), "/no/such/folder"),
        (vec!["--ro-dir", "/dev/null::/x"].into_iter().map(OsStr::new).collect(), "/dev/null"),
        (vec!["--overlay-dir", "::/x"].into_iter().map(OsStr::new).collect(), "--overlay-dir ::/x"),
    ];
    let limits = [
        "--timeout",
        "--fuel",
        "--max-memory",
        "--max-fds",
        "--max-output",
        "--max-disk",
        "--max-files",
        "--max-io",
    ];
    for limit in limits {
        for nonsense in ["0", "-1", "many", "", "1e400", "99999999999999999999999"] {
            cases.push((vec![OsStr::new(limit), OsStr::new(nonsense)], limit));
        }
    }
    let module = python_wasm_tests::guest::module("guests", "start_returns");
    for (words, part) in cases {
        let python = Program::python().args(&words).args(["-c", "print('it ran')"]);
        let other = Program::wasi_run().args(&words).arg(&module);
        for program in [python, other] {
            program.run().refused(2, &[part]).printing("");
        }
    }
}

#[test]
fn an_unknown_engine_is_refused_and_not_replaced() {
    python(["--engine", "jit", "-c", "print(1)"])
        .refused(2, &["--engine jit", "wasmi or native"])
        .printing("");
    if !cfg!(feature = "native") {
        python(["--engine", "native", "-c", "print(1)"])
            .refused(2, &["--engine native", "use wasmi"])
            .printing("");
    }
    python(["--engine", "wasmi", "-c", "print(1)"]).well().printing("1\n");
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
            "--engine",
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
