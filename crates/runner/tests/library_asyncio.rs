//! The end of its time or fuel in a program of asyncio, and functions of the host that its loop waits for.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};

use python_wasm::{Caller, Error, Limits, Python, PythonBuilder};

fn build(builder: PythonBuilder) -> Python {
    let mut py = builder.build().unwrap();
    py.exec("import asyncio\nfrom host import *\nx = 1").unwrap();
    py
}

/// A builder with functions that take longer than anybody waits: they end when the sender is dropped.
fn with_late_functions(limits: Limits) -> (PythonBuilder, Sender<()>) {
    let (end, ended) = channel::<()>();
    let ended = Arc::new(Mutex::new(ended));
    let late = move || {
        let _end = ended.lock().unwrap().recv();
        Ok::<_, String>(())
    };
    let awaited = late.clone();
    let builder = Python::builder()
        .limits(limits)
        .function_with_caller("called", move |_: &Caller| late())
        .async_function("awaited", awaited);
    (builder, end)
}

#[test]
fn a_session_survives_the_end_of_its_time_wherever_it_comes() {
    let (builder, _end) = with_late_functions(Limits::default().timeout(Duration::from_secs(2)));
    let mut py = build(builder);
    for source in [
        "async def main():\n  while True: pass\nasyncio.run(main())",
        "asyncio.run(asyncio.sleep(100))",
        "asyncio.run(awaited())",
        "async def main(): await asyncio.gather(awaited(), awaited())\nasyncio.run(main())",
        "async def main():\n  called()\nasyncio.run(main())",
        "called()",
        "c = awaited()\nwhile True: c.send(None)",
    ] {
        let ended = py.exec(source);
        assert!(matches!(ended, Err(Error::Timeout)), "{source}: {ended:?}");
        assert!(py.is_usable(), "{source}");
    }
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
}

#[test]
fn a_session_survives_the_end_of_its_fuel_in_a_coroutine() {
    let (builder, _end) = with_late_functions(Limits::default().fuel(200_000_000));
    let mut py = build(builder);
    let ended = py.exec("async def main():\n  while True: pass\nasyncio.run(main())");
    assert!(matches!(ended, Err(Error::OutOfFuel)), "{ended:?}");
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
}

#[test]
fn time_in_a_plain_function_is_no_part_of_the_time_to_end() {
    let mut py = build(Python::builder().function("late", || {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) {
            std::thread::park_timeout(Duration::from_millis(100));
        }
        Ok::<_, String>(())
    }));
    py.set_limits(Limits::default().timeout(Duration::from_millis(500))).unwrap();
    assert!(matches!(py.exec("x += 1\nlate()\nx = 'not reached'"), Err(Error::Timeout)));
    assert_eq!(py.get::<i64>("x").unwrap(), 2);
    // One that does not end by itself has no more time because of it.
    let deaf = "while True:\n  try: late()\n  except BaseException: pass";
    assert!(matches!(py.exec(deaf), Err(Error::Timeout)));
    assert!(!py.is_usable());
}

#[test]
fn wait_for_bounds_a_function() {
    let (builder, _end) = with_late_functions(Limits::default());
    let mut py = build(builder.async_function("quick", |n: i64| Ok::<_, String>(n + 1)));
    py.exec(
        "
async def main():
    try:
        await asyncio.wait_for(awaited(), 0.05)
    except TimeoutError:
        return await asyncio.wait_for(quick(1), 60)
result = asyncio.run(main())",
    )
    .unwrap();
    assert_eq!(py.get::<i64>("result").unwrap(), 2);
}

#[test]
fn the_loop_goes_on_while_it_waits_for_a_function() {
    let (release, released) = channel::<()>();
    let released = Mutex::new(released);
    let release = Mutex::new(release);
    let mut py = build(
        Python::builder()
            .async_function("held", move || {
                released.lock().unwrap().recv().map_err(|error| error.to_string())?;
                Ok::<_, String>("released")
            })
            .function("let_go", move || release.lock().unwrap().send(()).map_err(|error| error.to_string())),
    );
    py.exec(
        "
order = []
async def ticks():
    for tick in range(5):
        order.append(tick)
        await asyncio.sleep(0.01)
    let_go()
async def main():
    task = asyncio.create_task(ticks())
    order.append(await held())
    await task
asyncio.run(main())",
    )
    .unwrap();
    assert_eq!(py.repr("order").unwrap(), "[0, 1, 2, 3, 4, 'released']");
}

#[test]
fn a_clock_that_stands_still_goes_on_while_the_loop_waits() {
    let (builder, _end) = with_late_functions(Limits::default());
    let mut py = build(builder.fixed_clock(UNIX_EPOCH));
    let source = "
import time
async def main():
    try:
        await asyncio.wait_for(awaited(), 0.5)
    except TimeoutError:
        return time.time() >= 0.5
result = asyncio.run(main())";
    py.exec(source).unwrap();
    assert!(py.get::<bool>("result").unwrap());
}

#[test]
fn a_function_that_outlives_its_call_is_an_error_in_the_next_one() {
    let (builder, _end) = with_late_functions(Limits::default());
    let mut py = build(builder);
    py.exec(
        "
loop = asyncio.new_event_loop()
task = loop.create_task(awaited())
loop.run_until_complete(asyncio.sleep(0))",
    )
    .unwrap();
    let error = py.exec("loop.run_until_complete(task)").unwrap_err();
    let Error::Exception { type_name, message, .. } = &error else { panic!("{error:?}") };
    assert_eq!(
        (type_name.as_str(), message.as_str()),
        ("RuntimeError", "the call into python in which it began has ended")
    );
}
