//! Calls that are awaited and functions of the host that are futures, on each kind of runtime and each engine.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use python_wasm::{Engine, Error, Limits, Python, PythonBuilder, Raise, Report};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Barrier, Notify};

const ENGINES: &[Engine] =
    if cfg!(feature = "native") { &[Engine::Wasmi, Engine::Native] } else { &[Engine::Wasmi] };

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

/// Runs a test on each runtime with each engine.
fn everywhere(test: impl AsyncFn(Engine)) {
    for &engine in ENGINES {
        for runtime in [current_thread(), multi_thread()] {
            runtime.block_on(test(engine));
        }
    }
}

/// Builds a sandbox that has imported everything and knows `x`.
async fn build(builder: PythonBuilder) -> Python {
    let mut py = builder.build().unwrap();
    py.exec_async("import asyncio\nfrom host import *\nx = 1").await.unwrap();
    py
}

/// Tells of each future that is dropped before it has ended, as the future itself holds it.
struct Dropped(Arc<Notify>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// A builder with `begun`, which tells of its call, and the future `never`, which tells of its call and of its end.
fn with_signals(engine: Engine) -> (PythonBuilder, Arc<Notify>, Arc<Notify>) {
    let (begun, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, awaited, end) = (Arc::clone(&begun), Arc::clone(&begun), Arc::clone(&dropped));
    let builder = Python::builder()
        .engine(engine)
        .function("begun", move || {
            tell.notify_one();
            Ok::<_, String>(())
        })
        .future("never", move || {
            let dropped = Dropped(Arc::clone(&end));
            awaited.notify_one();
            async move {
                let _dropped = dropped;
                std::future::pending::<Result<(), String>>().await
            }
        });
    (builder, begun, dropped)
}

#[test]
fn calls_return_what_those_return_that_are_not_awaited() {
    everywhere(async |engine| {
        let mut py = Python::builder().engine(engine).build().unwrap();
        py.init_async().await.unwrap();
        let output = py.exec_async("x = 40\nprint('hi')\ndef add(a, b): return a + b").await.unwrap();
        assert_eq!(output.stdout, "hi\n");
        assert_eq!(py.eval_async::<i64>("x + 2").await.unwrap(), 42);
        assert_eq!(py.call_async::<i64>("add", (1, 2)).await.unwrap(), 3);
        assert!(py.exec_async("1 / 0").await.unwrap_err().is_exception("ZeroDivisionError"));
        py.files("/tmp").write("a.py", b"print('file')").unwrap();
        assert_eq!(py.run_file_async("/tmp/a.py").await.unwrap().stdout, "file\n");
        let Report { output, error, .. } = py.exec_report_async("print('so far')\nraise SystemExit(3)").await;
        assert_eq!(output.stdout, "so far\n");
        assert!(matches!(error, Some(Error::Exit(3))));
        assert_eq!(py.eval::<i64>("x").unwrap(), 40, "a call that is not awaited goes on from there");
    });
}

#[test]
fn a_call_may_move_between_the_threads_of_a_runtime() {
    let runtime = multi_thread();
    let mut py = Python::builder().build().unwrap();
    let task = runtime.spawn(async move { py.eval_async::<String>("'moved'").await.unwrap() });
    assert_eq!(runtime.block_on(task).unwrap(), "moved");
}

#[test]
fn a_hundred_futures_are_under_way_at_once_and_take_no_thread() {
    everywhere(async |engine| {
        let (barrier, threads) = (Arc::new(Barrier::new(100)), Arc::new(Mutex::new(Vec::new())));
        let seen = Arc::clone(&threads);
        let builder = Python::builder().engine(engine).future("meet", move |number: i64| {
            let (barrier, seen) = (Arc::clone(&barrier), Arc::clone(&seen));
            async move {
                // Nobody goes on before all have come.
                barrier.wait().await;
                seen.lock().unwrap().push(thread::current().id());
                Ok::<_, String>(number * 2)
            }
        });
        let mut py = build(builder).await;
        py.exec_async("found = await asyncio.gather(*(meet(number) for number in range(100)))")
            .await
            .unwrap();
        let expected: Vec<i64> = (0..100).map(|number| number * 2).collect();
        assert_eq!(py.eval_async::<Vec<i64>>("found").await.unwrap(), expected);
        let mut threads = threads.lock().unwrap().clone();
        threads.sort_by_key(|thread| format!("{thread:?}"));
        threads.dedup();
        assert!(threads.len() <= 3, "{threads:?}");
    });
}

#[test]
fn a_future_that_python_no_longer_awaits_is_dropped() {
    everywhere(async |engine| {
        let (builder, _, dropped) = with_signals(engine);
        let mut py = build(builder).await;
        for source in [
            "asyncio.run(asyncio.wait_for(never(), 0.05))",
            "
async def main():
    task = asyncio.create_task(never())
    await asyncio.sleep(0.01)
    task.cancel()
    await task
asyncio.run(main())",
            "
c = never()
c.send(None)
c.close()
raise TimeoutError",
            "
loop = asyncio.new_event_loop()
task = loop.create_task(never())
loop.run_until_complete(asyncio.sleep(0.01))
raise TimeoutError",
        ] {
            let error = py.exec_async(source).await.unwrap_err();
            let is_expected =
                error.is_exception("TimeoutError") || error.is_exception("asyncio.exceptions.CancelledError");
            assert!(is_expected, "{source}: {error:?}");
            dropped.notified().await;
        }
    });
}

#[test]
fn a_call_whose_future_is_dropped_ends_wherever_it_is() {
    everywhere(async |engine| {
        let (builder, begun, dropped) = with_signals(engine);
        let mut py = build(builder).await;
        for source in [
            "begun()\nwhile True: pass",
            "import time\nbegun()\ntime.sleep(1000)",
            "asyncio.run(never())",
            "await asyncio.gather(never(), asyncio.sleep(1000))",
            "begun()\n9 ** 9 ** 8",
        ] {
            tokio::select! {
                ended = py.exec_async(source) => panic!("{source}: {ended:?}"),
                () = begun.notified() => {}
            }
            assert_eq!(py.eval_async::<i64>("x").await.unwrap(), 1, "{source}");
            if source.contains("never") {
                dropped.notified().await;
            }
        }
        // A call that is not awaited waits likewise.
        tokio::select! {
            ended = py.exec_async("begun()\nwhile True: pass") => panic!("{ended:?}"),
            () = begun.notified() => {}
        }
        assert!(py.is_usable());
        assert_eq!(py.eval::<i64>("x").unwrap(), 1);
    });
}

#[test]
fn a_program_that_goes_on_after_its_call_was_dropped_is_stopped_and_says_so() {
    everywhere(async |engine| {
        let (builder, begun, _) = with_signals(engine);
        let mut py = build(builder).await;
        let before = py.snapshot().unwrap();
        let deaf = "while True:\n  try:\n    begun()\n    while True: pass\n  except BaseException: pass";
        tokio::select! {
            ended = py.exec_async(deaf) => panic!("{ended:?}"),
            () = begun.notified() => {}
        }
        let error = py.eval_async::<i64>("x").await.unwrap_err();
        assert!(matches!(&error, Error::Unusable(why) if why.contains("dropped")), "{error:?}");
        py.restore(&before).unwrap();
        assert_eq!(py.eval_async::<i64>("x").await.unwrap(), 1);
    });
}

#[test]
fn a_call_that_is_dropped_at_any_moment_leaves_a_session() {
    everywhere(async |engine| {
        let mut py = Python::builder().engine(engine).build().unwrap();
        py.exec_async("x = 0").await.unwrap();
        for round in 0..50 {
            let call = py.exec_async("x += 1");
            if round % 3 == 0 {
                drop(call);
            } else {
                // Polled once at least.
                let _either_way = tokio::time::timeout(Duration::from_micros(round * 20), call).await;
            }
        }
        let x = py.eval_async::<u64>("x").await.unwrap();
        assert!(x <= 33, "{x}");
    });
}

#[test]
fn a_first_call_that_is_dropped_leaves_a_python_that_starts_later() {
    everywhere(async |engine| {
        let mut py = Python::builder().engine(engine).build().unwrap();
        let _too_early = tokio::time::timeout(Duration::ZERO, py.exec_async("x = 1")).await;
        py.exec_async("y = 2").await.unwrap();
        assert_eq!(py.eval_async::<i64>("y").await.unwrap(), 2);
    });
}

#[test]
fn a_panic_in_a_function_is_an_exception() {
    everywhere(async |engine| {
        let builder = Python::builder()
            .engine(engine)
            .future("early", |fails: bool| {
                assert!(!fails, "before the future");
                async { Ok::<_, String>(1) }
            })
            .future("late", |fails: bool| async move {
                tokio::task::yield_now().await;
                assert!(!fails, "in the future");
                Ok::<_, String>(2)
            });
        let mut py = build(builder).await;
        for (name, message, value) in [("early", "before the future", 1), ("late", "in the future", 2)] {
            let error = py.exec_async(&format!("asyncio.run({name}(True))")).await.unwrap_err();
            assert!(error.is_exception("RuntimeError"), "{error}");
            assert!(error.to_string().contains(&format!("the host's code panicked: {message}")), "{error}");
            assert_eq!(py.eval_async::<i64>(&format!("asyncio.run({name}(False))")).await.unwrap(), value);
        }
    });
}

#[test]
fn errors_and_arguments_are_those_of_other_functions() {
    everywhere(async |engine| {
        let builder = Python::builder()
            .engine(engine)
            .future("price", |item: String| async move {
                if item == "apple" { Ok(1.5) } else { Err(Raise::new("KeyError", item)) }
            })
            .future("fail", || async { Err::<(), _>("no luck") });
        let mut py = build(builder).await;
        for (source, exception) in [
            ("asyncio.run(price('house'))", "KeyError"),
            ("asyncio.run(price(1))", "TypeError"),
            ("asyncio.run(price())", "TypeError"),
            ("asyncio.run(fail())", "host.Error"),
        ] {
            let error = py.exec_async(source).await.unwrap_err();
            assert!(error.is_exception(exception), "{source}: {error}");
        }
    });
}

#[test]
fn limits_count_futures_as_other_functions() {
    everywhere(async |engine| {
        let (builder, _, dropped) = with_signals(engine);
        let limits = Limits::default().host_calls(3).host_time(Duration::from_millis(200));
        let builder = builder.future("quick", || async { Ok::<_, String>(()) });
        let mut py = build(builder.limits(limits)).await;
        let four = "async def main():\n  for _ in range(4): await quick()\nasyncio.run(main())";
        let error = py.exec_async(four).await.unwrap_err();
        assert!(error.is_exception("host.Error") && error.to_string().contains("3 times"), "{error}");
        let error = py.exec_async("asyncio.run(never())").await.unwrap_err();
        assert!(error.is_exception("host.Error") && error.to_string().contains("0.2 s"), "{error}");
        dropped.notified().await;
    });
}

#[test]
fn an_interpreter_has_so_many_futures_and_no_more() {
    current_thread().block_on(async {
        let (builder, _, _) = with_signals(Engine::default());
        let mut py = build(builder).await;
        let source = "
async def main(count):
    tasks = [asyncio.create_task(never()) for _ in range(count)]
    done, _ = await asyncio.wait(tasks, timeout=0.2)
    return [str(task.exception()) for task in done]";
        py.exec_async(source).await.unwrap();
        let refused: Vec<String> = py.eval_async("asyncio.run(main(1025))").await.unwrap();
        assert_eq!(refused, ["1024 functions of the host that are futures have not ended"]);
    });
}

#[test]
fn sandboxes_from_a_snapshot_have_its_futures_and_their_own() {
    everywhere(async |engine| {
        let builder = Python::builder().engine(engine).future("who", || async { Ok::<_, String>("first") });
        let mut py = build(builder).await;
        let snapshot = py.snapshot().unwrap();
        let mut same = snapshot.spawn().unwrap();
        assert_eq!(same.eval_async::<String>("asyncio.run(who())").await.unwrap(), "first");
        let other = snapshot.builder().future("who", || async { Ok::<_, String>("second") });
        let mut other = other.spawn().unwrap();
        other.exec_async("from host import who").await.unwrap();
        assert_eq!(other.eval_async::<String>("asyncio.run(who())").await.unwrap(), "second");
    });
}

#[test]
fn a_future_without_a_runtime_is_refused_when_the_sandbox_is_built() {
    let builder = || Python::builder().future("f", || async { Ok::<_, String>(1) });
    let Err(Error::Config { message, .. }) = builder().build() else { panic!("it was built") };
    assert!(message.contains("\"f\" is a future") && message.contains("PythonBuilder::runtime"), "{message}");
    let mut plain = Python::builder().build().unwrap();
    let from_snapshot = plain.snapshot().unwrap().builder().future("f", || async { Ok::<_, String>(1) });
    assert!(matches!(from_snapshot.spawn(), Err(Error::Config { .. })));
    // With one, calls need not be awaited.
    let runtime = multi_thread();
    let mut py = builder().runtime(runtime.handle().clone()).build().unwrap();
    assert_eq!(py.exec_value("import asyncio, host\nasyncio.run(host.f())").unwrap().1, 1.into());
}

#[test]
fn a_call_that_is_not_awaited_may_be_made_in_a_task_of_a_runtime_with_other_threads() {
    let runtime = multi_thread();
    let task = runtime.spawn(async {
        let builder = Python::builder().future("f", || async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Ok::<_, String>(1)
        });
        let mut py = builder.build().unwrap();
        py.exec_value("import asyncio, host\nasyncio.run(host.f())").unwrap().1
    });
    assert_eq!(runtime.block_on(task).unwrap(), 1.into());
}

#[test]
fn a_call_that_keeps_the_runtimes_only_thread_waiting_is_told_so() {
    current_thread().block_on(async {
        let mut py = build(Python::builder().future("f", || async { Ok::<_, String>(1) })).await;
        let error = py.exec("asyncio.run(f())").unwrap_err();
        assert!(error.is_exception("RuntimeError") && error.to_string().contains("exec_async"), "{error}");
        assert_eq!(py.eval_async::<i64>("asyncio.run(f())").await.unwrap(), 1);
    });
}

#[test]
fn the_end_of_a_runtime_ends_its_functions() {
    for &engine in ENGINES {
        let runtime = multi_thread();
        let (builder, begun, _) = with_signals(engine);
        let mut py = runtime.block_on(build(builder.runtime(runtime.handle().clone())));
        let waiting = thread::spawn(move || {
            let ended = py.exec("asyncio.run(never())").unwrap_err();
            (py, ended)
        });
        runtime.block_on(begun.notified());
        runtime.shutdown_background();
        let (mut py, ended) = waiting.join().unwrap();
        for error in [ended, py.exec("asyncio.run(never())").unwrap_err()] {
            assert!(error.is_exception("RuntimeError") && error.to_string().contains("tokio"), "{error}");
        }
        assert_eq!(py.eval::<i64>("x").unwrap(), 1);
    }
}

#[test]
fn the_end_of_a_runtime_ends_the_calls_that_its_tasks_await() {
    for &engine in ENGINES {
        for runtime in [current_thread(), multi_thread()] {
            let (builder, begun, _) = with_signals(engine);
            let mut py = runtime.block_on(build(builder));
            let handle = py.interrupt_handle();
            runtime.spawn(async move { py.exec_async("asyncio.run(never())").await });
            runtime.block_on(begun.notified());
            drop(runtime);
            // The sandbox is gone, or ends on its own.
            handle.interrupt();
        }
    }
}
