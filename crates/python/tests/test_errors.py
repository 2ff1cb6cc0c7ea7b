"""The exceptions, and whether a session lives after them."""

from __future__ import annotations

import pickle

import pytest

import python_wasm as pw


def test_an_exception_of_the_code_is_described(sb: pw.Sandbox) -> None:
    with pytest.raises(pw.PythonError) as caught:
        sb.exec(
            "def f():\n    raise ValueError('bad') from KeyError('k')\n"
            "print('before')\ntry:\n    f()\nexcept ValueError as e:\n    e.add_note('a note')\n    raise"
        )
    error = caught.value
    assert (error.type_name, error.message, error.notes) == ("ValueError", "bad", ("a note",))
    assert error.frames[-1] == pw.Frame("<string>", 2, "f", "raise ValueError('bad') from KeyError('k')")
    assert error.cause is not None
    assert (error.cause.type_name, error.cause.message) == ("KeyError", "'k'")
    assert str(error) == error.traceback.rstrip("\n")
    assert error.traceback.endswith("ValueError: bad\na note\n")
    assert error.usable
    assert error.output is not None
    assert error.output.stdout == "before\n"
    assert sb.eval("1") == 1


@pytest.mark.parametrize(
    ("limits", "source", "kind", "usable"),
    [
        # Whether a session outlives its time depends on how busy the machine is.
        ({"timeout": 0.3}, "while True: pass", pw.Timeout, None),
        ({"timeout": 0.3}, "import time; time.sleep(60)", pw.Timeout, None),
        ({"fuel": 20_000_000}, "while True: pass", pw.OutOfFuel, True),
        ({"memory": 64 << 20}, "x = bytes(1 << 30)", pw.OutOfMemory, True),
        ({"output": 1000}, "print('x' * 10_000)", pw.OutputLimit, False),
        ({"disk": 1000}, "open('/tmp/x', 'wb', 0).write(bytes(2000))", pw.DiskLimit, True),
        ({}, "import sys; sys.exit(3)", pw.Exit, True),
        ({}, "import os; os._exit(3)", pw.Exit, False),
        ({}, "raise KeyboardInterrupt", pw.Interrupted, True),
    ],
)
def test_each_limit_has_its_exception(
    limits: dict[str, float], source: str, kind: type[pw.SandboxError], usable: bool | None
) -> None:
    with pw.Sandbox(**limits) as sb:  # type: ignore[arg-type]
        sb["kept"] = 1
        with pytest.raises(pw.SandboxError) as caught:
            sb.exec(source)
        assert type(caught.value) is kind
        assert usable in (None, caught.value.usable)
        assert sb.usable is caught.value.usable
        if sb.usable:
            assert sb["kept"] == 1
        else:
            with pytest.raises(pw.Unusable):
                sb.eval("1")


def test_an_exit_has_its_status(sb: pw.Sandbox) -> None:
    with pytest.raises(pw.Exit) as caught:
        sb.exec("import sys; sys.exit(3)")
    assert caught.value.status == 3


def test_a_lost_session_comes_back_by_a_snapshot(sb: pw.Sandbox) -> None:
    sb["x"] = 1
    before = sb.snapshot()
    with pytest.raises(pw.Exit):
        sb.exec("x = 2; import os; os._exit(0)")
    sb.restore(before)
    assert sb.usable
    assert sb["x"] == 1


def test_errors_can_be_pickled(sb: pw.Sandbox) -> None:
    for source in ("print('p')\n1 / 0", "import sys; sys.exit(3)"):
        with pytest.raises(pw.SandboxError) as caught:
            sb.exec(source)
        error = caught.value
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert vars(copy) == vars(error)


def test_a_closed_sandbox_says_so() -> None:
    sb = pw.Sandbox()
    sb.close()
    sb.close()
    sb.interrupt()
    for use in (lambda: sb.exec("1"), lambda: sb["x"], lambda: sb.usable, lambda: sb.snapshot(), lambda: sb.fork()):
        with pytest.raises(pw.SandboxError, match="closed"):
            use()


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"timeout": -1}, ValueError, "timeout=-1"),
        ({"timeout": float("nan")}, ValueError, "timeout=nan"),
        ({"timeout": "5"}, TypeError, "timeout takes int or float"),
        ({"fuel": -1}, ValueError, "fuel=-1"),
        ({"fuel": 1.5}, TypeError, "fuel is an int"),
        ({"memory": 1 << 70}, ValueError, "memory="),
        ({"memory": True}, TypeError, "memory is an int"),
        ({"memory": 1000}, ValueError, "bytes of memory to start"),
        ({"open_files": 1 << 40}, ValueError, "open_files="),
        ({"open_files": 2}, ValueError, "sandbox cannot be set up"),
        ({"engine": "fast"}, ValueError, "engine=\"fast\""),
        ({"mounts": {"data": pw.Memory()}}, ValueError, "absolute path"),
        ({"mounts": {"/data": "data"}}, TypeError, "/data: a mount is"),
        ({"mounts": {"/data": pw.ReadOnly("/no/such/folder")}}, FileNotFoundError, "/no/such/folder"),
        ({"mounts": {1: pw.Memory()}}, TypeError, "name of a mount"),
        ({"env": {"A=B": "c"}}, ValueError, "A=B"),
        ({"env": {"A": 1}}, TypeError, "env takes str, not 1"),
        ({"args": [b"x"]}, TypeError, "args takes str"),
        ({"stdin": 5}, TypeError, "stdin takes str or bytes"),
        ({"clock": "now"}, TypeError, "clock takes"),
        ({"args": "prog"}, TypeError, "not one str"),
        ({"args": ["a\0b"]}, ValueError, "NUL"),
        ({"stdout": 3}, TypeError, "stdout is a function"),
        ({"tools": [3]}, TypeError, "a tool is a function"),
        ({"tools": [lambda: 1]}, ValueError, "not a name for a tool"),
        ({"clock": -5.0}, ValueError, "clock=-5"),
        ({"seed": "x"}, TypeError, "seed is an int"),
        ({"unknown": 1}, TypeError, "unknown"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_by_name(settings: dict[str, object], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        pw.Sandbox(**settings)  # type: ignore[arg-type]


def test_an_os_error_has_its_number_and_class(sb: pw.Sandbox) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        sb.files["/tmp"].read("missing")
    assert caught.value.errno == 2
    with pytest.raises(IsADirectoryError):
        sb.files["/tmp"].read(".")
    with pytest.raises(FileNotFoundError):
        pw.Snapshot.load("/no/such/file")
