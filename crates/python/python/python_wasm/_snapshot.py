"""The states of sandboxes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from . import _native
from ._mounts import Mount
from ._sandbox import Sandbox
from ._settings import Bytes, Limits, Seconds, Units, limits, settings
from ._stream import OutputTarget, receivers
from ._tools import AnyTool, Host


class Snapshot:
    """The whole state of a sandbox between two calls: every object, every file in memory, the granted folders.

    Threads may share it, and any number of sandboxes may start from it.

    >>> with Sandbox() as sb:
    ...     _ = sb.exec("import json; x = 40")
    ...     snap = sb.snapshot()
    >>> with snap.spawn() as other:
    ...     other.exec("x += 2; x").value
    42
    >>> copy = Snapshot.from_bytes(bytes(snap))
    >>> with copy.spawn() as other:
    ...     other["x"]
    40
    """

    def __init__(self) -> None:
        raise TypeError("Sandbox.snapshot() makes snapshots, and Snapshot.load() reads them")

    @classmethod
    def _of(cls, native: _native.Snapshot, host: Host | None) -> Snapshot:
        snapshot = cls.__new__(cls)
        snapshot._inner = native
        snapshot._host = host
        return snapshot

    _inner: _native.Snapshot
    _host: Host | None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Snapshot:
        """Reads a file that :meth:`save` wrote; only the same build of this package can.

        Its sandboxes have the default ``timeout``, ``fuel`` and ``memory``. :class:`SnapshotError` if the file is not
        a snapshot, or its sandbox had a folder of the host or tools: :meth:`Sandbox.resume` grants them anew.
        """
        return cls._of(_native.Snapshot.load(path), None)

    @classmethod
    def from_bytes(cls, data: bytes) -> Snapshot:
        """Reads what ``bytes(snapshot)`` returned, as :meth:`load` reads a file."""
        return cls._of(_native.Snapshot.from_bytes(data), None)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it to a file. Files in memory are part of it, folders of the host are not."""
        self._inner.save(path)

    def __bytes__(self) -> bytes:
        return self._inner.to_bytes()

    def __repr__(self) -> str:
        return f"<Snapshot of {self.size} bytes>"

    @property
    def size(self) -> int:
        """The bytes that it takes in memory, without files."""
        return self._inner.size

    def settled(self) -> Snapshot:
        """The same state with a memory of its own: some megabytes, which make each :meth:`spawn` quicker."""
        return self._of(self._inner.settled(), self._host)

    @property
    def limits(self) -> Limits:
        """The limits of a sandbox that goes on from here, unless it is given others."""
        return Limits(*self._inner.limits())

    def spawn(
        self,
        *,
        timeout: Seconds = ..., fuel: Units = ..., memory: Bytes = ..., output: Bytes = ...,
        tool_calls: Units = ..., tool_time: Seconds = ...,
        mounts: Mapping[str, Mount] | None = None,
        env: Mapping[str, str] | None = None,
        args: Sequence[str] = (),
        stdin: str | bytes = b"",
        stdout: OutputTarget | None = None,
        stderr: OutputTarget | None = None,
        tools: Iterable[AnyTool] = (),
        seed: int | None = None,
        engine: Literal["native", "wasmi"] | None = None,
    ) -> Sandbox:
        """A sandbox that goes on from here, with streams of its own.

        Its limits are those of the sandbox that the snapshot was taken of, as far as no others are given. Folders,
        variables and tools are added to those that are there; a tool replaces one of the same name, also where the
        code has imported that. :class:`Sandbox` says what each parameter means.

        ``ValueError`` for what does not fit code that runs already: a folder at a name that there is, and a variable
        that Python reads when it starts (``PYTHON...``). :class:`SnapshotError` for less memory than the snapshot has.

        >>> with Sandbox() as sb:
        ...     _ = sb.exec("greeting = 'hello'")
        ...     snap = sb.snapshot()
        >>> with snap.spawn(stdin="world", stdout=print, timeout=1) as other:
        ...     _ = other.exec("print(greeting, input())")
        hello world
        """
        allowed = limits(
            timeout=timeout, fuel=fuel, memory=memory, output=output, tool_calls=tool_calls, tool_time=tool_time
        )
        made = settings(allowed, mounts=mounts, env=env, args=args, stdin=stdin, seed=seed, engine=engine)
        host, more = self._host, Host(tools)
        if more.tools:
            host = more if host is None else host.with_others(more.tools.values())
        both = receivers(stdout, stderr)
        return Sandbox._of(self._inner.spawn_with(made, host, *both), host, both)


def _native_of(snapshot: Snapshot) -> tuple[_native.Snapshot, Host | None]:
    """For the pool."""
    if not isinstance(snapshot, Snapshot):
        raise TypeError(f"expected a Snapshot, not {snapshot!r}")
    return snapshot._inner, snapshot._host
