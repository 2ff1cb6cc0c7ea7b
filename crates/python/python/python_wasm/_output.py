"""What a call returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Stats(NamedTuple):
    """What running cost, since the last :class:`Output`."""

    wall: float
    """Seconds in calls to the sandbox, sleep and waiting included."""
    host: float
    """The part of them that was spent in functions of the host."""
    fuel: int
    """Units of fuel. By one engine, the same code from the same state uses the same."""
    peak_memory: int
    """The most bytes of memory that the sandbox has had since it was made."""
    syscalls: int
    """Calls to WASI."""
    bytes_in: int
    """Bytes read from files and streams."""
    bytes_out: int
    """Bytes written to files and streams."""


@dataclass(frozen=True)
class Object:
    """Describes an object of the sandbox that has no form outside of it. It cannot be passed back.

    >>> from python_wasm import Sandbox
    >>> with Sandbox() as sb:
    ...     sb.eval("range(3)")
    Object(type_name='range', repr='range(0, 3)')
    """

    type_name: str
    """Its type, with the module unless that is ``builtins`` or ``__main__``."""
    repr: str
    """Its ``repr()``, cut after 4,096 characters."""


class Frame(NamedTuple):
    """One line of a traceback."""

    file: str
    """The file inside the sandbox, or a name like ``<string>``."""
    line: int
    """From 1; 0 if it is not known."""
    function: str
    """``<module>`` outside of one."""
    source: str
    """The text of the line without indentation; empty if it is not known."""


@dataclass(frozen=True)
class Output:
    """What a piece of code printed and returned.

    >>> from python_wasm import Sandbox
    >>> with Sandbox() as sb:
    ...     out = sb.exec("print('hi')\\n6 * 7")
    >>> out.stdout, out.value, out.stats.fuel > 0
    ('hi\\n', 42, True)
    """

    stdout: str
    """Standard output since the last output. Bytes that are not UTF-8 are replaced."""
    stderr: str
    """Standard error since the last output."""
    value: Any
    """The value of the last statement, if that is an expression."""
    stats: Stats
    """What it cost."""


Printed = tuple[str, str, tuple[float, float, int, int, int, int, int]]


def output_of(printed: Printed, value: Any = None) -> Output:
    """The output in the form of the native module."""
    stdout, stderr, stats = printed
    return Output(stdout, stderr, value, Stats(*stats))
