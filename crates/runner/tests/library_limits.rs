//! Limits and interrupts: every run ends, and what can go on afterwards does.

use std::io::{self, Write};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use python_wasm::{Caller, Error, Limits, Mount, Python, PythonBuilder};

fn limited(limits: Limits) -> Python {
    let mut py = Python::builder().limits(limits).mount("/data", Mount::memory()).build().unwrap();
    py.exec("x = 1").unwrap();
    py
}

#[test]
fn out_of_time_in_a_loop_or_asleep_leaves_the_session_usable() {
    let mut py = limited(Limits::default().timeout(Duration::from_secs(1)));
    assert!(matches!(py.exec("x += 1\nwhile True: pass"), Err(Error::Timeout)));
    assert!(matches!(py.exec("import time\nx += 1\ntime.sleep(1000)"), Err(Error::Timeout)));
    assert_eq!(py.get::<i64>("x").unwrap(), 3);
}

#[test]
fn a_start_that_does_not_end_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sitecustomize.py"), "while True: pass").unwrap();
    let limits = Limits::default().timeout(Duration::from_millis(100));
    let builder = Python::builder().limits(limits).mount("/site", Mount::read_only(folder.path()).unwrap());
    // A variable that needs an interpreter of its own, which then runs `site` in the sandbox.
    let mut py = builder.env("PYTHONPATH", "/site").env("PYTHONHASHSEED", "1").build().unwrap();
    assert!(matches!(py.exec("1"), Err(Error::Timeout)));
    assert!(!py.is_usable());
}

#[test]
fn a_program_that_ignores_its_end_is_stopped_for_good() {
    let mut py = limited(Limits::default().timeout(Duration::from_millis(500)));
    let deaf = "while True:\n  try:\n    while True: pass\n  except KeyboardInterrupt: pass";
    assert!(matches!(py.exec(deaf), Err(Error::Timeout)));
    assert!(!py.is_usable());
    assert!(matches!(py.get::<i64>("x"), Err(Error::Unusable(_))));
}

#[test]
fn out_of_fuel_leaves_the_session_usable_and_each_call_has_its_own() {
    let mut py = limited(Limits::default().fuel(30_000_000));
    for _ in 0..3 {
        py.exec("x += 1\nfor i in range(10_000): pass").unwrap();
    }
    assert!(matches!(py.exec("while True: pass"), Err(Error::OutOfFuel)));
    assert_eq!(py.get::<i64>("x").unwrap(), 4);
}

#[test]
fn out_of_memory_leaves_the_session_usable() {
    let mut py = limited(Limits::default().memory(64 << 20));
    assert!(matches!(py.exec("y = []\nwhile True: y.append(bytes(10 ** 6))"), Err(Error::OutOfMemory)));
    py.exec("del y").unwrap();
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
}

#[test]
fn too_much_output_ends_the_session() {
    let mut py = limited(Limits::default().output(10_000));
    assert!(matches!(py.exec("while True: print('y' * 100)"), Err(Error::OutputLimit)));
    let output = py.take_output();
    assert!(output.stdout.len() <= 10_000 && output.stdout.starts_with("yyy"));
    assert!(!py.is_usable());
}

#[test]
fn a_full_disk_is_a_disk_limit() {
    let mut py = limited(Limits::default().disk(10_000));
    assert!(matches!(py.exec("open('/data/f', 'wb').write(bytes(20_000))"), Err(Error::DiskLimit)));
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
}

/// What a call has left of its time, in seconds.
fn time_left(builder: PythonBuilder) -> Option<f64> {
    let left = |python: &Caller| {
        let left = python.deadline().map(|end| end.saturating_duration_since(Instant::now()).as_secs_f64());
        Ok::<_, Error>(left)
    };
    let mut py = builder.function_with_caller("left", left).build().unwrap();
    py.exec("from host import left").unwrap();
    py.eval("left()").unwrap()
}

#[test]
fn a_call_has_a_minute_unless_more_or_no_limit_is_asked_for() {
    assert!(time_left(Python::builder()).is_some_and(|left| left <= 60.0));
    let limits = Limits::default().timeout(Duration::from_hours(1));
    assert!(time_left(Python::builder().limits(limits)).is_some_and(|left| left > 60.0));
    assert_eq!(time_left(Python::builder().limits(Limits::default().timeout(Duration::MAX))), None);
}

/// Output that tells another thread of each write.
struct Telling(Sender<()>);

impl Write for Telling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_interrupt_from_another_thread_is_a_keyboard_interrupt() {
    let (sender, told) = channel();
    let mut py = Python::builder().stdout_writer(Telling(sender)).build().unwrap();
    py.exec("x = 1").unwrap();
    let handle = py.interrupt_handle();
    // One interrupt for each time that the program says it is where it shall be found.
    let thread = std::thread::spawn(move || told.iter().for_each(|()| handle.interrupt()));
    for place in ["while True: pass", "import time; time.sleep(1000)"] {
        let code = format!("print('here', flush=True)\n{place}");
        assert!(matches!(py.exec(&code), Err(Error::Interrupted)), "{place}");
    }
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
    drop(py);
    thread.join().unwrap();
}

#[test]
fn a_terminated_session_is_gone() {
    let mut py = limited(Limits::default());
    let handle = py.interrupt_handle();
    let thread = std::thread::spawn(move || handle.terminate());
    assert!(matches!(py.exec("while True: pass"), Err(Error::Interrupted)));
    thread.join().unwrap();
    assert!(!py.is_usable());
}

#[test]
fn statistics_count_what_ran_since_the_last_output() {
    let mut py = limited(Limits::default());
    let small = py.exec("for i in range(1000): pass").unwrap().stats;
    let large = py.exec("for i in range(100_000): pass").unwrap().stats;
    assert!(large.fuel > 10 * small.fuel, "{small:?} {large:?}");
    let writing = py.exec("open('/data/f', 'w').write('a' * 5000)").unwrap().stats;
    assert!(writing.bytes_out >= 5000 && writing.syscalls > 0, "{writing:?}");
    assert!(writing.peak_memory > 1 << 20);
}

#[test]
fn a_source_takes_fuel_by_its_length_to_compile() {
    let mut py = Python::builder().build().unwrap();
    py.exec("source = 'x = \"a line of a program\"\\n' * 1000").unwrap();
    py.exec("compile(source, 'f', 'exec')").unwrap();
    let mut fuel = |code: &str| py.exec(code).unwrap().stats.fuel;
    let once = fuel("compile(source, 'f', 'exec')");
    let four_times = fuel("compile(source * 4, 'f', 'exec')");
    assert!(four_times < 5 * once, "{once} {four_times}");
}

#[test]
fn a_memory_limit_below_what_python_needs_tells_both() {
    let error = Python::builder().limits(Limits::default().memory(1 << 20)).build().unwrap_err();
    let Error::MemoryLimit { needed, limit } = error else { panic!("{error:?}") };
    assert!(limit == 1 << 20 && needed > limit, "{needed} {limit}");
}
