"""Sessions: what they keep, what becomes of hostile code, and how they go back."""

from __future__ import annotations

import time

import anyio
import pytest
from conftest import Client, details_of, server, text_of, with_server


@with_server()
async def test_the_tools_and_the_instructions_are_told(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.session.list_tools()).tools}
    assert set(tools) == {
        "run_python", "list_sessions", "fork_session", "undo", "reset_session", "list_files", "read_file", "write_file",
    }  # fmt: skip
    assert all(tool.description for tool in tools.values())
    schema = tools["run_python"].input_schema
    assert schema["required"] == ["code"]
    assert schema["properties"]["session"]["default"] == "main"


@with_server()
async def test_a_session_keeps_what_was_defined(client: Client) -> None:
    assert await client.run("import json\nx = [1]\nprint('hi')") == "hi\n"
    assert await client.run("x.append(2)\nx") == "[1, 2]"
    result = await client.run_python(code="import sys\nprint('out')\nprint('err', file=sys.stderr)\n{'a': len(x)}")
    assert text_of(result) == "out\nerr\n{'a': 2}"
    details = details_of(result)
    assert (details["stdout"], details["stderr"], details["value"]) == ("out\n", "err\n", "{'a': 2}")
    assert details["fuel"] > 0 and details["seconds"] > 0 and details["error"] is None
    assert "NameError" in await client.run("x", session="other")
    assert await client.run("pass") == "(no output)"
    assert await client.run("import os; os.getcwd()") == "'/work'"


@with_server()
async def test_an_error_is_the_traceback_and_the_session_goes_on(client: Client) -> None:
    await client.run("x = 1")
    result = await client.run_python(code="y = 2\nprint('before')\nx / 0")
    assert result.is_error
    lines = text_of(result).splitlines()
    assert lines[0] == "before" and lines[-1] == "ZeroDivisionError: division by zero" and "x / 0" in lines[3]
    assert details_of(result)["error"] == {"type": "ZeroDivisionError", "message": "division by zero"}
    assert details_of(result)["wentBack"] is False
    assert await client.run("x, y") == "(1, 2)"
    assert "SyntaxError" in await client.run("1 +")
    assert "status 3" in await client.run("import sys; sys.exit(3)")
    assert await client.run("x, y") == "(1, 2)"


HOSTILE = {
    "while True: pass": "out of time",
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass": "out of time",
    "import time; time.sleep(1000)": "out of time",
    "x = [0]\nwhile True: x += x": "MemoryError",
    "b'x' * (1 << 30)": "MemoryError",
    "while True: print('x' * 10_000)": "may print",
    "import os; os._exit(7)": "status 7",
    "def f(): f()\nf()": "RecursionError",
    "x = []\nfor _ in range(200_000): x = [x]\nrepr(x)": "",
    "import os; os.fork()": "AttributeError",
    "import socket; socket.create_connection(('localhost', 22))": "sandbox",
    "open('/etc/passwd').read()": "FileNotFoundError",
    "open('/work/../../etc/passwd').read()": "FileNotFoundError",
    "with open('big', 'wb') as f:\n    while True: f.write(b'x' * (1 << 20))": "no room",
    "import sys\nfor name in list(sys.modules): del sys.modules[name]": "",
    "import builtins\nfor name in list(vars(builtins)): delattr(builtins, name)": "",
    "import _python_wasm\n_python_wasm.request = None": "",
    "class C:\n    def __repr__(self):\n        while True: pass\nC()": "out of time",
    "'\\ud800'": "",
    "import re; re.match('(a+)+$', 'a' * 40 + 'b')": "out of time",
    "raise BaseException('mine')": "mine",
    "x = 'y' * 10_000_000\nx": "...",
}  # fmt: skip


@pytest.mark.parametrize("code", HOSTILE)
def test_hostile_code_harms_nobody(code: str) -> None:
    async def main() -> None:
        async with server("--timeout", "2", "--max-memory", "100", "--max-output", "100") as client:
            await client.run("import sys\nmine = 40\nopen('kept', 'w').write('kept')")
            result = await client.run_python(code=code)
            assert HOSTILE[code] in text_of(result)
            assert len(text_of(result)) < 40_000
            assert await client.run("mine + 2, open('kept').read()") == "(42, 'kept')"
            assert await client.run("6 * 7", session="other") == "42"

    anyio.run(main)


@with_server()
async def test_a_program_that_takes_its_own_python_apart_can_be_undone(client: Client) -> None:
    await client.run("mine = 40")
    await client.run("import _python_wasm\n_python_wasm._operations.clear()")
    assert (await client.run_python(code="mine")).is_error
    await client.undo(steps=2)
    assert await client.run("mine + 2") == "42"


@with_server()
async def test_what_is_printed_is_told_while_the_code_runs(client: Client) -> None:
    told: list[tuple[float, str]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message or ""))
        if "go" in (message or ""):
            await client.session.call_tool("reset_session", {"session": "endless"})

    code = "import time\nprint('caf\\u00e9 go')\ntime.sleep(60)"
    started = time.monotonic()
    result = await client.run_python(code=code, session="endless", progress_callback=note)
    # The notice came before the end, for it is what ended the code.
    assert result.is_error and time.monotonic() - started < 50
    assert "".join(message for _, message in told) == "caf\u00e9 go\n"
    told.clear()
    lines = "for i in range(2000): print(i, '-' * 50)"
    text = await client.run(lines, progress_callback=note)
    assert "characters are left out" in text
    assert "".join(message for _, message in told).count("\n") == 2000
    assert [progress for progress, _ in told] == sorted({progress for progress, _ in told})


@with_server()
async def test_a_cancelled_request_stops_the_code(client: Client) -> None:
    await client.run("count = 0")
    for round in range(20):
        code = "count += 1\nwhile True: pass" if round % 4 else "count += 1\nimport time\ntime.sleep(1000)"
        with anyio.move_on_after(0.3 + 0.01 * round) as scope:
            await client.run_python(code=code)
        assert scope.cancelled_caught
        started = time.monotonic()
        await client.run("pass")
        assert time.monotonic() - started < 20
    assert int(await client.run("count")) > 0
    stubborn = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    with anyio.move_on_after(0.5):
        await client.run_python(code=stubborn)
    assert int(await client.run("count")) > 0


@with_server("--sessions", "50", "--max-memory", "64")
async def test_fifty_sessions_know_nothing_of_each_other(client: Client) -> None:
    async def work(number: int) -> None:
        name = f"s{number}"
        await client.run(f"mine = {number}\nopen('f', 'w').write(str(mine))", session=name)
        for _ in range(3):
            await client.run("mine += 100", session=name)
        assert await client.run("mine, open('f').read()", session=name) == f"({number + 300}, '{number}')"

    async with anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(work, number)
    listed = (await client.list_sessions()).structured_content
    assert listed is not None
    assert {each["name"] for each in listed["sessions"]} == {f"s{number}" for number in range(50)}
    assert "50 sessions already" in await client.run("1", session="another")
    assert "50 sessions already" in text_of(await client.fork_session(name="another", session="s1"))
    await client.reset_session(session="s7")
    assert await client.run("1", session="another") == "1"


@with_server("--undo", "3")
async def test_undo_takes_back_variables_and_files(client: Client) -> None:
    await client.run("x = 1\nopen('f', 'w').write('one')")
    await client.run("x = 2\nopen('f', 'w').write('two')")
    await client.write_file(path="f", text="three")
    assert text_of(await client.undo()) == "Undone: (wrote f)"
    assert await client.run("x, open('f').read()") == "(2, 'two')"
    assert text_of(await client.undo(steps=2)) == "Undone: x = 2; x, open('f').read()"
    assert await client.run("x, open('f').read()") == "(1, 'one')"
    result = await client.undo(steps=3)
    assert result.is_error and text_of(result) == "3 steps cannot be undone, 2 can"
    for number in range(5):
        await client.run(f"x = {number}")
    assert (await client.undo(steps=4)).is_error
    assert not (await client.undo(steps=3)).is_error
    assert await client.run("x") == "1"
    for wrong in (0, -1, 2.5, "2"):
        assert (await client.undo(steps=wrong)).is_error


@with_server()
async def test_a_fork_goes_its_own_way(client: Client) -> None:
    await client.run("x = [1]\nopen('f', 'w').write('one')")
    assert not (await client.fork_session(name="fork")).is_error
    await client.run("x.append(2)\nopen('f', 'w').write('two')", session="fork")
    assert await client.run("x, open('f').read()") == "([1], 'one')"
    assert await client.run("x, open('f').read()", session="fork") == "([1, 2], 'two')"
    # It has the past, too.
    assert not (await client.undo(session="fork", steps=2)).is_error
    assert await client.run("x", session="fork") == "[1]"
    for arguments, text in (
        ({"name": "fork"}, "already"),
        ({"name": "new", "session": "missing"}, "there are: fork, main"),
        ({"name": "a/b"}, "not a name"),
        ({"name": ""}, "not a name"),
    ):
        result = await client.fork_session(**arguments)
        assert result.is_error and text in text_of(result)


@with_server()
async def test_a_reset_session_begins_anew(client: Client) -> None:
    await client.run("x = 1\nopen('f', 'w').write('one')")
    assert not (await client.reset_session()).is_error
    assert "NameError" in await client.run("x")
    assert "FileNotFoundError" in await client.run("open('f')")
    assert (await client.reset_session(session="missing")).is_error


@with_server("--idle", "0.5")
async def test_a_session_that_rests_too_long_is_closed(client: Client) -> None:
    await client.run("x = 1")
    # One that runs does not rest.
    assert await client.run("import time; time.sleep(2); 1", session="busy") == "1"
    for _ in range(200):
        listed = (await client.list_sessions()).structured_content
        if listed is not None and listed["sessions"] == []:
            break
        await anyio.sleep(0.1)
    else:
        raise AssertionError(listed)
    assert "NameError" in await client.run("x")


@with_server()
async def test_calls_of_one_session_take_turns(client: Client) -> None:
    await client.run("seen = []")
    async with anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(client.run, f"n = {number}\nimport time\ntime.sleep(0.05)\nseen.append(n == {number})")
    assert await client.run("seen") == str([True] * 8)


@with_server("--timeout", "30")
async def test_a_call_may_have_less_time_than_the_server_gives(client: Client) -> None:
    started = time.monotonic()
    text = await client.run("while True: pass", timeout=0.3)
    assert "out of time. A call has 0.3 s" in text and time.monotonic() - started < 20
    assert await client.run("1", timeout=1000) == "1"
    for wrong in (0, -1, "soon"):
        result = await client.run_python(code="1", timeout=wrong)
        assert result.is_error
