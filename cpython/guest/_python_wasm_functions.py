"""Functions of the host, as the module `host`.

Messages to the host and its answers are tuples in marshal's format; what they
are is told in crates/runner/src/functions/calls.rs. A function that calls back
is a loop here: the host says what to call, and is asked again with the result.
"""

import marshal
import sys
import types
import _python_wasm as agent
from _python_wasm_host import function as _send
from builtins import (
    BaseException, BaseExceptionGroup, Exception, RuntimeError,
    callable, dict, enumerate, int, isinstance, issubclass, len, list, setattr, tuple, type,
)

_VERSION = 2
# Functions of the host nested deeper than this are not told where an exception
# came from: each level would format all of what the one below it did.
_TELLING_DEPTH = 4
_depth = 0
_builtins = dict(sys.modules["builtins"].__dict__)
agent.own_files.add((lambda: None).__code__.co_filename)


class Error(RuntimeError):
    """A function of the host failed."""

    __module__ = "host"


def define(called, awaited):
    """Makes the module with these functions, those of the second list to be awaited."""
    host = types.ModuleType("host", "Functions of the program that runs this sandbox.")
    host.Error = Error
    for names, make in ((called, _function), (awaited, _coroutine_function)):
        for name in names:
            function = make(name)
            function.__name__ = function.__qualname__ = name
            function.__module__ = "host"
            setattr(host, name, function)
    host.__all__ = ["Error", *called, *awaited]
    sys.modules["host"] = host


def _function(name):
    def function(*arguments):
        call = _Call()
        return call.follow(call.ask("call", name, *call.outgoing(arguments)))
    return function


def _coroutine_function(name):
    async def function(*arguments):
        call = _Call()
        answer = call.ask("start", name, *call.outgoing(arguments))
        if answer[0] == "running":
            call.id = answer[1]
            try:
                # Whoever else is ready begins before anybody waits.
                await _others()
            except BaseException:
                call.abandon()
                raise
        return call.follow(answer)
    return function


@types.coroutine
def _others():
    yield


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

    def ask(self, *message):
        return marshal.loads(_send(marshal.dumps(message, _VERSION)))

    def follow(self, answer):
        """Does what the host wants until the function has ended."""
        failure = None
        try:
            while True:
                kind, *rest = answer
                if kind == "running":
                    self.id = rest[0]
                    answer = self.ask("wait", self.id)
                elif kind == "call":
                    self.id = rest[0]
                    reply, failure = self.call_back(*rest[1:])
                    answer = self.ask("resume", self.id, reply)
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
            self.ask("abandon", self.id)
            self.id = None


def _exception(type_name, message):
    kind = _builtins.get(type_name)
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, BaseExceptionGroup):
        try:
            return kind(message)
        except Exception:
            pass  # One that takes more than a message, such as UnicodeDecodeError.
    return Error(message)
