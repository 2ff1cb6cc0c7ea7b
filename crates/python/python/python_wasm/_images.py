"""Prepared images: Pythons that have imported what programs need, for sandboxes to start from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Literal

from . import _native
from ._mounts import Mount
from ._settings import limits, settings


class Image:
    """A Python that has imported what programs need, from which sandboxes start: in milliseconds.

    It holds the modules that were imported, with all that they hold, and the content of the ``sites``, from which a
    sandbox goes on to import. Folders, variables, limits and streams are those of the sandbox that starts from it, and
    names in ``__main__`` are not kept: a :class:`Snapshot` keeps these.

    >>> image = Image.prepare("import statistics, decimal")
    >>> with Sandbox(image=image) as sb:
    ...     sb.exec("import sys; 'statistics' in sys.modules").value
    True
    """

    _inner: _native.Image

    def __init__(self) -> None:
        raise TypeError("Image.prepare() makes images, and Image.load() opens them")

    @classmethod
    def _of(cls, native: _native.Image) -> Image:
        image = cls.__new__(cls)
        image._inner = native
        return image

    @classmethod
    def prepare(
        cls,
        source: str,
        *,
        sites: Iterable[str | os.PathLike[str]] = (),
        image: Image | None = None,
        mounts: Mapping[str, Mount] | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
        memory: int = 1 << 30,
        engine: Literal["native", "wasmi"] | None = None,
    ) -> Image:
        """Runs a program in a sandbox of its own, and keeps the Python that has run it.

        :param sites: Folders of packages, which become part of the image.
        :param image: What the program itself starts from.
        :param mounts: Folders that only the program has.
        :param env: Variables that only the program has. Sandboxes must have the same ``PYTHON...`` variables.
        :param timeout: Seconds for the program. ``None`` is no limit.

        :class:`PythonError` if the program fails; :class:`SnapshotError` if it leaves files open.
        """
        allowed = limits(timeout=timeout, fuel=None, memory=memory)
        made = settings(allowed, mounts=mounts, sites=sites, image=image, env=env, engine=engine)
        return cls._of(_native.Image.prepare(made, source))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Image:
        """Opens a file that :meth:`save` wrote, or ``python-wasm --prepare``, and checks it.

        The file is mapped, and processes share its pages. :class:`SnapshotError` if it is not an image, is damaged,
        or was made by another build.
        """
        return cls._of(_native.Image.load(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it to a file, replacing one that is there."""
        self._inner.save(path)

    def __repr__(self) -> str:
        return f"<Image of {self.size} bytes>"

    @property
    def size(self) -> int:
        """The size of its file in bytes."""
        return self._inner.size
