"""Functions of the host that code in a sandbox calls: ``from host import search``."""

from __future__ import annotations

import ast
import inspect
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, Union, overload

from ._schema import schema_of

if TYPE_CHECKING:
    # Importing these takes longer than everything else here.
    import asyncio
    import concurrent.futures

P = ParamSpec("P")
T = TypeVar("T")


class Tool(Generic[P, T]):
    """A function that code in a sandbox can call. On the host it is called like the function itself."""

    name: str
    """The name in the module ``host``."""
    description: str
    """The function's docstring."""
    schema: dict[str, Any]
    """``name``, ``description`` and ``parameters``, a JSON Schema of the arguments, as language models want them."""
    is_async: bool
    """Whether code in the sandbox awaits it."""

    def __init__(self, function: Callable[P, T], name: str | None = None) -> None:
        if not callable(function):
            raise TypeError(f"a tool is a function, not {function!r}")
        self.function = function
        self.name = name if name is not None else getattr(function, "__name__", "")
        if not self.name.isidentifier():
            raise ValueError(f"{self.name!r} is not a name for a tool; give it one: tool(name=...)")
        self.description = inspect.getdoc(function) or ""
        self.is_async = inspect.iscoroutinefunction(function)
        self.signature = inspect.signature(function)
        self.schema = schema_of(function, self.name, self.description, self.signature)
        self.__doc__ = function.__doc__
        self.__name__ = self.name
        self.__wrapped__ = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Tool {self.name}{self.signature}>"

    def in_guest(self) -> tuple[str, bool, str, list[tuple[str, str]], str]:
        """What the sandbox shows of it: name, whether it is awaited, parameters, annotations, docstring."""
        # Text of a signature has no annotations, and only literals as defaults.
        plain = [
            parameter.replace(annotation=inspect.Parameter.empty, default=_literal(parameter.default))
            for parameter in self.signature.parameters.values()
        ]
        signature = str(self.signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))
        annotations = [
            (name, annotation if isinstance(annotation, str) else inspect.formatannotation(annotation))
            for name, annotation in getattr(self.function, "__annotations__", {}).items()
        ]
        return self.name, self.is_async, signature, annotations, self.description


class _Dots:
    """Stands for a default that is not a literal."""

    def __repr__(self) -> str:
        return "..."


_DOTS = _Dots()


def _literal(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return default
    try:
        if ast.literal_eval(repr(default)) == default:
            return default
    except (ValueError, SyntaxError, TypeError):
        pass
    return _DOTS


@overload
def tool(function: Callable[P, T], /) -> Tool[P, T]: ...
@overload
def tool(*, name: str | None = None) -> Callable[[Callable[P, T]], Tool[P, T]]: ...
def tool(
    function: Callable[P, T] | None = None, /, *, name: str | None = None
) -> Tool[P, T] | Callable[[Callable[P, T]], Tool[P, T]]:
    """Makes a tool of a function, plain or ``async``. Code in the sandbox sees its signature and its docstring.

    >>> import python_wasm as pw
    >>> @pw.tool
    ... def search(query: str, limit: int = 10) -> list[str]:
    ...     '''Searches the catalogue.'''
    ...     return [f"{query} {n}" for n in range(limit)]
    >>> search.schema["parameters"]["required"]
    ['query']
    >>> with pw.Sandbox(tools=[search]) as sb:
    ...     sb.exec("from host import search; search('pear', limit=2)").value
    ['pear 0', 'pear 1']

    A plain tool runs on the thread that called the sandbox. Python in the sandbox waits for it, and nothing stops it.
    An ``async`` tool is awaited in the sandbox; it runs on the event loop that awaits the sandbox (``exec_async``), or
    on one of its own. Arguments and results are converted like all values. An exception is raised in the sandbox: a
    built-in one as itself, any other as ``host.Error``. One that is not an ``Exception``, such as
    ``KeyboardInterrupt``, stops the sandbox and is raised by the call.
    """
    if function is None:
        return lambda function: Tool(function, name)
    return Tool(function, name)


AnyTool = Union[Tool[..., Any], Callable[..., Any]]
"""A tool, or a function that becomes one."""


class Host:
    """The tools of a sandbox and of all that come from it. The native module calls it."""

    def __init__(self, tools: Iterable[AnyTool]) -> None:
        made = [each if isinstance(each, Tool) else Tool(each) for each in tools]
        self.tools: dict[str, Tool[..., Any]] = {each.name: each for each in made}
        if len(self.tools) < len(made):
            names = sorted(each.name for each in made)
            raise ValueError(f"two tools have one name: {', '.join(names)}")
        self._lock = threading.Lock()
        # How many calls into sandboxes each event loop awaits, and the tools that run there for them.
        self._loops: dict[asyncio.AbstractEventLoop, int] = {}
        self._running: dict[concurrent.futures.Future[Any], asyncio.AbstractEventLoop] = {}

    def with_others(self, tools: Iterable[AnyTool]) -> Host:
        """These tools and others, which replace those of the same name."""
        host = Host(tools)
        host.tools = {**self.tools, **host.tools}
        return host

    def described(self) -> list[tuple[str, bool, str, list[tuple[str, str]], str]]:
        """What the sandbox shows of the tools."""
        return [each.in_guest() for each in self.tools.values()]

    def call(self, name: str, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """Calls a plain tool."""
        return self.tools[name].function(*arguments, **keywords)

    def call_awaited(self, name: str, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """Runs an ``async`` tool to its end, from a thread of its own."""
        import asyncio

        coroutine = self.tools[name].function(*arguments, **keywords)
        with self._lock:
            # With several loops, whose sandbox calls is not known.
            loop = next(iter(self._loops)) if len(self._loops) == 1 else None
            future = None if loop is None else asyncio.run_coroutine_threadsafe(coroutine, loop)
            if future is not None and loop is not None:
                self._running[future] = loop
        if future is None:
            return asyncio.run(coroutine)
        try:
            return future.result()
        finally:
            with self._lock:
                self._running.pop(future, None)

    def enter(self, loop: asyncio.AbstractEventLoop) -> None:
        """Notes that a loop begins to await a call into a sandbox."""
        with self._lock:
            self._loops[loop] = self._loops.get(loop, 0) + 1

    def leave(self, loop: asyncio.AbstractEventLoop) -> None:
        """Notes that such a call has ended. Tools that nobody waits for any more are cancelled."""
        with self._lock:
            self._loops[loop] -= 1
            if self._loops[loop]:
                return
            del self._loops[loop]
            left = [future for future, own in self._running.items() if own is loop]
        for future in left:
            future.cancel()

