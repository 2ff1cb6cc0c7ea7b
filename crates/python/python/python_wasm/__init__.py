"""CPython in a WebAssembly sandbox, without a JIT: for programs that run Python they did not write.

A :class:`Sandbox` is a whole interpreter, CPython 3.13 with its standard library, in memory of its own. It sees only
the folders, variables and functions that it is given, and nothing it does can outlast its limits.

>>> import python_wasm as pw
>>> with pw.Sandbox(timeout=5, memory=128 << 20) as sb:
...     out = sb.exec("x = 40; print('hi'); x + 2")
...     out.stdout, out.value
...     sb["rows"] = [("apple", 1.5), ("pear", 0.5)]
...     sb.eval("sum(price for name, price in rows)")
...     try:
...         sb.exec("1 / 0")
...     except pw.PythonError as error:
...         error.type_name, error.usable
('hi\\n', 42)
2.0
('ZeroDivisionError', True)
"""

import sysconfig as _sysconfig
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

if _sysconfig.get_config_var("Py_GIL_DISABLED"):
    raise ImportError(
        "python-wasm does not support the free-threaded build of CPython yet; use the default build"
    )

from ._errors import (  # noqa: E402  (only after the check)
    ConversionError,
    DiskLimit,
    Exit,
    Interrupted,
    OutOfFuel,
    OutOfMemory,
    OutputLimit,
    PythonError,
    SandboxError,
    SnapshotError,
    Timeout,
    Trap,
    Unusable,
)
from ._files import Change, Entry, Files  # noqa: E402
from ._images import Image  # noqa: E402
from ._mounts import Memory, Mount, Overlay, ReadOnly, ReadWrite  # noqa: E402
from ._native import ENGINES, __version__  # noqa: E402
from ._native import licenses as _licenses  # noqa: E402
from ._output import Frame, Object, Output, Stats  # noqa: E402
from ._pool import Pool  # noqa: E402
from ._sandbox import Sandbox  # noqa: E402
from ._settings import Limits  # noqa: E402
from ._snapshot import Snapshot  # noqa: E402
from ._tools import Tool, tool  # noqa: E402

if _TYPE_CHECKING:
    from ._executor import SandboxExecutor


def __getattr__(name: str) -> _Any:
    # It needs concurrent.futures, which takes a while to import.
    if name == "SandboxExecutor":
        from ._executor import SandboxExecutor

        return SandboxExecutor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def licenses() -> str:
    """The licences of everything in the package: CPython, the C libraries and the Rust crates.

    >>> "PYTHON SOFTWARE FOUNDATION LICENSE" in licenses()
    True
    """
    return _licenses()


__all__ = [
    "ENGINES",
    "Change",
    "ConversionError",
    "DiskLimit",
    "Entry",
    "Exit",
    "Files",
    "Frame",
    "Image",
    "Interrupted",
    "Limits",
    "Memory",
    "Mount",
    "Object",
    "OutOfFuel",
    "OutOfMemory",
    "Output",
    "OutputLimit",
    "Overlay",
    "Pool",
    "PythonError",
    "ReadOnly",
    "ReadWrite",
    "Sandbox",
    "SandboxError",
    "SandboxExecutor",
    "Snapshot",
    "SnapshotError",
    "Stats",
    "Timeout",
    "Tool",
    "Trap",
    "Unusable",
    "__version__",
    "licenses",
    "tool",
]
