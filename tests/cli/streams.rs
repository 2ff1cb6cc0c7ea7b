//! Standard streams: closed, cut off, empty, large, and without line endings.

use std::io::Read;
use std::process::Stdio;

use python_wasm_tests::Program;

use crate::statements;

#[test]
fn a_reader_that_has_seen_enough_ends_it_as_python_does() {
    let mut command = Program::python().args(["-c", "while True: print('y' * 100)"]).into_command();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut line = [0; 101];
    stdout.read_exact(&mut line).unwrap();
    assert_eq!(line[99..], *b"y\n");
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("BrokenPipeError"), "{stderr}");
    assert!(!stderr.contains("panicked") && !stderr.contains("trap"), "{stderr}");
    assert!(matches!(output.status.code(), Some(1 | 120)), "{:?}", output.status);
}

#[test]
fn help_into_a_closed_pipe_is_not_a_failure() {
    let mut command = Program::python().arg("--licenses").into_command();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

// Only Linux has such a device.
#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_reported() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = Program::python().args(["-c", "print('x')"]).into_command();
    let output = command.stdin(Stdio::null()).stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("No space left on device"), "{stderr}");
    assert_eq!(output.status.code(), Some(120), "{stderr}");
}

#[test]
fn input_of_every_shape_is_read() {
    let code = "import sys; data = sys.stdin.buffer.read(); print(len(data), data[:3], data[-3:])";
    let large: Vec<u8> = (0..10_000_000_u32).map(|n| n as u8).collect();
    for (input, printed) in [
        (large, "10000000 b'\\x00\\x01\\x02' b'}~\\x7f'\n"),
        (Vec::new(), "0 b'' b''\n"),
        (b"\0\xff\n".to_vec(), "3 b'\\x00\\xff\\n' b'\\x00\\xff\\n'\n"),
    ] {
        Program::python().args(["-c", code]).stdin(input).run().well().printing(printed);
    }
}

#[test]
fn input_comes_line_by_line_as_it_is_typed() {
    let code =
        "while True:\n    try: print('got', input(), flush=True)\n    except EOFError: break\nprint('end')";
    let mut running = Program::python().args(["-c", code]).stdin_open().start();
    for line in ["one", "zwei ü", ""] {
        running.write(&format!("{line}\n"));
        running.wait_for(&format!("got {line}\n"));
    }
    running.end().well().printing("got one\ngot zwei ü\ngot \nend\n");
}

#[test]
fn errors_come_unbuffered_and_output_is_flushed_at_the_end() {
    let ended = statements("import sys\nprint('out', end='')\nsys.stderr.write('err')");
    ended.with_status(0).printing("out");
    assert_eq!(ended.stderr(), "err");
    let ended = statements("print('out', end='')\nraise SystemExit(4)");
    ended.with_status(4).printing("out");
}

#[test]
fn ten_megabytes_are_printed() {
    let ended = statements("for n in range(100_000): print('x' * 99)");
    assert_eq!(ended.well().stdout.len(), 10_000_000);
}

#[test]
fn pipes_are_not_terminals() {
    statements("import sys; print([s.isatty() for s in (sys.stdin, sys.stdout, sys.stderr)])")
        .well()
        .printing("[False, False, False]\n");
}
