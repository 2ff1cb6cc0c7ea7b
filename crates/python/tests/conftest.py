"""What the tests share. They run against the installed wheel, never against the sources."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import python_wasm as pw

assert "site-packages" in str(pw.__file__), f"not an installed package: {pw.__file__}"


@pytest.fixture
def sb() -> Iterator[pw.Sandbox]:
    """A sandbox with the defaults."""
    with pw.Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program with this Python, and returns what came of it."""

    def run(source: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(source))
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [sys.executable, str(path)], capture_output=True, text=True, timeout=timeout, env=environment,
            cwd=tmp_path,
        )  # fmt: skip

    return run
