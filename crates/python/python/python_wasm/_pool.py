"""Sandboxes made in advance."""

from __future__ import annotations

from types import TracebackType

from . import _native
from ._sandbox import Sandbox
from ._snapshot import Snapshot, _native_of


class Pool:
    """Up to ``size`` sandboxes that start from one snapshot. Each is used once, and then replaced in the background.

    Threads may share a pool. Sandboxes that are out when it is closed live on.

    >>> with Sandbox() as sb:
    ...     _ = sb.exec("import json; requests = 0")
    ...     prepared = sb.snapshot()
    >>> with Pool(prepared, 2) as pool:
    ...     for _ in range(3):
    ...         with pool.checkout() as sandbox:
    ...             sandbox.exec("requests += 1; requests").value
    1
    1
    1
    """

    def __init__(self, snapshot: Snapshot, size: int) -> None:
        native, self._host = _native_of(snapshot)
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"a pool has a size of at least 1, not {size!r}")
        self._inner = _native.Pool(native, size)

    def checkout(self, timeout: float | None = None) -> Sandbox:
        """Takes a sandbox out; closing it (``with``) lets another one take its place.

        Waits while all are out. ``TimeoutError`` if none is ready after ``timeout`` seconds.
        """
        taken = self._inner.checkout(timeout)
        if taken is None:
            raise TimeoutError(f"no sandbox was ready within {timeout} seconds")
        return Sandbox._of(taken, self._host)

    def close(self) -> None:
        """Ends the pool."""
        self._inner.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
