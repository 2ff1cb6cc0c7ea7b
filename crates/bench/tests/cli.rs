//! `bench` as its users run it, with Pythons that work and Pythons that fail.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs `bench` and returns its status, standard output and standard error.
fn bench(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bench")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Returns a `--python` that fails in the way `wrong`.
fn fake(wrong: &str) -> String {
    format!("{wrong}=sh {}/tests/fake-python.sh {wrong}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs `bench run` with such fakes side by side.
fn run_fakes(wrongs: &[&str], more: &[&str]) -> (Option<i32>, String, String) {
    let fakes: Vec<String> = wrongs.iter().map(|wrong| fake(wrong)).collect();
    let mut arguments = vec!["run", "--rounds", "2", "--scale", "0.5"];
    for fake in &fakes {
        arguments.extend(["--python", fake]);
    }
    arguments.extend(more);
    bench(&arguments)
}

#[test]
fn two_pythons_give_a_table_of_ratios() {
    let (status, stdout, stderr) = run_fakes(&["fast", "slow"], &[]);
    insta::assert_snapshot!(stdout);
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_wrong_answer_costs_that_figure_alone() {
    let (status, stdout, stderr) = run_fakes(&["fast", "wrong-answer"], &[]);
    insta::assert_snapshot!(stdout);
    assert_eq!(stderr, "bench: wrong-answer: a/two: WrongAnswer: wrong answer: 1 instead of 2\n");
    assert_eq!(status, Some(1));
}

#[test]
fn a_crash_costs_that_figure_alone() {
    let (status, stdout, stderr) = run_fakes(&["fast", "crash"], &[]);
    assert!(stdout.contains("total of 1"), "{stdout}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("bench: crash: a/two: ended with signal: 11 (SIGSEGV)"), "{stderr}");
    assert_eq!(status, Some(1));
}

#[test]
fn a_python_that_hangs_is_stopped_at_the_limit() {
    let (status, stdout, stderr) = run_fakes(&["fast", "hang"], &["--timeout", "3"]);
    assert!(stdout.contains("total of 1"), "{stdout}");
    assert_eq!(stderr, "bench: hang: a/two: took more than 3 s and was stopped\n");
    assert_eq!(status, Some(1));
}

#[test]
fn pythons_that_cannot_run_the_collection_are_named_and_the_others_stand() {
    let (status, stdout, stderr) = run_fakes(&["no-list", "fast"], &["--python", "/no/such/python"]);
    insta::assert_snapshot!(stdout);
    assert_eq!(
        stderr,
        "bench: no-list: ended with exit status: 1: ImportError: no module named registry\n\
         bench: python: cannot start '/no/such/python': No such file or directory (os error 2)\n"
    );
    assert_eq!(status, Some(1));
}

#[test]
fn no_python_at_all_is_an_error() {
    let (status, stdout, stderr) = bench(&["run", "--python", "/no/such/python"]);
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert_eq!(stderr.lines().last(), Some("bench: no Python could be measured"));
}

#[test]
fn ctrl_c_keeps_what_was_measured() {
    let (status, stdout, stderr) = run_fakes(&["fast", "interrupt"], &[]);
    insta::assert_snapshot!(stdout);
    assert_eq!((status, stderr.as_str()), (Some(130), ""));
}

#[test]
fn ctrl_c_before_the_first_measurement_says_so() {
    let (status, stdout, stderr) = run_fakes(&["interrupt-list"], &[]);
    assert_eq!((status, stdout.as_str()), (Some(130), ""));
    assert_eq!(stderr, "bench: interrupted before anything was measured\n");
}

#[test]
fn the_plain_format_has_totals() {
    let (status, stdout, _) = run_fakes(&["fast", "slow"], &["--format", "plain"]);
    insta::assert_snapshot!(stdout);
    assert_eq!(status, Some(0));
}

#[test]
fn files_hold_the_samples_and_the_picture() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name| dir.path().join(name).to_string_lossy().into_owned();
    let (json, svg) = (file("out.json"), file("out.svg"));
    let (status, _, stderr) = run_fakes(&["fast", "slow"], &["--json", &json, "--svg", &svg]);
    assert_eq!((status, stderr.as_str()), (Some(0), ""));

    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let samples = &json["benchmarks"][1]["pythons"]["slow"]["samples"];
    assert_eq!(samples.as_array().unwrap().len(), 2);
    assert_eq!(samples[0]["time_ms"], 20.0);
    assert!(samples[0]["cpu_ms"].as_f64().unwrap() > 0.0);
    assert!(samples[0]["peak_memory_mib"].as_f64().unwrap() > 0.1);
    let geometric_mean = json["pythons"][1]["geometric_mean"].as_f64().unwrap();
    assert!((geometric_mean - 10.0).abs() < 1e-9, "{geometric_mean}");
    assert!(fs::read_to_string(svg).unwrap().contains("slow: geometric mean 10.0 of 2"));
}

#[test]
fn a_file_that_cannot_be_written_is_found_before_measuring() {
    let (status, stdout, stderr) = run_fakes(&["hang"], &["--json", "/no/such/folder/x.json"]);
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert_eq!(
        stderr,
        "bench: cannot write '/no/such/folder/x.json': No such file or directory (os error 2)\n"
    );
}

#[test]
fn a_wrong_argument_is_one_line_and_status_2() {
    for arguments in [
        &["run", "--scale", "0"][..],
        &["run", "--python", ""],
        &["run", "--svg", "x.svg"],
        &["startup", "--max-rss-mib", "nan"],
        &["startup", "--rounds", "-1"],
    ] {
        let (status, stdout, stderr) = bench(arguments);
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    assert!(!Path::new("x.svg").exists());
}

/// Every benchmark checks its own answer. The scales give counts with different remainders, and the least
/// possible counts.
#[test]
fn the_collection_by_itself_gives_right_answers_at_every_scale() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/collection/all.py");
    for scale in ["1e-9", "0.00037", "0.003", "0.0299"] {
        let output = Command::new("python3").args([script, "--scale", scale]).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{stdout}");
        assert_eq!(stdout.lines().filter(|line| line.contains('/')).count(), 60, "{stdout}");
        assert!(stdout.contains("\nGrand total time:  "), "{stdout}");
    }
}

#[test]
fn python_runs_a_group_of_the_collection() {
    let (status, stdout, stderr) = bench(&["run", "--quick", "--rounds", "1", "--only", "arithmetic"]);
    assert_eq!((status, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert_eq!(stdout.lines().filter(|line| line.starts_with("arithmetic/")).count(), 8, "{stdout}");
}

#[test]
fn python_reaches_the_published_checksums() {
    // The ones that are fastest at full scale.
    for name in ["micro/generators", "micro/dict_views", "arithmetic/gcd", "nbody/planets"] {
        let (status, _, stderr) = bench(&["run", "--only", name, "--rounds", "1"]);
        assert_eq!((status, stderr.as_str()), (Some(0), ""), "{name}");
    }
}

#[test]
fn start_up_is_measured_and_gated() {
    let wide = ["startup", "--rounds", "2", "--max-cpu-ms", "60000", "--max-rss-mib", "pass=4096"];
    let (status, stdout, stderr) = bench(&wide);
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    for title in ["CPU time", "wall time", "peak memory"] {
        assert!(stdout.contains(&format!("start-up: {title} of the process")), "{stdout}");
    }

    let narrow = ["startup", "--rounds", "1", "--max-cpu-ms", "imports=0.001", "--max-rss-mib", "0.001"];
    let (status, _, stderr) = bench(&narrow);
    assert_eq!(status, Some(1));
    assert_eq!(stderr.lines().count(), 4, "{stderr}");
    assert!(stderr.starts_with("bench: python3: imports: "), "{stderr}");
    assert!(stderr.ends_with("MiB of peak memory of the process exceed --max-rss-mib 0.001\n"), "{stderr}");
}

#[test]
fn start_up_names_pythons_that_fail() {
    let (status, stdout, stderr) =
        bench(&["startup", "--rounds", "1", "--python", "false", "--python", "python3"]);
    assert_eq!(stderr, "bench: false: ended with exit status: 1\n");
    assert_eq!(status, Some(1));
    assert!(stdout.contains("imports"), "{stdout}");
}
