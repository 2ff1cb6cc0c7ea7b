"""Threads, signals, forks of the process, and its end."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

import pytest

import python_wasm as pw

Script = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_gil_is_free_while_the_code_runs() -> None:
    counted = 0
    ended = threading.Event()

    def count() -> None:
        nonlocal counted
        while not ended.is_set():
            counted += 1
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    with pw.Sandbox(timeout=1) as sb:
        counter.start()
        with pytest.raises(pw.Timeout):
            sb.exec("while True: pass")
    ended.set()
    counter.join()
    assert counted > 50


def test_another_thread_interrupts() -> None:
    with pw.Sandbox() as sb:
        threading.Timer(0.3, sb.interrupt).start()
        with pytest.raises(pw.Interrupted) as caught:
            sb.exec("x = 1\nwhile True: pass")
        assert caught.value.usable
        assert sb["x"] == 1
        threading.Timer(0.3, sb.terminate).start()
        with pytest.raises(pw.Interrupted):
            sb.exec("import time; time.sleep(60)")
        assert not sb.usable


def test_a_sandbox_moves_between_threads_and_serves_one_at_a_time(sb: pw.Sandbox) -> None:
    results: list[object] = []

    def use(number: int) -> None:
        try:
            results.append(sb.exec(f"import time; time.sleep(0.5); {number}").value)
        except pw.SandboxError as error:
            results.append(str(error))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(result, int) for result in results) == 1
    assert sum("in use by another call" in str(result) for result in results) == 2
    assert sb.eval("1") == 1


def test_ctrl_c_stops_the_code_and_the_session_lives(script: Script) -> None:
    done = script(
        """
        import os, signal, threading, time
        import python_wasm as pw
        sb = pw.Sandbox(timeout=60)
        for source in ("x = 1\\nwhile True: pass", "import time; time.sleep(60)"):
            threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
            started = time.monotonic()
            try:
                sb.exec(source)
            except KeyboardInterrupt:
                print("stopped", time.monotonic() - started < 15, sb["x"])
        """
    )
    assert (done.stdout, done.stderr) == ("stopped True 1\n" * 2, "")


def test_code_that_ignores_ctrl_c_is_ended(script: Script) -> None:
    done = script(
        """
        import os, signal, threading
        import python_wasm as pw
        sb = pw.Sandbox(timeout=60)
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            sb.exec("while True:\\n    try:\\n        while True: pass\\n    except BaseException: pass")
        except KeyboardInterrupt:
            print("stopped", sb.usable)
        """
    )
    assert (done.stdout, done.stderr) == ("stopped False\n", "")


def test_other_signals_are_handled_meanwhile(script: Script) -> None:
    done = script(
        """
        import os, signal, threading
        import python_wasm as pw
        class Alarm(Exception): pass
        def raising(*_): raise Alarm
        signal.signal(signal.SIGUSR1, lambda *_: print("handled"))
        signal.signal(signal.SIGALRM, raising)
        sb = pw.Sandbox(timeout=60)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        print(sb.exec("import time; time.sleep(1); 'slept'").value)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        try:
            sb.exec("while True: pass")
        except Alarm:
            print("alarm", sb.usable)
        """
    )
    assert (done.stdout, done.stderr) == ("handled\nslept\nalarm True\n", "")


def test_a_fork_of_the_process_uses_its_own_copy(script: Script) -> None:
    done = script(
        """
        import os, warnings
        warnings.simplefilter("ignore")
        import python_wasm as pw
        sb = pw.Sandbox(tools=[pw.tool(name="pid")(os.getpid)])
        sb.exec("import host; x = [1]")
        snapshot = sb.snapshot()
        pool = pw.Pool(snapshot, 2)
        child = os.fork()
        if child == 0:
            sb.exec("x.append(2)")
            assert sb["x"] == [1, 2] and sb.eval("host.pid()") == os.getpid()
            assert snapshot.spawn()["x"] == [1]
            assert pw.Sandbox().eval("6 * 7") == 42
            try:
                pool.checkout()
            except pw.SandboxError as error:
                assert "forked" in str(error)
            pool.close()
            print("child", flush=True)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert sb["x"] == [1]
        assert pool.checkout()["x"] == [1]
        print("parent")
        """
    )
    assert (done.stdout, done.stderr) == ("child\nparent\n", "")


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "threading.Thread(target=sb.exec, args=('while True: pass',), daemon=True).start(); time.sleep(0.5)",
        "pool = pw.Pool(sb.snapshot(), 2); out = pool.checkout()",
        "executor = pw.SandboxExecutor(2, sb.snapshot()); executor.submit('1').result()",
        "import asyncio; loop = asyncio.new_event_loop(); task = loop.create_task(sb.exec_async('while True: pass'));"
        "loop.run_until_complete(asyncio.sleep(0.5)); os._exit = None; task.cancel() or None",
        "raise SystemExit",
    ],
)
def test_the_process_ends_with_live_sandboxes(script: Script, rest: str) -> None:
    started = time.monotonic()
    done = script(
        "import atexit, os, threading, time\nimport python_wasm as pw\n"
        f"sb = pw.Sandbox(timeout=100, tools=[pw.tool(name='f')(lambda: 1)], stdout=print)\nsb.exec('x = 1')\n{rest}\n"
    )
    assert done.returncode == 0, done.stderr
    assert "panicked" not in done.stderr
    assert time.monotonic() - started < 60


def test_no_call_begins_at_the_end_of_the_process(script: Script) -> None:
    done = script(
        """
        import atexit
        def late():
            try:
                sb.exec("1")
            except RuntimeError as error:
                print(error)
        atexit.register(late)
        import python_wasm as pw
        sb = pw.Sandbox()
        sb.exec("1")
        """
    )
    assert "shuts down" in done.stdout


def test_a_thousand_sandboxes_come_and_go_and_leave_nothing(script: Script) -> None:
    done = script(
        """
        import gc, os
        import python_wasm as pw

        def resident():
            return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

        def descriptors():
            return len(os.listdir("/proc/self/fd"))

        def round(count):
            for number in range(count):
                with pw.Sandbox(tools=[pw.tool(name="f")(lambda: number)], stdout=lambda line: None) as sb:
                    assert sb.exec("import host; print('x'); host.f()").value == number
                    child = sb.fork()
                    try:
                        child.exec("1 / 0")
                    except pw.PythonError:
                        pass
            gc.collect()

        round(50)
        before = resident(), descriptors()
        round(150)
        snapshot = pw.Sandbox().snapshot()
        for number in range(1000):
            with snapshot.spawn() as sb:
                assert sb.eval(str(number)) == number
        gc.collect()
        after = resident(), descriptors()
        print(after[0] - before[0] < 20 << 20, after[1] - before[1])
        """,
        timeout=600,
    )
    if "No such file" in done.stderr:
        pytest.skip("this system has no /proc")
    assert (done.stdout, done.stderr) == ("True 0\n", "")


def test_a_free_threaded_build_is_refused(script: Script) -> None:
    done = script(
        """
        import sysconfig
        own = sysconfig.get_config_var
        sysconfig.get_config_var = lambda name: 1 if name == "Py_GIL_DISABLED" else own(name)
        try:
            import python_wasm
        except ImportError as error:
            print(error)
        """
    )
    assert "free-threaded" in done.stdout
