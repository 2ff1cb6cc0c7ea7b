//! Memory: how much of the limit a program gets, and what goes on when it gets no more.

use std::time::Duration;

use python_wasm::{Engine, Error, Limits, Python};

fn with(mib: u64) -> Python {
    Python::builder().limits(Limits::default().memory(mib << 20)).build().unwrap()
}

/// How many MiB of a limit of 256 a program has got when it says `n`, in bytes.
fn got(code: &str) -> i64 {
    let mut py = with(256);
    py.exec(code).unwrap();
    py.eval::<i64>("n").unwrap() >> 20
}

#[test]
fn one_object_may_have_nine_tenths_of_the_limit() {
    assert_eq!(got("x = bytearray(230 << 20)\nn = len(x)"), 230);
    assert_eq!(got("x = bytes(230 << 20)\nn = len(x)"), 230);
}

#[test]
fn a_buffer_that_grows_by_steps_gets_four_fifths_of_the_limit() {
    let bytes = "x = bytearray()\nstep = bytes(1 << 20)\nfor _ in range(205): x += step\nn = len(x)";
    assert_eq!(got(bytes), 205);
    let text = "def grow():\n  x = ''\n  step = 'x' * (1 << 20)\n  for _ in range(205): x += step\n  return x\nn = len(grow())";
    assert_eq!(got(text), 205);
    let file = "import io\nx = io.BytesIO()\nfor _ in range(205): x.write(bytes(1 << 20))\nn = x.tell()";
    assert_eq!(got(file), 205);
}

#[test]
fn small_objects_get_four_fifths_of_the_limit() {
    let code = "import sys\nx = [bytes(95) for _ in range(1_870_000)]\nn = len(x) * sys.getsizeof(x[0])";
    assert!(got(code) >= 199, "{}", got(code));
}

#[test]
fn freed_memory_serves_requests_of_any_other_size() {
    let mut py = with(64);
    py.exec("def fill(size):\n  x = []\n  try:\n    while True: x.append(bytearray(size))\n  except MemoryError: pass\n  return len(x) * size >> 20")
        .unwrap();
    for size in [100_000, 3_000, 1 << 20, 700, 100, 20 << 20, 100_000] {
        let filled: i64 = py.eval(&format!("fill({size})")).unwrap();
        assert!(filled >= 30, "{size}: {filled} MiB");
        py.exec("x = bytearray(40 << 20)\ndel x").unwrap_or_else(|error| panic!("after {size}: {error}"));
    }
    py.exec("x = bytearray(40 << 20)\ndel x\nimport urllib.request, asyncio, http.server, email, unittest")
        .unwrap();
}

#[test]
fn memory_that_a_snapshot_had_not_is_there_after_restoring_it() {
    let mut py = with(64);
    py.exec("x = 1").unwrap();
    let before = py.snapshot().unwrap();
    py.exec("y = bytearray(45 << 20)").unwrap();
    py.restore(&before).unwrap();
    py.exec("y = bytearray(45 << 20)").unwrap();
}

/// What fills memory with small objects of one shape, as the body of a loop over `n`.
const SHAPES: [(&str, &str); 20] = [
    ("lists", "rows.append([n, n])"),
    ("dicts", "rows.append({n: n})"),
    ("tuples", "rows.append((n, n))"),
    ("instances", "rows.append(Row(n))"),
    ("strings", "rows.append(f'x{n}')"),
    ("bytes", "rows.append(bytes(95))"),
    ("nested lists", "rows = [rows, [n]]"),
    ("sets", "rows.append({n})"),
    ("generators", "rows.append(started(n))"),
    ("classes", "rows.append(type('T', (), {'a': n}))"),
    ("deques", "rows.append(deque([n]))"),
    ("keys of one dict", "rows[n] = str(n)"),
    ("matches", "rows.append(re.match('(a)', 'a'))"),
    ("closures", "rows.append(lambda: n)"),
    ("comprehensions", "rows.append({k: [k] for k in range(n, n + 3)})"),
    ("generators of lambdas", "rows.append((lambda: (x for x in [n]))())"),
    ("functions by exec", "d = {}; exec(f'def f(x, y={n}): return [x, y]', {}, d); rows.append(d['f'])"),
    ("code", "rows.append(compile(f'def f(x): return x + {n}', 'f', 'exec'))"),
    ("exceptions with tracebacks", "rows.append(failed(n))"),
    ("methods", "rows.append(Row(n).__init__)"),
];

const FILL: &str = "
import re
from collections import deque
class Row:
    def __init__(self, n):
        self.n = n
        self.s = str(n)
def failed(n):
    try:
        [][n]
    except IndexError as error:
        return error
def started(n):
    def numbers():
        yield n
        yield n
    made = numbers()
    next(made)
    return made
";

/// Fills memory twice with objects of each shape, and sees that a `MemoryError` can be caught, that one
/// which is not is the limit's error with a traceback, and that the session goes on.
fn fill(limits: &[u64], shapes: &[(&str, &str)]) {
    for mib in limits {
        for (shape, body) in shapes {
            // Memory is the limit here, however busy the machine is.
            let limits = Limits::default().memory(mib << 20).timeout(Duration::MAX).fuel(u64::MAX);
            let mut py = Python::builder().limits(limits).build().unwrap();
            let rows = if *shape == "keys of one dict" { "{}" } else { "[]" };
            let code = format!(
                "{FILL}\ndef fill():\n  rows = {rows}\n  n = 1000\n  while True:\n    n += 1\n    {body}\n"
            );
            py.exec(&code).unwrap();
            let caught = "caught = 0\nfor _ in range(2):\n  try: fill()\n  except MemoryError: caught += 1";
            py.exec(caught).unwrap_or_else(|error| panic!("{shape} at {mib} MiB: {error}"));
            let caught =
                py.eval::<i64>("caught").unwrap_or_else(|error| panic!("{shape} at {mib} MiB: {error}"));
            assert_eq!(caught, 2, "{shape} at {mib} MiB");
            match py.exec("fill()") {
                Err(Error::OutOfMemory) => {}
                other => panic!("{shape} at {mib} MiB: {other:?}"),
            }
            let after = "x = [str(i) for i in range(20_000)]\nimport json, decimal\nn = len(x)";
            py.exec(after).unwrap_or_else(|error| panic!("after {shape} at {mib} MiB: {error}"));
            assert_eq!(py.eval::<i64>("n").unwrap(), 20_000);
        }
    }
}

#[test]
fn memory_full_of_small_objects_is_a_memory_error() {
    fill(&[40], &SHAPES[..4]);
}

/// CPython frees the code of a function that there is no memory for, and goes on to use it.
#[test]
fn memory_full_of_functions_is_a_memory_error() {
    let functions: Vec<_> = SHAPES.into_iter().filter(|(shape, _)| *shape == "closures").collect();
    fill(&[48, 49, 50, 51, 52], &functions);
}

#[test]
#[ignore = "takes minutes: 20 shapes at 5 limits; the tests before it run 5 of them"]
fn memory_full_of_small_objects_is_a_memory_error_at_any_limit() {
    // The interpreter takes an hour to fill a gigabyte so often.
    let largest = if Engine::default() == Engine::Native { 1024 } else { 128 };
    fill(&[32, 48, 64, 100, largest], &SHAPES);
}
