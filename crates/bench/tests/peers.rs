//! `bench peers` with the peers that need nothing, and with one that is not there. Nothing is downloaded.

use std::process::Command;

/// Runs `bench peers` with an empty folder of peers; returns its status, standard output and standard error.
fn peers(folder: &tempfile::TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    let output = command
        .args(["peers", "--rounds", "1", "--folder"])
        .arg(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn this_library_and_a_process_give_the_right_answers_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let (status, stdout, stderr) = peers(&folder, &["--only", "python-wasm-rust", "--only", "python3"]);
    assert_eq!((status, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(stdout.starts_with("One round, "), "{stdout}");
    let heading = stdout.lines().nth(2).unwrap();
    assert!(heading.contains(" in Rust, ") && heading.contains("| python3 -I 3"), "{heading}");
    let rows: Vec<Vec<&str>> = stdout
        .lines()
        .skip(4)
        .take_while(|line| !line.is_empty())
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 14, "{stdout}");
    for row in &rows {
        let is_figure = |cell: &str| cell.starts_with(|first: char| first.is_ascii_digit());
        let is_file = matches!(row[1], "download" | "installed");
        assert_eq!(is_figure(row[2]), !is_file, "{row:?}");
        let has_none = is_file || matches!(row[1], "snapshot" | "going back to it");
        assert_eq!((is_figure(row[3]), row[3] == "none"), (!has_none, has_none), "{row:?}");
    }
    assert!(stdout.contains("no snapshot: "), "{stdout}");
    let left: Vec<_> = folder.path().read_dir().unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_peer_that_is_not_installed_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let (status, stdout, stderr) = peers(&folder, &["--only", "pyodide"]);
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    let at = folder.path().join("pyodide").display().to_string();
    assert_eq!(
        stderr,
        format!(
            "bench: pyodide: not installed in '{at}': `bench peers --install` fetches pyodide@314.0.7\n\
             bench: no peer could be measured\n"
        )
    );
}

#[test]
fn a_python_that_does_not_start_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let (status, stdout, stderr) = peers(&folder, &["--only", "python3", "--python", "/no/such/python"]);
    assert_eq!((status, stdout.as_str()), (Some(1), ""));
    assert_eq!(
        stderr,
        "bench: python3: cannot start '/no/such/python': No such file or directory (os error 2)\n\
         bench: no peer could be measured\n"
    );
}

#[test]
fn an_unknown_peer_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (status, _, stderr) = peers(&folder, &["--only", "jython"]);
    assert_eq!(status, Some(2));
    assert!(stderr.starts_with("bench: invalid value 'jython' for '--only <PEER>'"), "{stderr}");
}
