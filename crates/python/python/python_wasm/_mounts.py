"""Folders for a sandbox."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True)
class ReadOnly:
    """A folder of the host that the sandbox reads and cannot change."""

    path: str | os.PathLike[str]


@dataclass(frozen=True)
class ReadWrite:
    """A folder of the host that the sandbox reads and changes."""

    path: str | os.PathLike[str]


@dataclass(frozen=True)
class Overlay:
    """A folder of the host that only seems to change: what the sandbox writes is kept aside.

    >>> import pathlib, tempfile
    >>> from python_wasm import Overlay, Sandbox
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Sandbox(mounts={"/data": Overlay(folder.name)}) as sb:
    ...     _ = sb.exec("open('/data/result', 'w').write('42')")
    ...     sb.files["/data"].diff()
    ...     list(pathlib.Path(folder.name).iterdir())
    [Change(path='result', kind='added')]
    []
    """

    path: str | os.PathLike[str]


@dataclass(frozen=True)
class Memory:
    """An empty folder in memory. Snapshots contain what the sandbox writes there."""


Mount = Union[ReadOnly, ReadWrite, Overlay, Memory]
"""What a sandbox can be given under a name."""


def described(name: str, mount: Mount) -> tuple[str, str, str | None]:
    """The mount in the form of the native module."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a mount is a str, not {name!r}")
    if isinstance(mount, Memory):
        return name, "memory", None
    if isinstance(mount, ReadOnly):
        return name, "read-only", os.fspath(mount.path)
    if isinstance(mount, ReadWrite):
        return name, "read-write", os.fspath(mount.path)
    if isinstance(mount, Overlay):
        return name, "overlay", os.fspath(mount.path)
    raise TypeError(f"{name}: a mount is ReadOnly, ReadWrite, Overlay or Memory, not {mount!r}")
