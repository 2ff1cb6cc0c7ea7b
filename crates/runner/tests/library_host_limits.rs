//! Limits on functions of the host: how often they are called, and how long they take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use python_wasm::{Caller, Error, Limits, Python, PythonBuilder};

fn build(builder: PythonBuilder) -> Python {
    let mut py = builder.build().unwrap();
    py.exec("import asyncio\nfrom host import *").unwrap();
    py
}

fn message(error: Error) -> String {
    match error {
        Error::Exception { type_name, message, .. } if type_name == "host.Error" => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn so_many_calls_are_made_within_one_call_and_no_more() {
    let called = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&called);
    let mut py = build(
        Python::builder()
            .function("plain", move || Ok::<_, String>(count.fetch_add(1, Ordering::Relaxed)))
            .function_with_caller("calling", |_: &Caller| Ok::<_, String>(1))
            .async_function("later", || Ok::<_, String>(2))
            .limits(Limits::default().host_calls(3)),
    );
    let too_many = "functions of the host may be called 3 times in one call into python";
    assert_eq!(message(py.exec("while True: plain()").unwrap_err()), too_many);
    assert_eq!(called.load(Ordering::Relaxed), 3);
    // Each call has its own, and a program may go on without.
    let source = "seen = []\nfor f in (plain, calling, plain, calling):\n    try: f()\n    except Error as e: seen.append(str(e))\nseen";
    assert_eq!(py.exec_value(source).unwrap().1.to_string_list(), [too_many]);
    let all =
        "async def main(): return await asyncio.gather(*[later() for _ in range(4)], return_exceptions=True)";
    py.exec(all).unwrap();
    assert_eq!(
        py.repr("[type(r).__name__ for r in asyncio.run(main())]").unwrap(),
        "['int', 'int', 'int', 'Error']"
    );
    py.set_limits(py.limits().clone().host_calls(0)).unwrap();
    assert_eq!(message(py.exec("plain()").unwrap_err()).replace('0', "3"), too_many);
    py.set_limits(py.limits().clone().host_calls(u64::MAX)).unwrap();
    py.exec("for _ in range(100): plain()").unwrap();
}

#[test]
fn so_much_time_is_waited_within_one_call_and_no_more() {
    let long = || {
        thread::sleep(Duration::from_secs(3));
        Ok::<_, String>(())
    };
    let mut py = build(
        Python::builder()
            .function("short", || {
                thread::sleep(Duration::from_millis(30));
                Ok::<_, String>(())
            })
            .function_with_caller("calling", move |_: &Caller| long())
            .async_function("later", long)
            .limits(Limits::default().host_time(Duration::from_millis(50))),
    );
    let too_long = "functions of the host may take 0.05 s in one call into python";
    assert_eq!(message(py.exec("while True: short()").unwrap_err()), too_long);
    py.exec("short()").unwrap();
    let begun = Instant::now();
    for source in ["calling()", "asyncio.run(later())", "asyncio.run(asyncio.wait_for(later(), 60))"] {
        assert_eq!(message(py.exec(source).unwrap_err()), too_long, "{source}");
    }
    // None of them was waited for to its end.
    assert!(begun.elapsed() < Duration::from_secs(3));
    py.set_limits(py.limits().clone().host_time(Duration::MAX)).unwrap();
    py.exec("for _ in range(3): short()").unwrap();
}

trait Texts {
    fn to_string_list(&self) -> Vec<String>;
}

impl Texts for python_wasm::Value {
    fn to_string_list(&self) -> Vec<String> {
        let python_wasm::Value::List(items) = self else { panic!("{self:?}") };
        items
            .iter()
            .map(
                |item| {
                    if let python_wasm::Value::Str(text) = item { text.clone() } else { panic!("{item:?}") }
                },
            )
            .collect()
    }
}
