"""Sandboxes."""

from __future__ import annotations

import atexit
import datetime
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from . import _native
from ._errors import PythonError, SandboxError
from ._files import Folders
from ._mounts import Mount
from ._output import Output, output_of
from ._settings import Bytes, Limits, Seconds, Settings, SomeLimits, Units, call_limits, limits, settings
from ._stream import OutputTarget, Receiver, receivers
from ._tools import AnyTool, Host

if TYPE_CHECKING:
    from ._images import Image
    from ._snapshot import Snapshot

T = TypeVar("T")

# Guests that still run when the interpreter ends are stopped, and have this many seconds.
atexit.register(_native.shut_down, 5.0)


class Sandbox:
    """A Python interpreter with one namespace, alone in its sandbox.

    Everything that is executed shares the namespace of ``__main__``. ``timeout``, ``fuel`` and ``output`` are for each
    call; the other limits are for the life of the sandbox. ``with`` closes it, and so does the garbage collector; no
    exit handlers run.

    A sandbox may move between threads, and one call at a time uses it: a second one meanwhile is a
    :class:`SandboxError`. The GIL is free while it runs. When a signal handler raises, as that of Ctrl-C does, the
    code is interrupted and the call raises that exception.

    :param timeout: Seconds for each call, waiting included. ``None`` is no limit.
    :param fuel: Units of work for each call. ``None`` is no limit. The same code from the same state uses the same.
    :param memory: Bytes of memory.
    :param output: Bytes written to standard output and error together, in each call.
    :param disk: Bytes by which all writable folders together may grow.
    :param max_files: Files, folders and links that may be made.
    :param open_files: Files, folders and streams open at once, including about a dozen of the sandbox's own.
    :param tool_calls: How often the code may call tools in each call; the next one raises ``host.Error`` there.
    :param tool_time: Seconds that tools may take in each call, all together; the next one raises ``host.Error``.
    :param mounts: Folders by their names in the sandbox, such as ``{"/data": ReadOnly("data")}``.
    :param sites: Folders of packages, as ``pip install --target`` makes them, for reading; at the end of ``sys.path``.
    :param image: What the sandbox starts from, with everything imported that was when it was prepared.
    :param env: The environment variables.
    :param args: ``sys.argv``; the first is the program's own name.
    :param stdin: What the code reads from standard input.
    :param stdout: Receives standard output while the code runs: a function of each line without its end, such as
        ``print``, or an object with ``write``. :class:`Output` has the text all the same. An exception that it raises
        stops the code, and the call raises it.
    :param stderr: The same for standard error.
    :param tools: Functions that the code finds in the module ``host``; see :func:`tool`.
    :param clock: The moment at which time begins and stands still, except while the code sleeps.
    :param seed: Makes all randomness a function of this number.
    :param engine: ``"native"``, CPython as machine code, or ``"wasmi"``, which interprets WebAssembly and is slower.
        Each counts fuel in units of its own. :data:`ENGINES` has those of this build, the default one first.

    >>> with Sandbox(env={"HOME": "/tmp"}, args=["prog", "-v"]) as sb:
    ...     sb.exec("import os, sys; os.environ['HOME'], sys.argv").value
    ('/tmp', ['prog', '-v'])
    """

    def __init__(
        self,
        *,
        timeout: float | None = 60.0,
        fuel: int | None = 10_000_000_000,
        memory: int = 1 << 30,
        output: int = 50_000_000,
        disk: int = 1 << 30,
        max_files: int = 100_000,
        open_files: int = 256,
        tool_calls: int | None = None,
        tool_time: float | None = None,
        mounts: Mapping[str, Mount] | None = None,
        sites: Iterable[str | os.PathLike[str]] = (),
        image: Image | None = None,
        env: Mapping[str, str] | None = None,
        args: Sequence[str] = (),
        stdin: str | bytes = b"",
        stdout: OutputTarget | None = None,
        stderr: OutputTarget | None = None,
        tools: Iterable[AnyTool] = (),
        clock: datetime.datetime | float | None = None,
        seed: int | None = None,
        engine: Literal["native", "wasmi"] | None = None,
    ) -> None:
        allowed = limits(
            timeout=timeout, fuel=fuel, memory=memory, output=output, disk=disk, max_files=max_files,
            open_files=open_files, tool_calls=tool_calls, tool_time=tool_time,
        )  # fmt: skip
        made = settings(
            allowed, mounts=mounts, sites=sites, image=image, env=env, args=args, stdin=stdin, clock=clock, seed=seed,
            engine=engine,
        )  # fmt: skip
        self._begin(made, stdout, stderr, tools, None)

    def _begin(
        self,
        settings: Settings,
        stdout: OutputTarget | None,
        stderr: OutputTarget | None,
        tools: Iterable[AnyTool],
        resumed: str | os.PathLike[str] | None,
    ) -> None:
        out, err = receivers(stdout, stderr)
        host = Host(tools)
        native = _native.Interpreter(settings, host if host.tools else None, out, err, resumed)
        self._own(native, host if host.tools else None, [each for each in (out, err) if each is not None])

    def _own(self, native: _native.Interpreter, host: Host | None, receivers: list[Receiver]) -> None:
        self._inner = native
        self._host = host
        self._receivers = receivers

    @classmethod
    def _of(
        cls, native: _native.Interpreter, host: Host | None, receivers: Iterable[Receiver | None] = ()
    ) -> Sandbox:
        sandbox = cls.__new__(cls)
        sandbox._own(native, host, [each for each in receivers if each is not None])
        return sandbox

    @classmethod
    def resume(
        cls,
        path: str | os.PathLike[str],
        *,
        timeout: float | None = 60.0, fuel: int | None = 10_000_000_000, memory: int = 1 << 30,
        mounts: Mapping[str, Mount] | None = None,
        image: Image | None = None,
        stdout: OutputTarget | None = None,
        stderr: OutputTarget | None = None,
        tools: Iterable[AnyTool] = (),
        engine: Literal["native", "wasmi"] | None = None,
    ) -> Sandbox:
        """Goes on from a file that :meth:`Snapshot.save` wrote, with these folders of the host, tools and limits.

        ``image`` is the one that the saved sandbox started from, if that has packages.

        The tools must have the names of those that the saved sandbox had. Arguments, variables and the other limits
        are those of the saved one. :class:`SnapshotError` if the file cannot be used, or needs a folder that is not
        granted.
        """
        allowed = limits(timeout=timeout, fuel=fuel, memory=memory)
        made = settings(allowed, mounts=mounts, image=image, engine=engine)
        sandbox = cls.__new__(cls)
        sandbox._begin(made, stdout, stderr, tools, path)
        return sandbox

    def __repr__(self) -> str:
        return f"<Sandbox at {id(self):#x}>"

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the sandbox and frees its memory. Every later call is a :class:`SandboxError`."""
        self._inner.close()

    @property
    def usable(self) -> bool:
        """Whether a call can be made. An earlier call may have ended Python for good."""
        return self._inner.is_usable()

    @property
    def limits(self) -> Limits:
        """The limits of the next call."""
        return Limits(*self._inner.limits())

    def set_limits(
        self,
        *,
        timeout: Seconds = ..., fuel: Units = ..., memory: Bytes = ..., output: Bytes = ...,
        tool_calls: Units = ..., tool_time: Seconds = ...,
    ) -> None:
        """Sets limits from the next call on; ``...`` leaves one as it is.

        ``ValueError`` for more memory than the sandbox was made with. The limits on disk space and files are those
        that it was made with, for all its life. :meth:`exec` and :meth:`eval` take limits for one call.

        >>> with Sandbox() as sb:
        ...     sb.set_limits(timeout=5, fuel=None)
        ...     sb.limits.timeout, sb.limits.fuel, sb.limits.memory
        (5.0, None, 1073741824)
        """
        self._inner.set_limits(limits(
            timeout=timeout, fuel=fuel, memory=memory, output=output, tool_calls=tool_calls, tool_time=tool_time
        ))  # fmt: skip

    @property
    def files(self) -> Folders:
        """The files in a folder: ``sb.files["/work"].read("out.png")``."""
        return Folders(self._inner)

    # --- calls ---------------------------------------------------------------

    def exec(self, source: str, *, timeout: Seconds = ..., fuel: Units = ...) -> Output:
        """Runs source code, as that of a module. ``timeout`` and ``fuel`` are for this call alone.

        >>> with Sandbox() as sb:
        ...     sb.exec("def double(x): return 2 * x").value
        ...     sb.exec("double(21)").value
        ...     try:
        ...         sb.exec("while True: pass", timeout=0.1)
        ...     except Timeout as error:
        ...         error.usable
        42
        True
        """
        return self._passing_on(self._exec, source, call_limits(timeout, fuel))

    def eval(self, expression: str, *, timeout: Seconds = ..., fuel: Units = ...) -> Any:
        """Evaluates an expression. What it prints is in the next :class:`Output`. ``timeout`` and ``fuel`` are for
        this call alone.

        ``None``, ``bool``, ``int``, ``float``, ``str``, ``bytes``, ``list``, ``tuple``, ``dict`` and ``set`` come out
        as they are, subclasses as their base, and anything else as an :class:`Object`.

        >>> with Sandbox() as sb:
        ...     sb.eval("2 ** 100"), sb.eval("{'a': (1, None)}")
        (1267650600228229401496703205376, {'a': (1, None)})
        """
        return self._passing_on(self._inner.eval, expression, call_limits(timeout, fuel))

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Calls a function by its name, which may be dotted.

        >>> with Sandbox() as sb:
        ...     _ = sb.exec("import json")
        ...     sb.call("json.dumps", {"a": 1}, indent=None)
        '{"a": 1}'
        """
        return self._passing_on(self._inner.call, name, args, kwargs)

    def __getitem__(self, name: str) -> Any:
        """The value of a name. ``KeyError`` if there is none.

        >>> with Sandbox() as sb:
        ...     sb["rows"] = [{"a": 1}]
        ...     sb.eval("rows[0]['a']"), sb["rows"]
        (1, [{'a': 1}])
        """
        try:
            return self._passing_on(self._inner.get, name)
        except PythonError as error:
            if error.type_name == "NameError":
                raise KeyError(name) from None
            raise

    def __setitem__(self, name: str, value: Any) -> None:
        """Binds a name to a value. ``TypeError`` for a value that cannot be passed."""
        self._passing_on(self._inner.set, name, value)

    def run_file(self, path: str) -> Output:
        """Runs a file of the sandbox as ``python3 path`` does, but in the shared namespace."""
        return output_of(self._passing_on(self._inner.run_file, path))

    def run_module(self, name: str, *args: str) -> Output:
        """Runs a module as ``python3 -m name args`` does.

        >>> with Sandbox(stdin='{"a": 1}') as sb:
        ...     print(sb.run_module("json.tool", "--compact").stdout, end="")
        {"a":1}
        """
        return output_of(self._passing_on(self._inner.run_module, name, list(args)))

    def take_output(self) -> Output:
        """What was printed since the last :class:`Output`, by calls that return a value."""
        return output_of(self._inner.take_output())

    def _exec(self, source: str, limits: SomeLimits | None) -> Output:
        return output_of(*self._inner.exec(source, limits))

    def _passing_on(self, call: Callable[..., T], *args: Any) -> T:
        """Makes a call, and lets the receivers of output finish."""
        if not self._receivers:
            return call(*args)
        try:
            result = call(*args)
        except SandboxError:
            for receiver in self._receivers:
                receiver.finish()
            raise
        except BaseException:
            for receiver in self._receivers:
                receiver.forget()
            raise
        for receiver in self._receivers:
            receiver.finish()
        return result

    # --- stopping ------------------------------------------------------------

    def interrupt(self) -> None:
        """Raises ``KeyboardInterrupt`` where the code is, which makes the call :class:`Interrupted`. Any thread may.

        Between calls it does nothing. Code that has not noticed an earlier interrupt, because it is in one long
        operation, is ended as by :meth:`terminate`.
        """
        self._inner.interrupt()

    def terminate(self) -> None:
        """Ends the code now, and the session with it. Any thread may."""
        self._inner.terminate()

    # --- for an event loop -----------------------------------------------------

    async def exec_async(self, source: str, *, timeout: Seconds = ..., fuel: Units = ...) -> Output:
        """:meth:`exec` for an event loop. Cancelling stops the code, and the session lives if the code lets it.

        >>> import asyncio
        >>> async def main():
        ...     with Sandbox() as one, Sandbox() as other:
        ...         both = await asyncio.gather(one.exec_async("6 * 7"), other.exec_async("6 + 7"))
        ...         return [out.value for out in both]
        >>> asyncio.run(main())
        [42, 13]
        """
        return await self._awaited(lambda: self.exec(source, timeout=timeout, fuel=fuel))

    async def eval_async(self, expression: str, *, timeout: Seconds = ..., fuel: Units = ...) -> Any:
        """:meth:`eval` for an event loop."""
        return await self._awaited(lambda: self.eval(expression, timeout=timeout, fuel=fuel))

    async def call_async(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """:meth:`call` for an event loop."""
        return await self._awaited(lambda: self.call(name, *args, **kwargs))

    async def _awaited(self, call: Callable[[], T]) -> T:
        # Importing them takes longer than everything else of this package.
        import asyncio

        from . import _async

        inner, host = self._inner, self._host
        if host is None:
            return await _async.awaited(call, inner.interrupt, inner.terminate)
        loop = asyncio.get_running_loop()
        host.enter(loop)
        try:
            return await _async.awaited(call, inner.interrupt, inner.terminate)
        finally:
            host.leave(loop)

    # --- states --------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The state of this sandbox, from which others can start, and to which it can go back.

        No call may be under way. :class:`SnapshotError` if an open file cannot be shared.
        """
        from ._snapshot import Snapshot

        return Snapshot._of(self._inner.snapshot(), self._host)

    def restore(self, snapshot: Snapshot) -> None:
        """Replaces the state by the snapshot's. This works even after the session was lost. Folders of the host do
        not change.

        >>> with Sandbox() as sb:
        ...     _ = sb.exec("x = [1]")
        ...     before = sb.snapshot()
        ...     _ = sb.exec("x.append(2)")
        ...     sb.restore(before)
        ...     sb["x"]
        [1]
        """
        from ._snapshot import Snapshot

        if not isinstance(snapshot, Snapshot):
            raise TypeError(f"a sandbox is restored to a Snapshot, not to {snapshot!r}")
        self._inner.restore(snapshot._inner)

    def fork(self) -> Sandbox:
        """A second sandbox that goes on from the state of this one. From then on neither sees anything of the other.

        >>> with Sandbox() as sb:
        ...     sb["x"] = 1
        ...     with sb.fork() as child:
        ...         child["x"] = 2
        ...     sb["x"]
        1
        """
        return self.snapshot().spawn()


__all__ = ["Sandbox", "SandboxError"]
