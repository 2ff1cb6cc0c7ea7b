"""Functions of the host that code in a sandbox calls."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from typing import Any, Literal, Optional

import pytest

import python_wasm as pw


@pw.tool
def search(query: str, limit: int = 10) -> list[str]:
    """Searches the catalogue.

    Best matches first.
    """
    return [f"{query} {n}" for n in range(limit)]


def test_a_tool_is_called_by_position_and_by_name() -> None:
    with pw.Sandbox(tools=[search]) as sb:
        sb.exec("from host import search")
        assert sb.eval("search('pear', 2)") == ["pear 0", "pear 1"]
        assert sb.eval("search(limit=1, query='pear')") == ["pear 0"]
        assert len(sb.eval("search('pear')")) == 10
    assert search("x", 1) == ["x 0"]


def test_the_code_sees_signature_and_docstring() -> None:
    def default(x: object = object(), *rest: int, flag: "bool" = False, **more: str) -> None:
        pass

    with pw.Sandbox(tools=[search, default]) as sb:
        sb.exec("import host, inspect")
        assert sb.eval("str(inspect.signature(host.search))") == "(query, limit=10)"
        assert sb.eval("host.search.__annotations__")["query"] == "str"
        assert "search(query, limit=10)" in sb.exec("help(host.search)").stdout
        assert "Best matches first." in sb.exec("help(host.search)").stdout
        assert sb.eval("str(inspect.signature(host.default))") == "(x=Ellipsis, *rest, flag=False, **more)"
        assert sb.eval("host.search.__module__, host.search.__name__") == ("host", "search")


def test_the_schema_is_what_a_model_needs() -> None:
    @pw.tool(name="look_up")
    def function(
        a: str, b: Optional[int], c: list[float], d: Literal["x", "y"] = "x", *, e: dict[str, bool] | None = None
    ) -> None:
        """Looks something up."""

    assert function.schema == {
        "name": "look_up",
        "description": "Looks something up.",
        "parameters": {
            "type": "object",
            "properties": {
                "a": {"type": "string"},
                "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "c": {"type": "array", "items": {"type": "number"}},
                "d": {"enum": ["x", "y"], "default": "x"},
                "e": {
                    "anyOf": [{"type": "object", "additionalProperties": {"type": "boolean"}}, {"type": "null"}],
                    "default": None,
                },
            },
            "required": ["a", "b", "c"],
            "additionalProperties": False,
        },
    }


def test_exceptions_are_raised_in_the_sandbox() -> None:
    class Own(Exception):
        pass

    def fail(kind: str) -> None:
        raise {"key": KeyError("k"), "value": ValueError("v"), "own": Own("o")}[kind]

    with pw.Sandbox(tools=[fail]) as sb:
        sb.exec("from host import fail, Error")
        caught = "try:\n    fail({!r})\nexcept Exception as e:\n    x = type(e).__name__, str(e)\nx"
        assert sb.exec(caught.format("key")).value == ("KeyError", "'k'")
        assert sb.exec(caught.format("value")).value == ("ValueError", "v")
        assert sb.exec(caught.format("own")).value == ("Error", "Own: o")
        with pytest.raises(pw.PythonError) as error:
            sb.exec("fail('own')")
        assert error.value.type_name == "host.Error"
        with pytest.raises(pw.PythonError, match="TypeError"):
            sb.exec("fail(1, 2, three=4)")
        assert sb.eval("1") == 1


def test_values_that_cannot_be_passed_are_type_errors_in_the_sandbox() -> None:
    with pw.Sandbox(tools=[pw.tool(name="get")(lambda: object()), pw.tool(name="put")(repr)]) as sb:
        sb.exec("import host")
        with pytest.raises(pw.PythonError, match="TypeError: get\\(\\): .*object cannot be passed"):
            sb.exec("host.get()")
        assert sb.eval("host.put([1, (2, b'3')])") == "[1, (2, b'3')]"
        assert "type_name='range'" in sb.eval("host.put(range(3))")


def test_a_plain_tool_runs_on_the_thread_that_called() -> None:
    threads: list[threading.Thread] = []
    note = pw.tool(name="note")(lambda: threads.append(threading.current_thread()))
    with pw.Sandbox(tools=[note]) as sb:
        sb.exec("import host; host.note()")
        other = threading.Thread(target=sb.exec, args=("host.note()",))
        other.start()
        other.join()
    assert threads == [threading.main_thread(), other]


def test_what_is_not_an_exception_stops_the_code_and_is_raised() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    def leave() -> None:
        raise SystemExit(7)

    with pw.Sandbox(tools=[stop, leave], timeout=30) as sb:
        with pytest.raises(KeyboardInterrupt):
            sb.exec("import host\nhost.stop()")
        with pytest.raises(SystemExit):
            sb.exec("try:\n    host.leave()\nexcept BaseException as e: pass")
        assert sb.usable


def test_a_tool_cannot_use_the_sandbox_that_calls_it_but_another() -> None:
    def own() -> Any:
        return sb.eval("1")

    def another() -> Any:
        with pw.Sandbox(tools=[search]) as inner:
            return inner.exec("import host; host.search('x', 1)").value

    with pw.Sandbox(tools=[own, another]) as sb:
        sb.exec("import host")
        with pytest.raises(pw.PythonError, match="in use by another call"):
            sb.exec("host.own()")
        assert sb.eval("host.another()") == ["x 0"]


def test_async_tools_run_at_once_and_on_the_loop_that_awaits() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    @pw.tool
    async def wait(name: str) -> str:
        """Waits."""
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0.3)
        return name.upper()

    source = (
        "import asyncio\nfrom host import wait\n"
        "async def main(): return await asyncio.gather(*map(wait, 'abc'))\nasyncio.run(main())"
    )
    assert wait.is_async

    async def main() -> Any:
        with pw.Sandbox(tools=[wait]) as sb:
            own = asyncio.get_running_loop()
            started = time.monotonic()
            out = await sb.exec_async(source)
            assert time.monotonic() - started < 5
            assert loops == [own] * 3
            return out.value

    assert asyncio.run(main()) == ["A", "B", "C"]
    loops.clear()
    with pw.Sandbox(tools=[wait]) as sb:
        assert sb.exec(source).value == ["A", "B", "C"]
    assert len(set(map(id, loops))) <= 3


def test_an_async_tool_fails_like_any_other() -> None:
    @pw.tool
    async def fail() -> None:
        raise LookupError("nothing")

    source = "import asyncio, host\nasyncio.run(host.fail())"
    with pw.Sandbox(tools=[fail]) as sb:
        with pytest.raises(pw.PythonError, match="LookupError: nothing"):
            sb.exec(source)
        with pytest.raises(pw.PythonError, match="LookupError: nothing"):
            asyncio.run(sb.exec_async(source))


def test_tools_are_shared_by_forks_snapshots_and_pools() -> None:
    calls: list[str] = []
    with pw.Sandbox(tools=[pw.tool(name="note")(calls.append)]) as sb:
        sb.exec("from host import note")
        snapshot = sb.snapshot()
        with sb.fork() as child:
            child.exec("note('fork')")
    with snapshot.spawn() as other:
        other.exec("note('spawn')")
    with pw.Pool(snapshot, 1) as pool, pool.checkout() as pooled:
        pooled.exec("note('pool')")
    assert calls == ["fork", "spawn", "pool"]


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two tools have one name"):
        pw.Sandbox(tools=[search, search])
    with pytest.raises(ValueError, match="Error"):
        pw.Sandbox(tools=[pw.tool(name="Error")(repr)])


def test_a_sandbox_in_a_cycle_with_its_tools_is_collected() -> None:
    class Owner:
        def __init__(self) -> None:
            self.sandbox = pw.Sandbox(tools=[pw.tool(name="me")(lambda: id(self))], stdout=self.receive)
            self.snapshot = self.sandbox.snapshot()

        def receive(self, line: str) -> None:
            pass

    owner = Owner()
    assert owner.sandbox.exec("import host; host.me()").value == id(owner)
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
