"""Receivers of a sandbox's output while it runs."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any, Protocol, Union


class Writable(Protocol):
    """What has ``write``, as an open text file has it."""

    def write(self, text: str, /) -> Any: ...


OutputTarget = Union[Callable[[str], Any], Writable]
"""What receives output: a function of each line without its end, or an object with ``write``."""


class Receiver:
    """Passes on what the native module feeds it."""

    def __init__(self, name: str, target: OutputTarget) -> None:
        write = getattr(target, "write", None)
        if not callable(write) and not callable(target):
            raise TypeError(f"{name} is a function of each line, or has write(text); {target!r} is neither")
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._target = target
        self._write: Callable[[str], Any] | None = write if callable(write) else None
        # The pieces of a line without an end.
        self._line: list[str] = []

    def feed(self, data: bytes) -> None:
        """Takes what was written."""
        self._pass_on(self._decoder.decode(data))

    def finish(self) -> None:
        """Passes on a last line without an end. A call into the sandbox has ended."""
        self._pass_on(self._decoder.decode(b"", final=True))
        if self._line and callable(self._target):
            line, self._line = "".join(self._line), []
            self._target(line)

    def forget(self) -> None:
        """Drops a last line without an end. A call has failed, perhaps because of this receiver."""
        self._decoder.reset()
        self._line = []

    def _pass_on(self, text: str) -> None:
        if self._write is not None:
            if text:
                self._write(text)
            return
        assert callable(self._target)
        first, *lines = text.split("\n")
        if first:
            self._line.append(first)
        if lines:
            lines.insert(0, "".join(self._line))
            last = lines.pop()
            self._line = [last] if last else []
            for line in lines:
                self._target(line)


def receivers(
    stdout: OutputTarget | None, stderr: OutputTarget | None
) -> tuple[Receiver | None, Receiver | None]:
    """The receivers of both streams, as far as somebody wants them."""
    out = None if stdout is None else Receiver("stdout", stdout)
    err = None if stderr is None else Receiver("stderr", stderr)
    return out, err
