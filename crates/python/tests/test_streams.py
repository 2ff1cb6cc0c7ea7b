"""Output that is passed on while the code runs."""

from __future__ import annotations

import io
import sys
import threading
import time

import pytest

import python_wasm as pw


def test_a_function_gets_each_line_without_its_end() -> None:
    lines: list[str] = []
    errors: list[str] = []
    with pw.Sandbox(stdout=lines.append, stderr=errors.append) as sb:
        out = sb.exec("import sys\nprint('one\\ntwo')\nprint('three', end='')\nprint('e', file=sys.stderr)")
        assert lines == ["one", "two", "three"]
        assert errors == ["e"]
        assert (out.stdout, out.stderr) == ("one\ntwo\nthree", "e\n")
        sb.exec("print()\nprint('é' * 3, flush=True)\nsys.stdout.buffer.write(b'\\xff\\n')")
        assert lines[3:] == ["", "ééé", "\ufffd"]


def test_an_object_with_write_gets_the_text() -> None:
    target = io.StringIO()
    with pw.Sandbox(stdout=target) as sb:
        sb.exec("print('one'); print('two', end='')")
        sb.eval("print('three')")
    assert target.getvalue() == "one\ntwothree\n"


def test_output_arrives_while_the_code_runs() -> None:
    times: list[float] = []
    with pw.Sandbox(stdout=lambda line: times.append(time.monotonic()), env={"PYTHONUNBUFFERED": "1"}) as sb:
        sb.exec("import time\nprint('a'); time.sleep(0.3); print('b')")
    assert times[1] - times[0] > 0.2


def test_a_receiver_runs_on_the_thread_that_called() -> None:
    threads: list[threading.Thread] = []
    with pw.Sandbox(stdout=lambda line: threads.append(threading.current_thread())) as sb:
        sb.exec("print('x')")
        other = threading.Thread(target=sb.exec, args=("print('y')",))
        other.start()
        other.join()
    assert threads == [threading.main_thread(), other]


def test_an_exception_of_a_receiver_stops_the_code_and_is_raised() -> None:
    class Broken(Exception):
        pass

    def receive(line: str) -> None:
        raise Broken(line)

    with pw.Sandbox(stdout=receive, timeout=30, env={"PYTHONUNBUFFERED": "1"}) as sb:
        started = time.monotonic()
        with pytest.raises(Broken, match="first"):
            sb.exec("print('first')\nwhile True: pass")
        assert time.monotonic() - started < 10


def test_a_long_line_is_gathered_in_linear_time() -> None:
    lines: list[str] = []
    with pw.Sandbox(stdout=lines.append) as sb:
        sb.exec("import sys\nfor _ in range(2000): sys.stdout.write('x' * 1000)\nprint()")
    assert lines == ["x" * 2_000_000]


def test_standard_streams_of_the_host_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    with pw.Sandbox(stdout=sys.stdout, stderr=sys.stderr) as sb:
        sb.exec("import sys\nprint('to stdout'); print('to stderr', file=sys.stderr)")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("to stdout\n", "to stderr\n")


def test_standard_input_is_read() -> None:
    with pw.Sandbox(stdin="one\ntwo\n") as sb:
        assert sb.exec("input(), input()").value == ("one", "two")
        with pytest.raises(pw.PythonError, match="EOFError"):
            sb.exec("input()")
