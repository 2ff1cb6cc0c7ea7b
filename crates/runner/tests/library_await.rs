//! Code that awaits outside of a function, and functions that are coroutines.

use std::time::Duration;

use python_wasm::{Error, Limits, Python, Value};

#[test]
fn code_awaits_wherever_it_may_stand() {
    let mut py = Python::builder().async_function("fetch", |n: i64| Ok::<_, String>(n + 1)).build().unwrap();
    py.exec("import asyncio\nfrom host import fetch\nx = await fetch(1)").unwrap();
    assert_eq!(py.get::<i64>("x").unwrap(), 2);
    assert_eq!(py.eval::<i64>(" await fetch(2)").unwrap(), 3);
    assert_eq!(py.eval::<Vec<i64>>("await asyncio.gather(*map(fetch, range(3)))").unwrap(), [1, 2, 3]);
    assert_eq!(py.eval::<Vec<i64>>("[await fetch(n) for n in range(2)]").unwrap(), [1, 2]);
    let (output, value) = py.exec_value("y = await fetch(3)\nprint(y)\nawait fetch(y)").unwrap();
    assert_eq!((output.stdout.as_str(), value), ("4\n", Value::Int(5)));
    assert_eq!(py.exec_repr("await fetch(5)").unwrap().1.as_deref(), Some("6"));
    py.exec(
        "
class Lock:
    async def __aenter__(self): return await fetch(6)
    async def __aexit__(self, *exception): pass
async with Lock() as z: pass
async def numbers():
    for n in range(3): yield await fetch(n)
found = []
async for n in numbers(): found.append(n)",
    )
    .unwrap();
    assert_eq!(py.eval::<(i64, Vec<i64>)>("(z, found)").unwrap(), (7, vec![1, 2, 3]));
}

#[test]
fn a_function_that_is_a_coroutine_is_called_to_its_end() {
    let mut py = Python::builder().build().unwrap();
    py.exec("import asyncio\nasync def double(n):\n  await asyncio.sleep(0)\n  return n * 2").unwrap();
    assert_eq!(py.call::<i64>("double", 21).unwrap(), 42);
    // An expression is what it is in Python.
    assert!(matches!(py.eval::<Value>("double(1)").unwrap(), Value::Object(_)));
}

#[test]
fn tasks_go_on_from_one_call_to_the_next() {
    let mut py = Python::builder().build().unwrap();
    py.exec("import asyncio\nasync def main():\n  await asyncio.sleep(0)\n  return 'done'").unwrap();
    py.exec("task = asyncio.ensure_future(main()) if await asyncio.sleep(0) is None else None").unwrap();
    assert_eq!(py.eval::<String>("await task").unwrap(), "done");
    // Others may have loops of their own.
    assert_eq!(py.eval::<String>("asyncio.run(main())").unwrap(), "done");
    let mut other = py.snapshot().unwrap().spawn().unwrap();
    assert_eq!(other.eval::<String>("await main()").unwrap(), "done");
}

#[test]
fn an_exception_shows_the_programs_own_lines_alone() {
    let mut py = Python::builder().build().unwrap();
    let source = "import asyncio\nasync def f():\n  await asyncio.sleep(0)\n  1 / 0\nawait f()";
    let error = py.exec(source).unwrap_err();
    let Error::Exception { frames, .. } = &error else { panic!("{error:?}") };
    let lines: Vec<_> = frames.iter().map(|frame| (frame.file.as_str(), frame.line)).collect();
    assert_eq!(lines, [("<string>", 5), ("<string>", 4)]);
    assert!(matches!(py.exec("await asyncio.sleep(0)\nraise SystemExit(3)"), Err(Error::Exit(3))));
    let error = py.exec("def f():\n  await 1").unwrap_err();
    assert!(error.is_exception("SyntaxError"), "{error}");
}

#[test]
fn the_end_of_its_time_ends_code_that_awaits_and_leaves_the_session() {
    let mut py = Python::builder().build().unwrap();
    py.exec("import asyncio\nx = 1").unwrap();
    for source in ["await asyncio.sleep(100)", "while True: await asyncio.sleep(0)"] {
        py.set_limits(Limits::default().timeout(Duration::from_millis(500))).unwrap();
        assert!(matches!(py.exec(source), Err(Error::Timeout)), "{source}");
        py.set_limits(Limits::default()).unwrap();
        assert_eq!(py.eval::<i64>("await asyncio.sleep(0, x)").unwrap(), 1);
    }
}
