"""Tasks that run in sandboxes."""

from __future__ import annotations

import time
from concurrent.futures import Future, as_completed, wait
from functools import partial
from typing import Any

import pytest

import python_wasm as pw


def square(x: int) -> int:
    return x * x


def uses_json(value: Any) -> str:
    return json.dumps(value)  # type: ignore[name-defined, no-any-return]  # noqa: F821


def endless() -> None:
    while True:
        pass


def test_functions_and_source_are_tasks() -> None:
    with pw.SandboxExecutor(max_workers=2) as executor:
        assert list(executor.map(square, range(5))) == [0, 1, 4, 9, 16]
        future: Future[int] = executor.submit(square, x=3)
        assert future.result() == 9
        out = executor.submit("print('hi'); 1 + 1").result()
        assert (out.stdout, out.value) == ("hi\n", 2)
        done, _ = wait([executor.submit(square, n) for n in range(3)])
        assert sorted(each.result() for each in done) == [0, 1, 4]


def test_tasks_begin_in_the_prepared_state_with_its_limits() -> None:
    with pw.Sandbox(timeout=4) as sb:
        sb.exec("import json; seen = 0")
        prepared = sb.snapshot()
    with pw.SandboxExecutor(2, prepared=prepared) as executor:
        assert executor.submit(uses_json, [1, None]).result() == "[1, null]"
        assert [f.result().value for f in as_completed([executor.submit("seen += 1; seen") for _ in range(4)])] == [1] * 4
        started = time.monotonic()
        with pytest.raises(pw.Timeout):
            executor.submit(endless).result()
        assert time.monotonic() - started < 40
        with pytest.raises(pw.PythonError, match="NameError"):
            executor.submit("missing").result()
        with pytest.raises(pw.PythonError) as caught:
            executor.submit(uses_json, {1}).result()
        assert caught.value.frames[0].line == uses_json.__code__.co_firstlineno + 1


def test_what_cannot_be_sent_is_refused_at_once() -> None:
    around = 3

    def closure() -> int:
        return around

    class Class:
        def method(self) -> None:
            pass

    made: dict[str, Any] = {}
    exec("def without_source(): pass", made)
    with pw.SandboxExecutor(1) as executor:
        refused: list[Any] = [closure, lambda: 1, Class().method, Class, partial(square, 1), print, 3]
        for wrong in [*refused, made["without_source"]]:
            with pytest.raises(ValueError, match="sent to a sandbox"):
                executor.submit(wrong)
        with pytest.raises(TypeError):
            executor.submit("1", 2)  # type: ignore[call-overload]
        with pytest.raises(TypeError):
            executor.submit(square, object()).result()  # type: ignore[call-overload]
    with pytest.raises(RuntimeError):
        executor.submit("1")
    with pytest.raises(TypeError):
        pw.SandboxExecutor(1, prepared=b"")  # type: ignore[arg-type]
