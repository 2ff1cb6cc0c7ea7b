"""Files in the folders of a sandbox."""

from __future__ import annotations

from typing import Literal, NamedTuple

from . import _native


class Entry(NamedTuple):
    """A name in a folder of a sandbox."""

    name: str
    """The name in its folder, or the path that was asked for."""
    kind: Literal["file", "folder", "link", "other"]
    """What it is. A link is not followed."""
    size: int
    """The bytes of a file; of a link, those of its text."""


class Change(NamedTuple):
    """One change in an :class:`Overlay`."""

    path: str
    """Below the mounted folder."""
    kind: Literal["added", "changed", "removed"]
    """What happened to it."""


# Inside of a class with a method `list`, that name is the method.
Entries = list[Entry]
Changes = list[Change]


class Folders:
    """The folders of a sandbox by the names that they were mounted under; also ``/tmp``, ``/usr`` and ``/dev``."""

    def __init__(self, interpreter: _native.Interpreter) -> None:
        self._interpreter = interpreter

    def __getitem__(self, mount: str) -> Files:
        return Files(self._interpreter, mount)


class Files:
    """The folder that the sandbox sees under one name.

    Paths are relative to it and mean what they mean to the code inside: one that leads out of the folder is refused,
    and so is a change in a :class:`ReadOnly` folder. What is written counts for ``disk`` and ``max_files``
    (:class:`DiskLimit`). Other errors are the ``OSError`` that the same would be on the host, or ``ValueError`` if
    nothing is mounted under the name.

    >>> from python_wasm import Memory, Sandbox
    >>> with Sandbox(mounts={"/work": Memory()}) as sb:
    ...     files = sb.files["/work"]
    ...     files.write("in.txt", "apple\\npear\\n")
    ...     _ = sb.exec("open('/work/out.txt', 'w').write(open('/work/in.txt').read().upper())")
    ...     files.read("out.txt")
    ...     files.list()
    b'APPLE\\nPEAR\\n'
    [Entry(name='in.txt', kind='file', size=11), Entry(name='out.txt', kind='file', size=11)]
    """

    def __init__(self, interpreter: _native.Interpreter, mount: str) -> None:
        self._inner = _native.Files(interpreter, mount)
        self._mount = mount

    def __repr__(self) -> str:
        return f"<Files {self._mount!r}>"

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return self._inner.read(path)

    def read_text(self, path: str, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The text of a file."""
        return self.read(path).decode(encoding, errors)

    def write(self, path: str, data: bytes | bytearray | memoryview | str) -> None:
        """Makes a file, or replaces what is in it. Text is written as UTF-8."""
        if isinstance(data, str):
            data = data.encode()
        elif not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"a file is written from bytes or str, not {type(data).__name__}")
        self._inner.write(path, bytes(data))

    def list(self, path: str = ".") -> Entries:
        """What is in a folder, sorted by name."""
        return [Entry(*entry) for entry in self._inner.list(path)]

    def entry(self, path: str) -> Entry:
        """Describes a file, a folder or a link."""
        return Entry(*self._inner.entry(path))

    def mkdir(self, path: str) -> None:
        """Makes a folder. Those on the way must exist."""
        self._inner.create_dir(path)

    def remove(self, path: str) -> None:
        """Removes a file, a link or an empty folder."""
        self._inner.remove(path)

    def diff(self) -> Changes:
        """The changes in an :class:`Overlay`, sorted by path. ``ValueError`` for any other mount."""
        return [Change(*change) for change in self._inner.diff()]

    def commit(self) -> Changes:
        """Makes the changes in the folder of the host, and returns them."""
        return [Change(*change) for change in self._inner.commit()]

    def discard(self) -> None:
        """Forgets the changes."""
        self._inner.discard()
