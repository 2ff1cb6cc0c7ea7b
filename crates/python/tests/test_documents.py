"""The examples in the documentation, and the types."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import python_wasm as pw

MODULES = ["python_wasm", *(f"python_wasm.{module.name}" for module in pkgutil.iter_modules(pw.__path__))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs=vars(pw))
    assert failed == 0


def test_there_are_examples_at_the_main_classes() -> None:
    for each in (pw, pw.Sandbox, pw.Snapshot, pw.Pool, pw.SandboxExecutor, pw.Files, pw.tool, pw.Sandbox.exec):
        assert ">>>" in (each.__doc__ or ""), each


def test_every_public_name_has_a_docstring() -> None:
    for name in pw.__all__:
        thing = getattr(pw, name)
        if isinstance(thing, type):
            assert thing.__doc__, name
            for attribute, member in vars(thing).items():
                if callable(member) and not attribute.startswith("_"):
                    assert member.__doc__, f"{name}.{attribute}"


def test_the_readme_is_true() -> None:
    path = Path(__file__).parent.parent / "README.md"
    blocks = re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(path), "exec"), names)
    replies = iter(["from host import search\nfound = search('pear', limit=1)\nfound", "1 / 0",
                    "open('/work/answer.txt', 'w').write(found[0])", None])  # fmt: skip
    seen: list[str] = []

    def model(text: str) -> str | None:
        seen.append(text)
        return next(replies)

    assert names["agent"](model, "find a pear") == "pear number 0"  # type: ignore[operator]
    assert seen[1] == "['pear number 0']"
    assert seen[2].endswith("ZeroDivisionError: division by zero")


def test_the_types_are_complete(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    folder = Path(__file__).parent
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "--python-version", "3.10"]
    for what, place in ((["-p", "python_wasm"], tmp_path), (list(map(str, folder.glob("*.py"))), folder)):
        run = subprocess.run([*mypy, *what], capture_output=True, text=True, cwd=place)
        assert run.returncode == 0, run.stdout
