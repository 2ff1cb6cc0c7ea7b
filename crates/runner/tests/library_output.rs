//! Output: when it arrives, what it belongs to, and that none is lost when a program is stopped.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use python_wasm::{Error, Limits, Output, Python, PythonBuilder};

/// A writer that sends each write to the test.
struct Telling(Sender<String>);

impl Write for Telling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(String::from_utf8_lossy(bytes).into_owned()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn told(builder: PythonBuilder) -> (Python, Receiver<String>) {
    let (sender, writes) = channel();
    (builder.stdout_writer(Telling(sender)).build().unwrap(), writes)
}

/// A program that prints and goes on until it is stopped for good.
const DEAF: &str = "
print('a line')
print('and a part', end='')
while True:
    try:
        while True: pass
    except BaseException: pass";

#[test]
fn each_line_arrives_while_the_program_runs() {
    let (sender, writes) = channel();
    let (ask, asked) = channel::<()>();
    let (writes, asked) = (std::sync::Mutex::new(writes), std::sync::Mutex::new(asked));
    let mut py = Python::builder()
        .stdout_writer(Telling(sender))
        // What has arrived when Python calls it.
        .function("arrived", move || {
            asked.lock().unwrap().try_recv().map_err(|error| error.to_string())?;
            Ok::<_, String>(writes.lock().unwrap().try_iter().collect::<Vec<String>>())
        })
        .build()
        .unwrap();
    (0..3).for_each(|_| ask.send(()).unwrap());
    py.exec(
        "
from host import arrived
print('one', 1)
first = arrived()
print('two', 2, end='')
second = arrived()
print(flush=True, end='!')
third = arrived()",
    )
    .unwrap();
    assert_eq!(py.repr("first, second, third").unwrap(), r"(['one 1\n'], [], ['two 2!'])");
}

#[test]
fn a_snapshot_s_program_prints_to_its_own_writer_line_by_line() {
    let mut py = Python::builder().build().unwrap();
    py.exec("x = 1").unwrap();
    let (mut other, writes) = told(py.snapshot().unwrap().builder());
    other.exec("print('one')\nprint('two')").unwrap();
    assert_eq!(writes.try_iter().collect::<Vec<_>>(), ["one\n", "two\n"]);
    let before = other.snapshot().unwrap();
    other.restore(&before).unwrap();
    other.exec("print('three')\nprint('four')").unwrap();
    assert_eq!(writes.try_iter().collect::<Vec<_>>(), ["three\n", "four\n"]);
}

#[test]
fn what_was_printed_before_a_stop_is_there() {
    let limits = || Limits::default().timeout(Duration::from_millis(500));
    let (mut py, writes) = told(Python::builder().limits(limits()));
    assert!(matches!(py.exec(DEAF), Err(Error::Timeout)) && !py.is_usable());
    assert_eq!(writes.try_iter().collect::<String>(), "a line\nand a part");

    let mut py = Python::builder().limits(limits()).build().unwrap();
    assert!(matches!(py.exec(DEAF), Err(Error::Timeout)));
    assert_eq!(py.take_output().stdout, "a line\nand a part");

    let mut py = Python::builder().limits(Limits::default().fuel(10_000_000)).build().unwrap();
    assert!(matches!(py.exec(DEAF), Err(Error::OutOfFuel)));
    assert_eq!(py.take_output().stdout, "a line\nand a part");
}

#[test]
fn what_was_printed_before_a_terminate_an_exit_and_a_trap_is_there() {
    let mut py = Python::builder().build().unwrap();
    let handle = py.interrupt_handle();
    let (begun, wait) = channel::<()>();
    let thread = std::thread::spawn(move || {
        wait.recv().unwrap();
        // Printing takes much less.
        std::thread::park_timeout(Duration::from_secs(2));
        handle.terminate();
    });
    py.init().unwrap();
    begun.send(()).unwrap();
    assert!(matches!(py.exec(DEAF), Err(Error::Interrupted)));
    thread.join().unwrap();
    assert_eq!(py.take_output().stdout, "a line\nand a part");

    let mut py = Python::builder().build().unwrap();
    let source = "import os, sys\nprint('out', end='')\nprint('err', end='', file=sys.stderr)\nos._exit(3)";
    assert!(matches!(py.exec(source), Err(Error::Exit(3))));
    let Output { stdout, stderr, .. } = py.take_output();
    assert_eq!((stdout.as_str(), stderr.as_str()), ("out", "err"));

    let mut py = Python::builder().build().unwrap();
    // The hash of nested tuples is one of the places where CPython does not count its depth.
    let error = py.exec("print('before', end='')\nt = ()\nfor _ in range(10 ** 6): t = (t,)\nhash(t)");
    assert!(matches!(error, Err(Error::Trap(_))), "{error:?}");
    assert_eq!(py.take_output().stdout, "before");
}

#[test]
fn output_that_the_program_put_elsewhere_is_not_printed_when_it_is_stopped() {
    let mut py = Python::builder().build().unwrap();
    let source = "
import io, os, sys
class Stream(io.StringIO):
    def flush(self): os.write(1, b'its own code runs')
sys.stdout = Stream()
print('kept')
os._exit(0)";
    assert!(matches!(py.exec(source), Err(Error::Exit(0))));
    assert_eq!(py.take_output().stdout, "");
}

#[test]
fn output_of_a_failed_call_belongs_to_its_error_alone() {
    let mut py = Python::builder().build().unwrap();
    py.eval::<()>("print('of a call that returned')").unwrap();
    assert!(py.exec("print('of a call that failed'); 1 / 0").is_err());
    assert_eq!(py.take_output().stdout, "of a call that returned\nof a call that failed\n");

    assert!(py.exec("print('not taken'); 1 / 0").is_err());
    assert_eq!(py.exec("print('new')").unwrap().stdout, "new\n");
    assert!(py.eval::<u8>("print('not taken') or 256").is_err());
    assert_eq!(py.eval::<i64>("1").unwrap(), 1);
    assert_eq!(py.take_output().stdout, "");

    let before = py.snapshot().unwrap();
    assert!(py.exec("print('of a discarded call'); 1 / 0").is_err());
    py.restore(&before).unwrap();
    assert_eq!(py.exec("print('new')").unwrap().stdout, "new\n");
    py.eval::<()>("print('of a discarded call')").unwrap();
    py.restore(&before).unwrap();
    assert_eq!(py.take_output().stdout, "");
}

#[test]
fn each_call_may_print_as_much() {
    let mut py = Python::builder().limits(Limits::default().output(1000)).build().unwrap();
    let before = py.snapshot().unwrap();
    for _ in 0..5 {
        assert_eq!(py.exec("print('x' * 900)").unwrap().stdout.len(), 901);
    }
    assert!(matches!(py.exec("print('x' * 1000)"), Err(Error::OutputLimit)));
    py.restore(&before).unwrap();
    assert_eq!(py.exec("print('x' * 900)").unwrap().stdout.len(), 901);
    // What nobody takes counts.
    py.eval::<()>("print('x' * 900)").unwrap();
    assert!(matches!(py.eval::<()>("print('x' * 900)"), Err(Error::OutputLimit)));
}

#[test]
fn output_and_its_cost_go_through_serde() {
    let mut py = Python::builder().build().unwrap();
    let output = py.exec("print('hi')").unwrap();
    let json = serde_json::to_string(&output).unwrap();
    assert!(json.starts_with(r#"{"stdout":"hi\n","stderr":"","stats":{"#), "{json}");
    assert_eq!(serde_json::from_str::<Output>(&json).unwrap(), output);
}
