//! Both engines run the same Python, and what one has begun the other can go on with.
#![cfg(feature = "native")]

use std::thread;
use std::time::Duration;

use python_wasm::{Engine, Error, Limits, Python};
use tempfile::tempdir;

const BOTH: [(Engine, Engine); 2] = [(Engine::Wasmi, Engine::Native), (Engine::Native, Engine::Wasmi)];

#[test]
fn what_one_engine_has_kept_the_other_goes_on_with() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("kept");
    for (first, second) in BOTH {
        let mut py = Python::builder().engine(first).build().unwrap();
        let code = "import json\ndef f(n): return json.dumps([n] * 3)\ng = iter(range(10))\nnext(g)\nbig = [bytes(1000)] * 9";
        py.exec(code).unwrap();
        py.snapshot().unwrap().save(&path).unwrap();
        let mut py = Python::builder().engine(second).resume(&path).unwrap();
        assert_eq!(py.eval::<String>("f(next(g))").unwrap(), "[1, 1, 1]", "{second:?}");
        py.exec("big.append(1)").unwrap();
        // And back again.
        py.snapshot().unwrap().save(&path).unwrap();
        let mut py = Python::builder().engine(first).resume(&path).unwrap();
        assert_eq!(py.eval::<i64>("next(g) + len(big)").unwrap(), 2 + 10, "{first:?}");
    }
}

#[test]
fn a_fork_stays_with_its_engine_and_both_answer() {
    let mut py = Python::builder().engine(Engine::Native).build().unwrap();
    py.exec("x = [1]").unwrap();
    let mut other = py.snapshot().unwrap().spawn().unwrap();
    other.exec("x.append(2)").unwrap();
    assert_eq!(other.eval::<i64>("len(x)").unwrap(), 2);
    assert_eq!(py.eval::<i64>("len(x)").unwrap(), 1);
}

#[test]
fn fuel_is_the_same_in_every_run() {
    let run = || {
        let mut py = Python::builder().engine(Engine::Native).seed(1).build().unwrap();
        py.exec("import json\nx = sorted(json.dumps(n) for n in range(1000))").unwrap().stats.fuel
    };
    let first = run();
    assert!(first > 1_000);
    assert_eq!(run(), first);
}

/// The calling thread's stack may be of any size: a guest has one of its own.
#[test]
fn deep_recursion_on_a_small_thread_is_an_exception() {
    let attempt = || {
        let mut py = Python::builder().engine(Engine::Native).build().unwrap();
        let code =
            "import sys\nsys.setrecursionlimit(10**6)\nx = []\nfor _ in range(10**5): x = [x]\nrepr(x)";
        let error = py.exec(code).unwrap_err();
        assert!(error.is_exception("RecursionError"), "{error}");
        assert_eq!(py.eval::<i64>("len(x)").unwrap(), 1);
    };
    thread::Builder::new().stack_size(256 << 10).spawn(attempt).unwrap().join().unwrap();
}

/// What CPython does not check ends by the host's own limit, and as an error, whatever the depth.
#[test]
fn recursion_that_nobody_checks_does_not_end_the_process() {
    let mut py = Python::builder().engine(Engine::Native).build().unwrap();
    let code = "x = ()\nfor _ in range(10**7): x = (x,)\nhash(x)";
    let ended = py.exec(code);
    assert!(matches!(&ended, Err(Error::Trap(_) | Error::Exception { .. }) | Ok(_)), "{ended:?}");
}

#[test]
fn a_loop_in_c_ends_when_its_time_is_over() {
    let limits = Limits::default().timeout(Duration::from_millis(500));
    let mut py = Python::builder().engine(Engine::Native).limits(limits).build().unwrap();
    assert!(matches!(py.exec("9 ** 9 ** 8"), Err(Error::Timeout)));
    // The same list again and again, compared without end: a recursion in C that is not a loop.
    assert!(matches!(
        py.exec("a = b = 0\nfor _ in range(90): a, b = (a, a), (b, b)\na == b"),
        Err(Error::Timeout | Error::Unusable(_))
    ));
}

/// The handlers of SIGILL and SIGFPE, which are wasmtime's alone: those of SIGSEGV and SIGBUS are Rust's, too.
#[cfg(target_os = "linux")]
#[test]
fn signals_are_handled_only_where_they_may_be() {
    use signal_hook::consts::{SIGFPE, SIGILL};

    Python::builder().engine(Engine::Native).build().unwrap().exec("1").unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    let handled = [SIGILL, SIGFPE].map(|signal| caught >> (signal - 1) & 1 == 1);
    assert_eq!(handled, [!cfg!(feature = "native-without-signals"); 2]);
}
