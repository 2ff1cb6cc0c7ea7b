"""What a sandbox that goes on from a snapshot is given anew, and limits that change."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

import python_wasm as pw


@pytest.fixture
def snap(sb: pw.Sandbox) -> pw.Snapshot:
    sb.exec("import os, random, sys\nx = 1")
    return sb.snapshot()


def test_what_is_spawned_has_streams_variables_and_arguments_of_its_own(snap: pw.Snapshot) -> None:
    out: list[str] = []
    err: list[str] = []
    with snap.spawn(
        stdin="one\ntwo\n", stdout=out.append, stderr=err.append, env={"WHO": "me"}, args=["prog", "-v"]
    ) as sb:
        output = sb.exec("print(input(), input())\nprint('bad', file=sys.stderr)\nos.environ['WHO'], sys.argv, x")
    assert (out, err) == (["one two"], ["bad"])
    assert (output.stdout, output.stderr) == ("one two\n", "bad\n")
    assert output.value == ("me", ["prog", "-v"], 1)
    with snap.spawn() as sb:
        assert sb.eval("'WHO' in os.environ") is False


def test_a_receiver_that_raises_stops_what_is_spawned(snap: pw.Snapshot) -> None:
    def refuse(line: str) -> None:
        raise ZeroDivisionError(line)

    with snap.spawn(stdout=refuse) as sb, pytest.raises(ZeroDivisionError, match="a line"):
        sb.exec("print('a line')\nwhile True: pass")


def test_what_is_spawned_is_seeded_and_sees_folders_of_its_own(snap: pw.Snapshot, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("of the host")
    drawn = []
    for seed in (7, 7, 8):
        with snap.spawn(seed=seed, mounts={"/data": pw.ReadOnly(tmp_path), "/work": pw.Memory()}) as sb:
            drawn.append(sb.eval("random.random(), os.urandom(4)"))
            sb.exec("open('/work/out', 'w').write(open('/data/in').read())")
            assert sb.files["/work"].read_text("out") == "of the host"
    assert drawn[0] == drawn[1] != drawn[2]


def test_tools_are_added_and_replaced() -> None:
    def price(item: str) -> float:
        """Tells a price."""
        return 1.5

    def stock(item: str) -> int:
        return 3

    with pw.Sandbox(tools=[price, stock]) as sb:
        sb.exec("import inspect\nfrom host import price, stock")
        snap = sb.snapshot()
        dearer = pw.tool(name="price")(lambda item, more=2.0: 10 * more)
        with snap.spawn(tools=[dearer, pw.tool(name="new")(lambda: "new")]) as other:
            assert other.exec("import host\nprice('a'), stock('a'), host.new()").value == (20.0, 3, "new")
            assert other.eval("str(inspect.signature(host.price))") == "(item, more=2.0)"
            assert other.eval("host.__all__") == ["Error", "new", "price", "stock"]
            with other.fork() as child:
                assert child.eval("price('a'), host.new()") == (20.0, "new")
        assert sb.eval("price('a')") == 1.5
        with snap.spawn() as plain:
            assert plain.eval("price('a'), price.__doc__") == (1.5, "Tells a price.")


def test_a_loaded_snapshot_is_given_tools(tmp_path: Path) -> None:
    answer = pw.tool(name="answer")(lambda: 42)
    with pw.Sandbox(tools=[answer]) as sb:
        sb.exec("from host import answer")
        sb.snapshot().save(tmp_path / "s.snap")
    loaded = pw.Snapshot.load(tmp_path / "s.snap")
    with loaded.spawn() as sb, pytest.raises(pw.PythonError, match="answer"):
        sb.eval("answer()")
    with loaded.spawn(tools=[answer]) as sb:
        assert sb.eval("answer()") == 42


def test_what_is_spawned_has_limits_of_its_own(snap: pw.Snapshot) -> None:
    assert snap.limits == pw.Limits(60.0, 10_000_000_000, 1 << 30, 50_000_000, 1 << 30, 100_000, 256, None, None)
    with snap.spawn(timeout=0.2, fuel=None, memory=200 << 20, output=1000) as sb:
        assert sb.limits == snap.limits._replace(timeout=0.2, fuel=None, memory=200 << 20, output=1000)
        with pytest.raises(pw.Timeout) as timeout:
            sb.exec("while True: pass")
        assert timeout.value.usable
        with pytest.raises(pw.OutOfMemory):
            sb.exec("x = b'x' * (250 << 20)")
        assert sb.snapshot().limits == sb.limits
        with pytest.raises(pw.OutputLimit):
            sb.exec("print('x' * 2000)")


@pytest.mark.parametrize(
    ("wrong", "error", "text"),
    [
        ({"env": {"PYTHONHASHSEED": "1"}}, ValueError, "PYTHONHASHSEED"),
        ({"mounts": {"/tmp": pw.Memory()}}, ValueError, "/tmp"),
        ({"mounts": {"work": pw.Memory()}}, ValueError, "work"),
        ({"mounts": {"/w": pw.ReadOnly("/no/such/folder")}}, OSError, "/no/such/folder"),
        ({"memory": 1 << 20}, pw.SnapshotError, "memory"),
        ({"memory": -1}, ValueError, "memory=-1"),
        ({"fuel": 1.5}, TypeError, "fuel"),
        ({"timeout": "1"}, TypeError, "timeout"),
        ({"timeout": float("nan")}, ValueError, "nan"),
        ({"engine": "jit"}, ValueError, "jit"),
        ({"stdout": 1}, TypeError, "stdout"),
        ({"tools": [1]}, TypeError, "tool"),
        ({"disk": 1}, TypeError, "disk"),
        ({"clock": 1.0}, TypeError, "clock"),
    ],
)
def test_what_does_not_fit_is_refused(
    snap: pw.Snapshot, wrong: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        snap.spawn(**wrong)
    with snap.spawn() as sb:
        assert sb["x"] == 1


def test_limits_for_one_call_are_for_that_call(sb: pw.Sandbox) -> None:
    before = sb.limits
    for call in (sb.exec, sb.eval):
        with pytest.raises(pw.Timeout):
            call("sum(0 for _ in iter(int, 1))", timeout=0.1)
        with pytest.raises(pw.OutOfFuel):
            call("sum(0 for _ in iter(int, 1))", fuel=100_000)
        assert sb.limits == before
        call("1", timeout=None, fuel=None)
        for wrong in ({"timeout": -1}, {"timeout": True}, {"fuel": "1"}, {"fuel": -1}):
            with pytest.raises((TypeError, ValueError)):
                call("1", **wrong)
    with pytest.raises(pw.Timeout):
        asyncio.run(sb.exec_async("while True: pass", timeout=0.1))
    with pytest.raises(pw.OutOfFuel):
        asyncio.run(sb.eval_async("sum(0 for _ in iter(int, 1))", fuel=100_000))
    assert sb.exec("6 * 7").value == 42


def test_tools_are_called_so_often_and_take_so_much_time() -> None:
    def price(item: str) -> float:
        return 1.5

    with pw.Sandbox(tools=[price], tool_calls=2) as sb:
        sb.exec("from host import price")
        assert sb.eval("price('a') + price('b')") == 3.0
        with pytest.raises(pw.PythonError, match="may be called 2 times") as error:
            sb.exec("for n in range(3): price(n)")
        assert error.value.type_name == "host.Error" and error.value.usable
        assert [frame.function for frame in error.value.frames] == ["<module>"]
        with sb.snapshot().spawn(tool_calls=None, tool_time=0.05) as other:
            other.exec("for n in range(10): price(n)")
            assert other.limits.tool_calls is None and other.limits.tool_time == 0.05
            slow = pw.tool(name="price")(lambda item: time.sleep(0.1))
            with other.snapshot().spawn(tools=[slow]) as slowed, pytest.raises(pw.PythonError, match="0.05 s"):
                slowed.exec("price(1); price(2)")
        sb.set_limits(tool_calls=3)
        sb.exec("for n in range(3): price(n)")
        for wrong in ({"tool_calls": -1}, {"tool_time": "1"}):
            with pytest.raises((TypeError, ValueError)):
                sb.set_limits(**wrong)


def test_limits_change_from_the_next_call_on() -> None:
    with pw.Sandbox(memory=256 << 20) as sb:
        sb.set_limits(timeout=0.1)
        with pytest.raises(pw.Timeout):
            sb.exec("while True: pass")
        sb.set_limits(timeout=None, fuel=100_000, output=10)
        assert sb.limits == pw.Limits(None, 100_000, 256 << 20, 10, 1 << 30, 100_000, 256, None, None)
        with pytest.raises(pw.OutOfFuel):
            sb.exec("while True: pass")
        sb.set_limits(fuel=None, memory=100 << 20)
        with pytest.raises(pw.OutOfMemory):
            sb.exec("x = b'x' * (150 << 20)")
        sb.set_limits(memory=256 << 20)
        sb.exec("x = b'x' * (150 << 20)")
        with pytest.raises(ValueError, match="more than the sandbox was made with"):
            sb.set_limits(memory=1 << 30)
        with pytest.raises(TypeError):
            sb.set_limits(disk=1)  # type: ignore[call-arg]
    with pytest.raises(pw.SandboxError, match="closed"):
        sb.set_limits(timeout=1)
