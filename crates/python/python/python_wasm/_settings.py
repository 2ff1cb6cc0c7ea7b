"""How a sandbox is described to the native module."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TypedDict

from ._mounts import Mount, described


class Settings(TypedDict):
    """What the native module reads; its ``settings.rs`` says what each item means."""

    mounts: list[tuple[str, str, str | None]]
    env: list[tuple[str, str]]
    args: list[str]
    stdin: bytes
    timeout: float | None
    fuel: int | None
    memory: int
    output: int
    disk: int
    max_files: int
    open_files: int
    clock: float | None
    seed: int | None
    engine: str | None


def settings(
    *,
    mounts: Mapping[str, Mount] | None,
    timeout: float | None,
    fuel: int | None,
    memory: int,
    output: int,
    disk: int,
    max_files: int,
    open_files: int,
    engine: str | None,
    env: Mapping[str, str] | None = None,
    args: Sequence[str] = (),
    stdin: str | bytes = b"",
    clock: datetime.datetime | float | None = None,
    seed: int | None = None,
) -> Settings:
    """Checks what the native module would name less well."""
    limits = {
        "fuel": fuel, "memory": memory, "output": output, "disk": disk, "max_files": max_files,
        "open_files": open_files, "seed": seed,
    }  # fmt: skip
    for name, number in limits.items():
        most = 0xFFFFFFFF if name == "open_files" else 0xFFFFFFFFFFFFFFFF
        if number is None and name in ("fuel", "seed"):
            continue
        if isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"{name} is an int, not {number!r}")
        if not 0 <= number <= most:
            raise ValueError(f"{name}={number} is not between 0 and {most}")
    if timeout is not None:
        _check("timeout", timeout, (int, float))
        if not timeout >= 0:
            raise ValueError(f"timeout={timeout} is not a time in seconds")
    if clock is not None:
        _check("clock", clock, (int, float, datetime.datetime))
    _check("stdin", stdin, (str, bytes))
    if isinstance(args, str):
        raise TypeError("args is a sequence of str, not one str")
    for name, texts in (("args", args), ("env", [*(env or {}), *(env or {}).values()])):
        for text in texts:
            _check(name, text, (str,))
    return {
        "mounts": [described(name, mount) for name, mount in (mounts or {}).items()],
        "env": list((env or {}).items()),
        "args": list(args),
        "stdin": stdin.encode() if isinstance(stdin, str) else stdin,
        "timeout": timeout,
        "fuel": fuel,
        "memory": memory,
        "output": output,
        "disk": disk,
        "max_files": max_files,
        "open_files": open_files,
        "clock": clock.timestamp() if isinstance(clock, datetime.datetime) else clock,
        "seed": seed,
        "engine": engine,
    }


def _check(name: str, value: object, kinds: tuple[type, ...]) -> None:
    if isinstance(value, bool) or not isinstance(value, kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{name} takes {wanted}, not {value!r}")
