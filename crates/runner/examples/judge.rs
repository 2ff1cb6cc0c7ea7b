//! A judge for untrusted submissions: each one ends, and none affects the next.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use python_wasm::{Error, Limits, Python};

/// The input of a submission, which must print the sum of its two numbers.
const INPUT: &str = "20 22\n";
const EXPECTED: &str = "42\n";

const SUBMISSIONS: [(&str, &str, &str); 7] = [
    ("right", "a, b = map(int, input().split())\nprint(a + b)", "accepted"),
    ("wrong", "print(int(input().split()[0]) * 2)", "wrong answer: 40"),
    ("crashes", "print(int(input()))", "ValueError: invalid literal for int() with base 10: '20 22'"),
    ("loops", "while True: pass", "out of time"),
    ("sleeps", "import time; time.sleep(1000)", "out of time"),
    ("hoards", "x = []\nwhile True: x.append(bytes(10**7))", "out of memory"),
    ("floods", "while True: print('y' * 1000)", "more output than is allowed"),
];

fn main() -> Result<(), Error> {
    for (name, source, expected) in SUBMISSIONS {
        let verdict = judge(source)?;
        println!("{name}: {verdict}");
        assert_eq!(verdict, expected);
    }
    Ok(())
}

/// Runs one submission in its own sandbox, and returns the verdict.
fn judge(source: &str) -> Result<String, Error> {
    let limits = Limits::default().timeout(Duration::from_secs(2)).memory(64 << 20).output(1 << 16);
    let mut py = Python::builder().limits(limits).stdin_bytes(INPUT).build()?;
    Ok(match py.exec(source) {
        Ok(output) if output.stdout == EXPECTED => "accepted".into(),
        Ok(output) => format!("wrong answer: {}", output.stdout.trim_end()),
        Err(Error::Exception { type_name, message, .. }) => format!("{type_name}: {message}"),
        Err(error) => error.to_string(),
    })
}
