"""Functions of the host, as the module `host`.

Messages to the host and its answers are tuples in marshal's format; what they
are is told in crates/runner/src/functions/calls.rs. A function that calls back
is a loop here: the host says what to call, and is asked again with the result.
One that is awaited is a future of asyncio's loop, which waits for the host when
it has nothing else to do.
"""

import sys
import types
import _python_wasm as agent
from _python_wasm_host import function as _send
from _python_wasm_values import SCALARS as _SCALARS
from marshal import dumps, loads
from time import sleep as _sleep
from builtins import (
    BaseException, BaseExceptionGroup, Exception, RuntimeError,
    callable, dict, enumerate, getattr, int, isinstance, issubclass, len, list, map, max, min, setattr,
    tuple, type,
)

_VERSION = 2
_NO_CALLABLES = {}
# Functions of the host nested deeper than this are not told where an exception
# came from: each level would format all of what the one below it did.
_TELLING_DEPTH = 4
_depth = 0
_builtins = dict(sys.modules["builtins"].__dict__)
agent.own_files.add((lambda: None).__code__.co_filename)


class Error(RuntimeError):
    """A function of the host failed."""

    __module__ = "host"


def define(called, awaited, described=()):
    """Makes the module with these functions, those of the second list to be awaited.

    Some are described: name, signature, annotations and docstring. These take any arguments, for the host to bind.
    """
    host = types.ModuleType("host", "Functions of the program that runs this sandbox.")
    host.Error = Error
    for names, make in ((called, _function), (awaited, _coroutine_function)):
        for name in names:
            function = make(name)
            function.__name__ = function.__qualname__ = name
            function.__module__ = "host"
            setattr(host, name, function)
    for name, signature, annotations, doc in described:
        function = (_coroutine_tool if name in awaited else _tool)(getattr(host, name))
        function.__name__ = function.__qualname__ = name
        function.__module__ = "host"
        function.__doc__ = doc
        function.__signature__ = signature
        function.__annotations__ = annotations
        setattr(host, name, function)
    host.__all__ = ["Error", *called, *awaited]
    sys.modules["host"] = host


def _tool(function):
    def tool(*arguments, **keywords):
        return function(list(arguments), keywords)
    return tool


def _coroutine_tool(function):
    async def tool(*arguments, **keywords):
        return await function(list(arguments), keywords)
    return tool


def _function(name):
    def function(*arguments):
        if _SCALARS.issuperset(map(type, arguments)):
            # Most calls: nothing to convert, and the function has ended when the host answers.
            answer = loads(_send(dumps(("call", name, arguments, _NO_CALLABLES), _VERSION)))
            return answer[1] if answer[0] == "value" else _Call().follow(answer)
        call = _Call()
        return call.follow(_ask("call", name, *call.outgoing(arguments)))
    return function


def _coroutine_function(name):
    async def function(*arguments):
        call = _Call()
        answer = _ask("start", name, *call.outgoing(arguments))
        if answer[0] == "running":
            call.id = answer[1]
            try:
                answer = await _end_of(call.id)
            except BaseException:
                call.abandon()
                raise
        return call.follow(answer)
    return function


@types.coroutine
def _others():
    yield


def _ask(*message):
    return loads(_send(dumps(message, _VERSION)))


# --- what asyncio waits for --------------------------------------------------

_NANOSECONDS = 10 ** 9
# How long a loop that watches descriptors, too, waits for functions at a time.
_BESIDE_DESCRIPTORS = 0.005
# By their loops.
_watches = {}


async def _end_of(number):
    """The host's answer about a function that runs, when it has ended."""
    loop = _asyncio_loop()
    if loop is None:
        # Whoever else is ready begins before anybody waits.
        await _others()
        return "running", number
    watch = _watches.get(loop)
    if watch is None:
        watch = _watches[loop] = _Watch(loop)
    future = watch.futures[number] = loop.create_future()
    try:
        return await future
    finally:
        watch.forget(number)


def _asyncio_loop():
    """The loop that runs, if it is one of asyncio's own."""
    base = sys.modules.get("asyncio.base_events")
    loop = base and base.events._get_running_loop()
    return loop if base and isinstance(loop, base.BaseEventLoop) else None


class _Watch:
    """The functions that one loop waits for."""

    def __init__(self, loop):
        self.loop = loop
        # By the host's numbers.
        self.futures = {}
        loop.call_soon(self.look)

    def look(self):
        """Waits for a function, but not while something else is to be done, and comes again."""
        try:
            if self.futures:
                self.wait()
        finally:
            if self.futures and not self.loop.is_closed():
                self.loop.call_soon(self.look)

    def forget(self, number):
        self.futures.pop(number, None)
        if not self.futures and _watches.get(self.loop) is self:
            del _watches[self.loop]

    def wait(self):
        time = self.time_left()
        end = None if time is None else self.loop.time() + time
        waiting = tuple(self.futures)
        kind, *rest = _ask("poll", waiting, None if time is None else int(time * _NANOSECONDS) + 1)
        if kind == "ended":
            number, answer = rest
            future = self.futures.get(number)
            self.forget(number)
            if future is not None and not future.done():
                future.set_result(answer)
        elif kind == "late" and end > self.loop.time():
            # Time that stands still except in sleep.
            _sleep(end - self.loop.time())

    def time_left(self):
        """The seconds until the loop has something else to do; None if nothing will come."""
        loop = self.loop
        if loop._ready or loop._stopping:
            return 0
        time = None
        if loop._scheduled:
            time = max(0, loop._scheduled[0].when() - loop.time())
        selector = getattr(loop, "_selector", None)
        if selector is not None and selector.get_map():
            time = min(_BESIDE_DESCRIPTORS, _BESIDE_DESCRIPTORS if time is None else time)
        return time


class _Call:
    """One call of a function of the host."""

    def __init__(self):
        # What the host can name by a number.
        self.callables = []
        # The host's number for a function that has not ended.
        self.id = None

    def outgoing(self, arguments):
        """The arguments, and the numbers of those that can be called."""
        places = {}
        for place, argument in enumerate(arguments):
            if callable(argument):
                places[place] = len(self.callables)
                self.callables.append(argument)
        return tuple(agent.outgoing(list(arguments))), places

    def follow(self, answer):
        """Does what the host wants until the function has ended."""
        failure = None
        try:
            while True:
                kind, *rest = answer
                if kind == "running":
                    self.id = rest[0]
                    answer = _ask("wait", self.id)
                elif kind == "call":
                    self.id = rest[0]
                    reply, failure = self.call_back(*rest[1:])
                    answer = _ask("resume", self.id, reply)
                else:
                    self.id = None
                    break
        finally:
            self.abandon()
        if failure is not None and not isinstance(failure, Exception):
            # An interrupt or an exit is not the function's to swallow.
            raise failure
        if kind == "value":
            return rest[0]
        if failure is not None and rest[0] == "":
            # The function had no way with it either.
            raise failure
        raise _exception(*rest) from failure

    def call_back(self, target, arguments):
        """Calls for the host: the answer for it, and what was raised."""
        global _depth
        _depth += 1
        try:
            if isinstance(target, int):
                function = self.callables[target]
            else:
                function = agent.resolve(target)
            return ("value", agent.outgoing(function(*arguments))), None
        except BaseException as exception:
            return agent.exception_answer(exception, _depth > _TELLING_DEPTH), exception
        finally:
            _depth -= 1

    def abandon(self):
        if self.id is not None:
            _ask("abandon", self.id)
            self.id = None


def _exception(type_name, message):
    kind = _builtins.get(type_name)
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, BaseExceptionGroup):
        try:
            return kind(message)
        except Exception:
            pass  # One that takes more than a message, such as UnicodeDecodeError.
    return Error(message)
