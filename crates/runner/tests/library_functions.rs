//! Rust functions that Python calls, and the way back.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use python_wasm::{Callable, Caller, Error, Limits, Python, PythonBuilder, Raise, Value};

fn build(builder: PythonBuilder) -> Python {
    let mut py = builder.build().unwrap();
    py.exec("from host import *").unwrap();
    py
}

fn exception(error: Error) -> (String, String) {
    match error {
        Error::Exception { type_name, message, .. } => (type_name, message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn arguments_and_results_convert_as_everywhere() {
    let mut py = build(
        Python::builder()
            .function("nothing", || Ok::<_, String>(()))
            .function("half", |number: f64| Ok::<_, String>(number / 2.0))
            .function("join", |left: String, right: Option<Vec<u8>>| Ok::<_, String>((left, right)))
            .function("same", |value: Value| Ok::<_, String>(value))
            .function("count", |words: Vec<String>| {
                let mut counts = BTreeMap::new();
                for word in words {
                    *counts.entry(word).or_insert(0) += 1;
                }
                Ok::<_, String>(counts)
            })
            .function("sum", |a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64| {
                Ok::<_, String>([a, b, c, d, e, f, g, h].iter().sum::<i64>())
            }),
    );
    for (expression, expected) in [
        ("nothing()", "None"),
        ("half(5)", "2.5"),
        ("join('a', None), join('b', b'c')", "(('a', None), ('b', [99]))"),
        (
            "same({1: (2, {3}), 'k': [2 ** 100, float('inf')]})",
            "{1: (2, {3}), 'k': [1267650600228229401496703205376, inf]}",
        ),
        ("count(['a', 'b', 'a'])", "{'a': 2, 'b': 1}"),
        ("sum(1, 2, 3, 4, 5, 6, 7, 8)", "36"),
        ("half.__name__, half.__module__", "('half', 'host')"),
    ] {
        assert_eq!(py.repr(expression).unwrap(), expected, "{expression}");
    }
}

#[test]
fn an_error_is_an_exception_and_a_raise_the_one_that_it_names() {
    let mut py = build(
        Python::builder()
            .function("plain", || Err::<(), _>("no such thing"))
            .function("value", || Err::<(), _>(Raise::value_error("wrong")))
            .function("key", || Err::<(), _>(Raise::new("KeyError", "k")))
            .function("unknown", || Err::<(), _>(Raise::new("os.system", "x")))
            .function("strange", || Err::<(), _>(Raise::new("UnicodeDecodeError", "x")))
            .function("exit", || Err::<(), _>(Raise::new("SystemExit", "x"))),
    );
    let mut raised = |source: &str| exception(py.exec(source).unwrap_err());
    let pair = |kind: &str, message: &str| (kind.to_owned(), message.to_owned());
    assert_eq!(raised("plain()"), pair("host.Error", "no such thing"));
    assert_eq!(raised("value()"), pair("ValueError", "wrong"));
    assert_eq!(raised("key()"), pair("KeyError", "'k'"));
    assert_eq!(raised("unknown()"), pair("host.Error", "x"));
    assert_eq!(raised("strange()"), pair("host.Error", "x"));
    assert_eq!(raised("exit()"), pair("host.Error", "x"));
    py.exec("import host\ntry: plain()\nexcept host.Error as e: caught = str(e)").unwrap();
    assert_eq!(py.get::<String>("caught").unwrap(), "no such thing");
}

#[test]
fn what_does_not_convert_is_a_type_error_that_says_where() {
    let mut py = build(
        Python::builder()
            .function("price", |item: String| Ok::<_, String>(item))
            .function("object", || Ok::<_, String>(f32::NAN).map(|_| u128::MAX)),
    );
    let mut message = |source: &str| {
        let (kind, message) = exception(py.exec(source).unwrap_err());
        assert_eq!(kind, "TypeError", "{message}");
        message
    };
    assert_eq!(message("price()"), "price(): takes 1 argument, and got 0");
    assert_eq!(message("price('a', 'b')"), "price(): takes 1 argument, and got 2");
    assert_eq!(message("price(5)"), "price(): argument 1: invalid type: integer `5`, expected a string");
    assert!(message("price(item='a')").contains("unexpected keyword argument 'item'"));
    assert!(message("price(object)").contains("converts to no Rust type but Value"));
    assert_eq!(py.eval::<u128>("object()").unwrap(), u128::MAX);
    let error = py.exec("x = []; x.append(x); price(x)").unwrap_err();
    assert!(matches!(&error, Error::Conversion(_)), "{error:?}");
    assert!(error.to_string().contains("contains itself"), "{error}");
}

#[test]
fn a_panic_is_a_runtime_error_and_the_session_goes_on() {
    let mut py = build(
        Python::builder()
            .function("plain", |text: String| -> Result<(), String> { panic!("it broke: {text}") })
            .function_with_caller("called", |_: &Caller| -> Result<(), String> { panic!("too") }),
    );
    let mut raised = |source: &str| exception(py.exec(source).unwrap_err());
    let message = "the host's code panicked: it broke: x";
    assert_eq!(raised("plain('x')"), ("RuntimeError".into(), message.into()));
    assert_eq!(raised("called()"), ("RuntimeError".into(), "the host's code panicked: too".into()));
    assert_eq!(py.eval::<i64>("1 + 1").unwrap(), 2);
}

#[test]
fn a_function_calls_what_it_was_given_and_what_it_knows_by_name() {
    let mut py = build(
        Python::builder()
            .function_with_caller("each", |python: &Caller, f: Callable, items: Vec<i64>| {
                items.into_iter().map(|item| python.call(&f, item)).collect::<Result<Vec<i64>, Error>>()
            })
            .function_with_caller("named", |python: &Caller, name: String| {
                python.call_name::<String>(&name, ("a", 2))
            })
            .function_with_caller("both", |python: &Caller, f: Callable, g: Callable| {
                Ok::<_, Error>((python.call::<i64>(&f, ())?, python.call::<i64>(&g, ())?))
            }),
    );
    assert_eq!(py.repr("each(lambda x: x * 10, [1, 2, 3])").unwrap(), "[10, 20, 30]");
    assert_eq!(py.repr("each(int, [4])").unwrap(), "[4]");
    py.exec("class T:\n  def m(s, n): return s * n\nt = T()\nt.m = lambda s, n: s * n").unwrap();
    assert_eq!(py.repr("named('t.m')").unwrap(), "'aa'");
    assert_eq!(py.repr("both(lambda: 1, lambda: 2)").unwrap(), "(1, 2)");
    let (kind, message) = exception(py.exec("each(5, [1])").unwrap_err());
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("TypeError", "each(): argument 1: a int cannot be called back")
    );
    assert!(
        py.exec("named('nope')").unwrap_err().to_string().contains("NameError: name 'nope' is not defined")
    );
}

#[test]
fn functions_call_each_other_through_python_to_a_bound() {
    let mut py =
        build(Python::builder().function_with_caller("down", |python: &Caller, f: Callable, depth: i64| {
            python.call::<i64>(&f, depth)
        }));
    py.exec("def step(n): return 0 if n == 0 else 1 + down(step, n - 1)").unwrap();
    assert_eq!(py.eval::<i64>("step(40)").unwrap(), 40);
    let text = py.exec("step(100)").unwrap_err().to_string();
    assert!(text.contains("RecursionError: more than 64 functions of the host are under way"), "{text}");
    assert_eq!(py.eval::<i64>("step(40)").unwrap(), 40);
}

#[test]
fn an_exception_in_a_callback_is_an_error_for_the_function_and_passes_or_is_the_cause_of_its_own() {
    let mut py = build(
        Python::builder()
            .function_with_caller("pass_on", |python: &Caller, f: Callable| python.call::<Value>(&f, ()))
            .function_with_caller("fail", |python: &Caller, f: Callable| {
                python.call::<Value>(&f, ()).map_err(|_| "it did not work")
            })
            .function_with_caller("recover", |python: &Caller, f: Callable| {
                let error = python.call::<Value>(&f, ()).unwrap_err();
                Ok::<_, String>(error.is_exception("ZeroDivisionError"))
            }),
    );
    let (kind, message) = exception(py.exec("pass_on(lambda: 1 / 0)").unwrap_err());
    assert_eq!((kind.as_str(), message.as_str()), ("ZeroDivisionError", "division by zero"));
    let error = py.exec("fail(lambda: 1 / 0)").unwrap_err();
    let Error::Exception { type_name, message, cause: Some(cause), .. } = &error else { panic!("{error:?}") };
    assert_eq!((type_name.as_str(), message.as_str()), ("host.Error", "it did not work"));
    assert!(cause.is_exception("ZeroDivisionError"));
    assert!(py.eval::<bool>("recover(lambda: 1 / 0)").unwrap());
}

#[test]
fn an_exit_in_a_callback_ends_the_program_whatever_the_function_makes_of_it() {
    let mut py = build(Python::builder().function_with_caller("ignore", |python: &Caller, f: Callable| {
        let _any = python.call::<Value>(&f, ());
        Ok::<_, String>("all is well")
    }));
    assert!(matches!(py.exec("import sys; ignore(lambda: sys.exit(3))"), Err(Error::Exit(3))));
    assert_eq!(py.eval::<i64>("1 + 1").unwrap(), 2);
}

#[test]
fn a_function_sees_the_deadline_and_python_does_not_wait_past_it() {
    let limits = Limits::default().timeout(Duration::from_millis(300));
    let stopped = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&stopped);
    let mut py =
        build(Python::builder().limits(limits).function_with_caller("wait", move |python: &Caller| {
            assert!(python.deadline().is_some_and(|deadline| deadline > Instant::now()));
            while !python.is_stopping() {
                std::thread::yield_now();
            }
            seen.store(1, Ordering::SeqCst);
            Ok::<_, String>(())
        }));
    py.exec("x = 1").unwrap();
    assert!(matches!(py.exec("wait()"), Err(Error::Timeout)));
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
    // It has stopped by itself, or does so now.
    let begun = Instant::now();
    while stopped.load(Ordering::SeqCst) == 0 && begun.elapsed() < Duration::from_mins(1) {
        std::thread::yield_now();
    }
    assert_eq!(stopped.load(Ordering::SeqCst), 1);
}

#[test]
fn an_interrupt_ends_the_wait_for_a_function() {
    let barrier = Arc::new(Barrier::new(2));
    let reached = Arc::clone(&barrier);
    let mut py = build(Python::builder().function_with_caller("wait", move |python: &Caller| {
        reached.wait();
        while !python.is_stopping() {
            std::thread::yield_now();
        }
        // Nobody takes this any more.
        std::thread::park_timeout(Duration::from_millis(50));
        Ok::<_, String>(())
    }));
    let stop = py.interrupt_handle();
    let thread = std::thread::spawn(move || {
        barrier.wait();
        stop.interrupt();
    });
    assert!(matches!(py.exec("x = 5\nwait()"), Err(Error::Interrupted)));
    thread.join().unwrap();
    assert_eq!(py.get::<i64>("x").unwrap(), 5);
}

#[test]
fn python_is_stopped_in_a_callback_as_anywhere() {
    let limits = Limits::default().fuel(20_000_000);
    let mut py = build(
        Python::builder()
            .limits(limits)
            .function_with_caller("run", |python: &Caller, f: Callable| python.call::<Value>(&f, ())),
    );
    py.exec("x = 1\ndef loop():\n  while True: pass").unwrap();
    assert!(matches!(py.exec("run(loop)"), Err(Error::OutOfFuel)));
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
}

#[test]
fn awaited_functions_run_at_once() {
    let meeting = Arc::new(Barrier::new(3));
    let mut py = build(
        Python::builder()
            .async_function("meet", move |name: String| {
                // All three must be here before one goes on.
                meeting.wait();
                Ok::<_, String>(name.to_uppercase())
            })
            .async_function("fail", || Err::<(), _>("no")),
    );
    let source = "
import asyncio
async def main():
    return await asyncio.gather(meet('a'), meet('b'), meet('c'))
result = asyncio.run(main())
async def failing():
    try:
        await fail()
    except Error as error:
        return repr(error)
error = asyncio.run(failing())";
    py.exec(source).unwrap();
    assert_eq!(py.get::<Vec<String>>("result").unwrap(), ["A", "B", "C"]);
    assert_eq!(py.get::<String>("error").unwrap(), "Error('no')");
    assert!(py.eval::<bool>("asyncio.iscoroutinefunction(meet)").unwrap());
}

#[test]
fn time_in_functions_is_told_apart() {
    let mut py = build(Python::builder().function("work", || {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(20) {}
        Ok::<_, String>(())
    }));
    let stats = py.exec("work()").unwrap().stats;
    assert!(stats.host >= Duration::from_millis(20) && stats.host <= stats.wall, "{stats:?}");
    assert_eq!(py.exec("pass").unwrap().stats.host, Duration::ZERO);
}

#[test]
fn without_functions_there_is_no_module_and_a_wrong_name_is_refused() {
    let mut py = Python::builder().build().unwrap();
    assert!(py.exec("import host").unwrap_err().is_exception("ModuleNotFoundError"));
    for name in ["", "1x", "a b", "a.b", "__import__", "Error", "naïve"] {
        let error = Python::builder().function(name, || Ok::<_, String>(())).build().unwrap_err();
        assert!(
            matches!(&error, Error::Config { message, .. } if message.contains(name)),
            "{name}: {error:?}"
        );
    }
}

#[test]
fn messages_that_the_program_forges_are_refused() {
    let mut py = build(Python::builder().function("f", || Ok::<_, String>(1)));
    let forged = "
import marshal, _python_wasm_host as h
for message in [(), ('call',), ('call', 5), ('call', 'f'), ('call', 'f', 5, {}), ('resume', 7, ('value', 1)),
                ('wait', 7), ('resume', 'f', 1), ('what', 1), 5, ('call', 'f', (), [])]:
    try:
        h.function(marshal.dumps(message, 2))
    except RuntimeError as error:
        continue
    raise AssertionError(message)
for garbage in [b'', b'(', b'xx', bytes(100)]:
    try:
        h.function(garbage)
    except RuntimeError:
        continue
    raise AssertionError(garbage)
answer = marshal.loads(h.function(marshal.dumps(('call', 'g', (), {}), 2)))
abandoned = marshal.loads(h.function(marshal.dumps(('abandon', 99), 2)))";
    py.exec(forged).unwrap();
    assert_eq!(py.repr("answer").unwrap(), "('error', 'NameError', 'the host has no function g')");
    assert_eq!(py.repr("abandoned").unwrap(), "('value', None)");
    assert_eq!(py.eval::<i64>("f()").unwrap(), 1);
}
