"""The exceptions of the package."""

from __future__ import annotations

from typing import Any

from ._output import Frame, Output, Printed, output_of


class SandboxError(Exception):
    """A call into a sandbox failed. ``str()`` says why."""

    usable: bool = False
    """Whether the session lives: every variable is there, and calls can be made."""
    output: Output | None = None
    """What was printed before, and what that cost."""


class PythonError(SandboxError):
    """The code raised an exception that it did not handle. ``str()`` is the traceback, as Python prints it.

    >>> from python_wasm import PythonError, Sandbox
    >>> with Sandbox() as sb:
    ...     try:
    ...         sb.exec("prices = {}\\nprices['apple']")
    ...     except PythonError as error:
    ...         print(error.traceback)
    ...         error.type_name, error.message, error.frames[-1].line
    Traceback (most recent call last):
      File "<string>", line 2, in <module>
        prices['apple']
        ~~~~~~^^^^^^^^^
    KeyError: 'apple'
    <BLANKLINE>
    ('KeyError', "'apple'", 2)
    """

    type_name: str = ""
    """The exception's type, with its module unless that is ``builtins`` or ``__main__``."""
    message: str = ""
    """``str()`` of the exception."""
    frames: tuple[Frame, ...] = ()
    """Where it came from, the innermost frame last; at most 200."""
    notes: tuple[str, ...] = ()
    """The notes that ``add_note`` added."""
    traceback: str = ""
    """All of it as Python prints it, with the last newline. Empty in a cause."""
    cause: PythonError | None = None
    """The exception that it was raised from, or while handling."""


class Timeout(SandboxError):
    """The call took longer than ``timeout``."""


class OutOfFuel(SandboxError):
    """The call used more than ``fuel``."""


class OutOfMemory(SandboxError):
    """The code met the limit ``memory`` as a ``MemoryError`` that it did not handle."""


class OutputLimit(SandboxError):
    """More was printed than ``output`` allows. The session is lost."""


class DiskLimit(SandboxError):
    """``disk`` or ``max_files`` was reached."""


class Interrupted(SandboxError):
    """:meth:`Sandbox.interrupt` or :meth:`Sandbox.terminate` ended the code."""


class Exit(SandboxError):
    """The code called ``sys.exit``. The status need not mean a failure."""

    status: int = 0
    """The exit status."""


class Trap(SandboxError):
    """The code did what WebAssembly forbids, such as running past the end of the stack. The session is lost."""


class ConversionError(SandboxError):
    """A value cannot leave the sandbox, because it is too large, too deep, or contains itself."""


class SnapshotError(SandboxError):
    """A snapshot cannot be taken, or cannot be used here."""


class Unusable(SandboxError):
    """An earlier call ended the session. :meth:`Sandbox.restore` brings it back to a snapshot."""


_CLASSES: dict[str, type[SandboxError]] = {
    kind.__name__: kind
    for kind in (
        SandboxError, PythonError, Timeout, OutOfFuel, OutOfMemory, OutputLimit, DiskLimit, Interrupted, Exit,
        Trap, ConversionError, SnapshotError, Unusable,
    )
}  # fmt: skip


def make(name: str, message: str, /, *, output: Printed | None = None, **fields: Any) -> SandboxError:
    """The exception of that name, with these attributes. The native module calls it."""
    error = _CLASSES[name](message)
    error.output = None if output is None else output_of(output)
    if isinstance(error, PythonError):
        fields = _described(fields)
    vars(error).update(fields)
    return error


def _described(fields: dict[str, Any]) -> dict[str, Any]:
    fields["frames"] = tuple(Frame(*frame) for frame in fields["frames"])
    fields["notes"] = tuple(fields["notes"])
    cause = fields.pop("cause", None)
    if cause is not None:
        error = PythonError(f"{cause['type_name']}: {cause['message']}")
        vars(error).update(_described(cause), usable=fields.get("usable", False))
        fields["cause"] = error
    return fields
