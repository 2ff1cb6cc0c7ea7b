"""The command for agents that the wheel brings. crates/mcp/tests has what it does, with the official client."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [[str(Path(sys.executable).parent / "python-wasm-mcp")], [sys.executable, "-m", "python_wasm.mcp"]]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_agent_runs_python_by_the_command(command: list[str]) -> None:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    tool = {"name": "run_python", "arguments": {"code": "x = 40\nprint('hi')\nx + 2"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": tool},
    ]
    asked = "".join(json.dumps(message) + "\n" for message in messages)
    run = subprocess.run([*command, "--max-memory", "100"], input=asked, capture_output=True, text=True, timeout=60)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert answers[0]["result"]["serverInfo"]["name"] == "python-wasm"
    assert answers[1]["result"]["content"] == [{"type": "text", "text": "hi\n42"}]
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_option_is_one_line(command: list[str]) -> None:
    run = subprocess.run([*command, "--timout=3"], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "python-wasm-mcp: unknown option --timout=3; did you mean --timeout?\n"
    run = subprocess.run([*command, "--licenses"], capture_output=True, text=True, timeout=60)
    assert "rmcp" in run.stdout and run.returncode == 0


def test_ctrl_c_ends_the_command() -> None:
    server = subprocess.Popen(COMMANDS[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None and server.stdout is not None
    asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}  # fmt: skip
    server.stdin.write(json.dumps(asked).encode() + b"\n")
    server.stdin.flush()
    assert b"serverInfo" in server.stdout.readline()
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=60) == -signal.SIGINT
