"""How a sandbox is described to the native module."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, NamedTuple, TypedDict, Union

from . import _native
from ._mounts import Mount, described

if TYPE_CHECKING:
    from ._images import Image


class Limits(NamedTuple):
    """How much a sandbox may use; :class:`Sandbox` says what each one is."""

    timeout: float | None
    """Seconds for each call. ``None`` is no limit."""
    fuel: int | None
    """Units of work for each call. ``None`` is no limit."""
    memory: int
    """Bytes of memory."""
    output: int
    """Bytes of output for each call."""
    disk: int
    """Bytes by which the writable folders may grow."""
    max_files: int
    """Files, folders and links that may be made."""
    open_files: int
    """Files, folders and streams open at once."""
    tool_calls: int | None
    """Calls of tools within each call. ``None`` is no limit."""
    tool_time: float | None
    """Seconds in tools within each call. ``None`` is no limit."""


Seconds = Union[float, None, EllipsisType]
"""A time: ``None`` is no limit, and ``...`` the one that is set already."""

Units = Union[int, None, EllipsisType]
"""Fuel: ``None`` is no limit, and ``...`` the one that is set already."""

Bytes = Union[int, EllipsisType]
"""An amount: ``...`` is the one that is set already."""


class SomeLimits(TypedDict):
    """Limits for the native module. ``None`` changes nothing."""

    timeout: float | None
    fuel: int | None
    memory: int | None
    output: int | None
    disk: int | None
    max_files: int | None
    open_files: int | None
    tool_calls: int | None
    tool_time: float | None


class Settings(TypedDict):
    """What the native module reads; its ``settings.rs`` says what each item means."""

    mounts: list[tuple[str, str, str | None]]
    sites: list[str]
    image: _native.Image | None
    env: list[tuple[str, str]]
    args: list[str]
    stdin: bytes
    limits: SomeLimits
    clock: float | None
    seed: int | None
    engine: str | None


def limits(
    *,
    timeout: Seconds = ...,
    fuel: Units = ...,
    memory: Bytes = ...,
    output: Bytes = ...,
    disk: Bytes = ...,
    max_files: Bytes = ...,
    open_files: Bytes = ...,
    tool_calls: Units = ...,
    tool_time: Seconds = ...,
) -> SomeLimits:
    """Checks limits: what the native module would name less well."""
    return {
        "timeout": _time("timeout", timeout),
        "fuel": _MOST if fuel is None else _amount("fuel", fuel),
        "memory": _amount("memory", memory),
        "output": _amount("output", output),
        "disk": _amount("disk", disk),
        "max_files": _amount("max_files", max_files),
        "open_files": _amount("open_files", open_files, 0xFFFFFFFF),
        "tool_calls": _MOST if tool_calls is None else _amount("tool_calls", tool_calls),
        "tool_time": _time("tool_time", tool_time),
    }


def call_limits(timeout: Seconds, fuel: Units) -> SomeLimits | None:
    """The limits of one call, if it has any."""
    if isinstance(timeout, EllipsisType) and isinstance(fuel, EllipsisType):
        return None
    return limits(timeout=timeout, fuel=fuel)


def settings(
    limits: SomeLimits,
    *,
    mounts: Mapping[str, Mount] | None = None,
    sites: Iterable[str | os.PathLike[str]] = (),
    image: Image | None = None,
    env: Mapping[str, str] | None = None,
    args: Sequence[str] = (),
    stdin: str | bytes = b"",
    clock: datetime.datetime | float | None = None,
    seed: int | None = None,
    engine: str | None = None,
) -> Settings:
    """Checks everything else."""
    if clock is not None:
        _check("clock", clock, (int, float, datetime.datetime))
    _check("stdin", stdin, (str, bytes))
    if isinstance(args, str):
        raise TypeError("args is a sequence of str, not one str")
    if isinstance(sites, (str, os.PathLike)):
        raise TypeError("sites is a sequence of folders, not one folder")
    if image is not None and not hasattr(image, "_inner"):
        raise TypeError(f"image takes an Image, not {image!r}")
    for name, texts in (("args", args), ("env", [*(env or {}), *(env or {}).values()])):
        for text in texts:
            _check(name, text, (str,))
    return {
        "mounts": [described(name, mount) for name, mount in (mounts or {}).items()],
        "sites": [os.fspath(site) for site in sites],
        "image": None if image is None else image._inner,
        "env": list((env or {}).items()),
        "args": list(args),
        "stdin": stdin.encode() if isinstance(stdin, str) else stdin,
        "limits": limits,
        "clock": clock.timestamp() if isinstance(clock, datetime.datetime) else clock,
        "seed": None if seed is None else _amount("seed", seed),
        "engine": engine,
    }


_MOST = 0xFFFFFFFFFFFFFFFF


def _time(name: str, time: Seconds) -> float | None:
    if time is None:
        return float("inf")
    if isinstance(time, EllipsisType):
        return None
    _check(name, time, (int, float))
    if not time >= 0:
        raise ValueError(f"{name}={time} is not a time in seconds")
    return time


def _amount(name: str, number: Bytes, most: int = _MOST) -> int | None:
    if isinstance(number, EllipsisType):
        return None
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{name} is an int, not {number!r}")
    if not 0 <= number <= most:
        raise ValueError(f"{name}={number} is not between 0 and {most}")
    return number


def _check(name: str, value: object, kinds: tuple[type, ...]) -> None:
    if isinstance(value, bool) or not isinstance(value, kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{name} takes {wanted}, not {value!r}")
