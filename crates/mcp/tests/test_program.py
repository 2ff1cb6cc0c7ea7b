"""The program: its command line, its beginning and its end."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import PROGRAM, program

INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"},
    },
}  # fmt: skip
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def call(number: int, code: str) -> dict[str, Any]:
    parameters = {"name": "run_python", "arguments": {"code": code}}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": parameters}


def lines(*messages: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--timeout", "soon"], "--timeout soon: it must be a number of seconds above 0"),
        (["--timout=3"], "unknown option --timout=3; did you mean --timeout?"),
        (["--sessions", "0"], "--sessions 0: it must be a whole number above 0"),
        (["--parallel", "1000"], "--parallel 1000: it must be a whole number from 1 to 256"),
        (["--max-memory=1"], "python needs"),
        (["--engine", "jit"], "--engine jit: it must be wasmi or native"),
        (["--ro-dir", "/no/such/folder"], "--ro-dir /no/such/folder: cannot open the folder"),
        (["--dir", "/tmp::/work"], "--dir /tmp::/work: something is granted as /work already"),
        (["--prelude", "/no/such/file"], "--prelude /no/such/file"),
        (["--image", "/no/such/file"], "--image /no/such/file"),
        (["--site", "/no/such/folder"], "cannot open the folder /no/such/folder"),
        (["--env", "A"], "--env A: it must be KEY=VALUE"),
        (["word"], "word: it takes options alone; --help lists them"),
    ],
)
def test_a_wrong_command_line_is_one_line(words: list[str], message: str) -> None:
    run = program(*words)
    said = run.stderr.decode()
    assert run.returncode == 2 and run.stdout == b""
    assert said.startswith("python-wasm-mcp: ") and message in said and said.count("\n") == 1


def test_a_preparation_that_fails_is_shown(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("1 / 0")
    run = program("--prelude", str(tmp_path / "p.py"))
    assert run.returncode == 2 and b"ZeroDivisionError" in run.stderr


def test_help_and_version_are_told() -> None:
    assert b"--max-memory" in program("--help").stdout
    assert program("--version").stdout.startswith(b"python-wasm-mcp ")
    licences = program("--licenses").stdout
    assert b"PYTHON SOFTWARE FOUNDATION LICENSE" in licences and b"rmcp" in licences


def test_the_end_of_input_is_the_end_also_of_what_runs() -> None:
    server = subprocess.Popen(PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert server.stdin is not None and server.stdout is not None
    server.stdin.write(lines(INITIALIZE))
    server.stdin.flush()
    assert b"protocolVersion" in server.stdout.readline()
    server.stdin.write(lines(INITIALIZED, call(2, "while True: pass")))
    server.stdin.flush()
    time.sleep(0.5)
    started = time.monotonic()
    server.stdin.close()
    assert server.wait(timeout=60) == 0
    assert time.monotonic() - started < 30


def test_nonsense_harms_nobody() -> None:
    nonsense = b"not json\n{}\n[]\n\xff\xfe\n" + json.dumps({"jsonrpc": "2.0", "id": 7, "method": "none"}).encode() + b"\n"
    asked = lines(INITIALIZE, INITIALIZED) + nonsense + lines(call(3, "6 * 7"))
    run = program(stdin=asked)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [each["result"]["content"][0]["text"] for each in answers if each.get("id") == 3] == ["42"]
    assert program(stdin=b"").returncode in (0, 2)
    assert program(stdin=b"nonsense\n").returncode in (0, 2)
