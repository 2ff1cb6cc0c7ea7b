"""An executor whose tasks run in sandboxes."""

from __future__ import annotations

import ast
import inspect
import os
import textwrap
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar, overload

from ._output import Output
from ._sandbox import Sandbox
from ._snapshot import Snapshot

P = ParamSpec("P")
T = TypeVar("T")


class SandboxExecutor(Executor):
    """A :class:`concurrent.futures.Executor` that runs each task in a fresh sandbox, several at once.

    A task is a function, which is sent as its source, or source itself, whose future has the :class:`Output`. Each
    sandbox starts from ``prepared``: what the functions use must be imported or defined there, or in the function.

    >>> def total(numbers: list[int]) -> int:
    ...     return sum(numbers)
    >>> with SandboxExecutor(max_workers=2) as executor:
    ...     executor.submit("6 * 7").result().value
    ...     list(executor.map(total, [[1, 2], [3]]))
    42
    [3, 3]

    :param max_workers: How many sandboxes run at once; by default one for each processor.
    :param prepared: The state in which each begins, with its limits and tools; by default that of a new sandbox.
    """

    def __init__(self, max_workers: int | None = None, prepared: Snapshot | None = None) -> None:
        if prepared is None:
            with Sandbox() as sandbox:
                prepared = sandbox.snapshot()
        elif not isinstance(prepared, Snapshot):
            raise TypeError(f"prepared is a Snapshot, not {prepared!r}")
        self._prepared = prepared.settled()
        workers = max_workers if max_workers is not None else os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="python-wasm executor")

    @overload
    def submit(self, task: str, /) -> Future[Output]: ...
    @overload
    def submit(self, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]: ...
    def submit(self, task: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Runs a task. The exceptions of a sandbox are those of the future.

        ``ValueError`` for a function that cannot be sent: one without source, a lambda, a method, or one that uses
        variables of a function around it.
        """
        if isinstance(task, str):
            if args or kwargs:
                raise TypeError("source takes no arguments")
            return self._threads.submit(self._run, task)
        name, source = source_of(task)
        return self._threads.submit(self._call, name, source, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more tasks. Those that run go on to their end, or their limits."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def _run(self, source: str) -> Output:
        with self._prepared.spawn() as sandbox:
            return sandbox.exec(source)

    def _call(self, name: str, source: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with self._prepared.spawn() as sandbox:
            sandbox.exec(source)
            return sandbox.call(name, *args, **kwargs)


def source_of(function: Callable[..., Any]) -> tuple[str, str]:
    """The name and the source of a function that can be sent."""
    if not inspect.isfunction(function):
        raise ValueError(f"only a function or source can be sent to a sandbox, not {function!r}")
    name = function.__name__
    if function.__code__.co_freevars:
        used = ", ".join(function.__code__.co_freevars)
        raise ValueError(f"{name} cannot be sent to a sandbox: it uses {used} of a function around it")
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except OSError as error:
        raise ValueError(f"{name} cannot be sent to a sandbox: its source is not known") from error
    try:
        tree = ast.parse(source)
    except SyntaxError:
        tree = ast.Module([], [])
    if not (len(tree.body) == 1 and isinstance(tree.body[0], ast.FunctionDef) and tree.body[0].name == name):
        raise ValueError(f"{name} cannot be sent to a sandbox: it is not a function with a def of its own")
    # Annotations mean nothing to the sandbox, and lines have the numbers that they have in the file.
    line = function.__code__.co_firstlineno
    return name, "from __future__ import annotations" + "\n" * max(line - 1, 1) + source
