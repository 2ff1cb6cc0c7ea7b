"""What a host program asks of Python, one request at a time.

The shim imports this module once and calls request(bytes) for every request.
Both directions are marshal's format, version 2 (no references, so what the
host reads is bounded by what it receives). Names are taken from builtins at
import, so that a program which replaces them does not break the host's view.

A request is a tuple (operation, *arguments). An answer is one of
    ("value", value)
    ("exception", kind, details, text)
        kind: "memory", "disk" (a limit was met), "interrupt", or "other",
        for which alone the rest is told; text: what Python prints for it
    ("exit", status)                SystemExit
    ("refused", message)            an argument that cannot be used
    ("unconvertible", message)      a value that cannot leave
    ("broken",)                     the program has taken this module apart
"""

import marshal
import sys
import _python_wasm_sources
import _python_wasm_values
from _python_wasm_sources import compiled, compiled_to_value
from _python_wasm_values import Unconvertible, outgoing, shortened, type_name
from errno import ENOSPC
from types import CoroutineType
from builtins import (
    BaseException, Exception, KeyboardInterrupt, KeyError, MemoryError, NameError,
    OSError, SystemExit, ValueError,
    all, compile, dict, eval, exec, frozenset, getattr, globals, int, isinstance, list, map, open, print,
    range, repr, set, str, tuple, type,
)

_MARSHAL_VERSION = 2
# The innermost ones of a traceback; its text has Python's own limits.
_MAX_FRAMES = 200
_MAX_CHAIN = 16

_main = sys.modules["__main__"]
_builtins = dict(sys.modules["builtins"].__dict__)


def namespace():
    """The program's namespace, whatever it does to sys.modules."""
    return _main.__dict__


def is_released():
    """Whether the host asks for nothing more, because the program runs for itself alone."""
    return _main is None


def release():
    """Lets go of the program, whose objects end with it: nothing is asked any more."""
    global _main
    _main = None


class _Refused(Exception):
    """An argument of a request that cannot be used."""


# --- exceptions that leave ---------------------------------------------------

# The files whose frames are no part of what the user ran.
own_files = set()


def strip_own_frames(exception):
    """Drops the host's frames from the traceback, and from those of its causes."""
    told = exception
    for _ in range(_MAX_CHAIN):
        told.__traceback__ = _without_own_frames(told.__traceback__)
        told = told.__cause__ or told.__context__
        if told is None:
            break
    return exception


def _without_own_frames(traceback):
    first = last = None
    while traceback is not None:
        following = traceback.tb_next
        if traceback.tb_frame.f_code.co_filename not in own_files:
            if last is None:
                first = traceback
            elif last.tb_next is not traceback:
                last.tb_next = traceback
            last = traceback
        traceback = following
    if last is not None and last.tb_next is not None:
        last.tb_next = None
    return first


own_files.update(function.__code__.co_filename for function in (strip_own_frames, compiled, outgoing))


def _safe_str(exception):
    try:
        return str(exception)
    except Exception:
        return "<exception str() failed>"


def _frames(traceback):
    """(file, line, function, source line) of each frame, innermost last."""
    from traceback import extract_tb
    return [
        (frame.filename, frame.lineno or 0, frame.name, frame.line or "")
        for frame in extract_tb(traceback, limit=-_MAX_FRAMES)
    ]


def _details(exception, depth=0):
    """(type, message, frames, notes, is explicit cause, cause or None)."""
    cause, explicit = exception.__cause__, True
    if cause is None and not exception.__suppress_context__:
        cause, explicit = exception.__context__, False
    notes = getattr(exception, "__notes__", ())
    return (
        type_name(type(exception)),
        _safe_str(exception),
        _frames(exception.__traceback__),
        [str(note) for note in notes] if isinstance(notes, (list, tuple)) else [],
        explicit,
        None if cause is None or depth == _MAX_CHAIN else _details(cause, depth + 1),
    )


def _text(exception):
    import traceback
    return "".join(
        traceback.format_exception(exception, limit=traceback.BUILTIN_EXCEPTION_LIMIT)
    )


def _exit_status(exception):
    """The status for SystemExit; prints what is neither None nor a number."""
    code = exception.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFFFFFFFF if -0x80000000 <= code <= 0x7FFFFFFF else 0xFFFFFFFF
    try:
        print(code, file=sys.stderr)
    except Exception:
        pass  # As python3: a broken stderr cannot be told about itself.
    return 1


def exception_answer(exception, brief=False):
    """The answer that tells of an exception; `brief` leaves out where it came from."""
    if not all(names.issubset(module.__dict__) for module, names in _whole):
        # What was raised may be of our own making.
        return ("broken",)
    if isinstance(exception, SystemExit):
        return "exit", _exit_status(exception)
    if type(exception) is _Refused:
        return "refused", str(exception)
    if type(exception) is Unconvertible:
        return "unconvertible", str(exception)
    kind = _kind(exception)
    if kind != "other":
        return "exception", kind, None, ""
    if not brief:
        strip_own_frames(exception)
        try:
            return "exception", kind, _details(exception), _text(exception)
        except Exception:
            pass  # No memory or stack left to tell more.
    name = type_name(type(exception))
    message = _safe_str(exception)
    return "exception", kind, (name, message, [], [], False, None), f"{name}: {message}\n"


def _kind(exception):
    if isinstance(exception, MemoryError):
        return "memory"
    if isinstance(exception, KeyboardInterrupt):
        return "interrupt"
    if isinstance(exception, OSError) and exception.errno == ENOSPC:
        return "disk"
    return "other"


def escaped(exception):
    """The answer that tells of an exception, written. For one that left request(), too."""
    try:
        return marshal.dumps(exception_answer(exception), _MARSHAL_VERSION)
    except ValueError:
        unwritable = Unconvertible("the exception cannot be written in marshal's format")
        return marshal.dumps(exception_answer(unwritable), _MARSHAL_VERSION)


# --- requests ----------------------------------------------------------------

_operations = {}


def operation(function):
    """Makes a function callable by the host under its own name."""
    _operations[function.__name__] = function
    return function


class _Outgoing:
    """What an operation returns that is in the reader's terms already."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


def request(message):
    """Answers one request; see the module's description."""
    try:
        name, *arguments = marshal.loads(message)
        answer = _written(_operations[name](*arguments))
    except BaseException as exception:
        answer = escaped(exception)
    flush()
    return answer


def _written(value):
    """The answer with a value, written."""
    try:
        leaving = value.value if type(value) is _Outgoing else outgoing(value)
        return marshal.dumps(("value", leaving), _MARSHAL_VERSION)
    except MemoryError:
        # The program has not run out of memory, its value has no room for a copy.
        raise Unconvertible("the value is too large: there is no memory for the copy that leaves") from None
    except ValueError:
        raise Unconvertible("the value cannot be written in marshal's format") from None


def flush():
    """Flushes what the program printed; what fails here is lost in python3 too."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def _lookup(name):
    if not name.isidentifier():
        raise _Refused(f"{name!r} is not an identifier")
    try:
        return _main.__dict__[name]
    except KeyError:
        pass
    try:
        return _builtins[name]
    except KeyError:
        raise NameError(f"name {name!r} is not defined", name=name) from None


@operation
def start(argv):
    """Sets sys.argv for a host program that has no command line."""
    sys.argv[:] = argv


@operation
def environment(variables):
    """Sets variables in an interpreter that goes on from a snapshot."""
    import os
    os.environ.update(variables)


@operation
def stream_lines():
    """Lets every line that is printed reach the host at once, for there somebody waits for it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.reconfigure(line_buffering=True)
        except Exception:
            pass  # The program has put something else there.


# Code that awaits outside of a function.
_CO_COROUTINE = 0x80


def _value_of(code):
    """The value of code, which runs in the session's event loop if it awaits."""
    value = eval(code, _main.__dict__)
    return _awaited(value) if code.co_flags & _CO_COROUTINE else value


def _awaited(coroutine):
    import _python_wasm_prompt
    return _python_wasm_prompt.loop().run(coroutine)


@operation
def run(source, filename):
    _value_of(compiled(source, filename, "exec"))


def _last_value(source, filename):
    """Runs source; the value of the last statement, if that is an expression."""
    before, last = compiled_to_value(source, filename)
    _value_of(before)
    return None if last is None else _value_of(last)


@operation
def run_to_repr(source, filename):
    """As run; the value is what a prompt shows of the last statement's, if there is one."""
    value = _last_value(source, filename)
    return None if value is None else shortened(value)


@operation
def run_to_value(source, filename):
    """As run; the value is that of the last statement, if it is an expression."""
    value = _last_value(source, filename)
    try:
        return _Outgoing(outgoing(value))
    except Unconvertible as reason:
        # The code has run, so it has not failed if its value cannot leave. The
        # repr of such a value can take minutes.
        name = type_name(type(value))
        return _Outgoing((..., name, f"<{name}: {reason}>"))


@operation
def evaluate(source, filename):
    return _value_of(compiled(source.lstrip(" \t"), filename, "eval"))


@operation
def represent(source, filename):
    return repr(evaluate(source, filename))


@operation
def assign(name, value):
    if not name.isidentifier():
        raise _Refused(f"{name!r} is not an identifier")
    _main.__dict__[name] = value


@operation
def fetch(name):
    return _lookup(name)


def resolve(name):
    """What a name stands for, which may be dotted."""
    first, *attributes = name.split(".")
    value = _lookup(first)
    for attribute in attributes:
        value = getattr(value, attribute)
    return value


@operation
def call(name, arguments, keywords={}):
    value = resolve(name)(*arguments, **keywords)
    # What an `async def` returns is of no use to the host.
    return _awaited(value) if type(value) is CoroutineType else value


@operation
def run_file(path, arguments):
    """As `python3 path arguments`, in the namespace that the session shares."""
    import os
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", 0, True)
    _main.__file__ = path
    _run_program(
        lambda: exec(code, _main.__dict__),
        [path, *arguments],
        os.path.dirname(os.path.abspath(path)),
    )


@operation
def run_module(name, arguments):
    """As `python3 -m name arguments`."""
    import os
    import runpy
    _run_program(
        lambda: runpy._run_module_as_main(name),
        [name, *arguments],
        os.getcwd(),
    )


def _run_program(program, argv, path0):
    """Runs with sys.argv and sys.path[0] as the command line would set them."""
    outer = sys.argv
    sys.argv = argv
    sys.path.insert(0, path0)
    try:
        program()
    finally:
        sys.argv = outer
        if path0 in sys.path:
            sys.path.remove(path0)


# --- functions of the host ---------------------------------------------------

@operation
def functions(called, awaited, described=()):
    """Makes the module `host`, for a sandbox that has functions."""
    import _python_wasm_functions
    _python_wasm_functions.define(called, awaited, described)


# --- images ------------------------------------------------------------------

# What most programs import first; the rest of the library is imported when it is asked for.
_PRELOADED = ("dataclasses", "datetime", "json", "pathlib", "re", "typing", "_python_wasm_prompt")


def preload():
    """Imports what an image shall hold."""
    for name in _PRELOADED:
        __import__(name)


def adopt(variables, pythonpath):
    """Makes the variables of a restored interpreter's environment known to it."""
    import os
    import posix
    posix.environ.clear()
    posix.environ.update(variables)
    # os.environ has this very dictionary, unless os was imported otherwise.
    if os.environ._data is not posix.environ:
        os.environ._data.clear()
        os.environ._data.update(posix.environ)
    if b"TZ" in variables:
        import time
        time.tzset()
    if pythonpath:
        # As getpath.py and site.removeduppaths().
        added = list(dict.fromkeys(map(os.path.abspath, pythonpath.split(os.pathsep))))
        sys.path[:] = added + [entry for entry in sys.path if entry not in added]
        # The image was made without these folders, so it has found none in them.
        import site
        site.execsitecustomize()
    renew()


# The modules with a generator of random numbers that all of a program shares.
_GENERATORS = ("random", "numpy.random")


@operation
def renew():
    """Seeds anew what must differ between two interpreters of one memory."""
    for name in _GENERATORS:
        module = sys.modules.get(name)
        if module is None:
            continue
        try:
            module.seed()
        except MemoryError:
            raise
        except Exception:
            pass  # The program has put something else there.


@operation
def leave(path_before):
    """Forgets the program, for an image; the names of the files that it has left open."""
    from _python_wasm_leaving import leave
    return leave(path_before)


# --- the prompt --------------------------------------------------------------

def page(text):
    """Shows text on the host's terminal, a screen at a time; prints it if there is none."""
    from _python_wasm_host import page
    flush()
    try:
        page(text)
    except OSError:
        print(text, end="")


@operation
def prompt(name, *arguments):
    """An operation of the interactive prompt, loaded when there is one."""
    import _python_wasm_prompt
    return _python_wasm_prompt.operations[name](*arguments)


# Without one of these nothing here works.
_whole = [(module, module.names) for module in (_python_wasm_sources, _python_wasm_values)]
_whole.append((sys.modules[__name__], frozenset(globals())))
