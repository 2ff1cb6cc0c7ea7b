"""The interactive prompt's questions: what to print, what is complete, what runs.

The terminal is the host's; here is what only the interpreter can answer, as
CPython's own prompt (Lib/_pyrepl, Lib/code.py, Lib/codeop.py) answers it.
"""

import __future__
import _ast
import linecache
import sys
import warnings

import _python_wasm as agent
from _python_wasm_sources import lines_of, remember
from _python_wasm_complete import _Unknown, _value, complete

_ONLY_AST = 0x400
_DONT_IMPLY_DEDENT = 0x200
_ALLOW_INCOMPLETE_INPUT = 0x4000
# ast.PyCF_ALLOW_TOP_LEVEL_AWAIT: a block that awaits is compiled as a coroutine.
TOP_LEVEL_AWAIT = 0x2000
_COROUTINE = 0x80
_FUTURES = 0
for _name in __future__.all_feature_names:
    _FUTURES |= getattr(__future__, _name).compiler_flag

# Futures that a block imported hold for the blocks after it.
_flags = TOP_LEVEL_AWAIT
_blocks = 0

# Runs what blocks await, in one loop: their tasks go on from one await to the next.
_runner = None

agent.own_files.add((lambda: None).__code__.co_filename)

# Words that act without being called, unless the program uses the name.
_commands = {name: f"{name}()" for name in ("copyright", "exit", "help", "quit")}


def banner():
    """CPython's first lines; empty with -q, or after a program that -i has run."""
    if sys.flags.quiet or sys.argv[:1] not in ([""], ["-"]):
        return ""
    text = f"Python {sys.version} on {sys.platform}"
    if not sys.flags.no_site:
        text += '\nType "help", "copyright", "credits" or "license" for more information.'
    return text


def prompts():
    """str() of sys.ps1 and sys.ps2, which a program may set to anything."""
    if not hasattr(sys, "ps1"):
        sys.ps1 = ">>> "
    if not hasattr(sys, "ps2"):
        sys.ps2 = "... "
    texts = []
    for prompt in (sys.ps1, sys.ps2):
        try:
            texts.append(str(prompt))
        except Exception:
            texts.append("")
    return tuple(texts)


def completeness(source):
    """"complete", "incomplete" or "invalid", by this interpreter's compiler."""
    if all(not line or line.startswith("#") for line in map(str.strip, source.split("\n"))):
        return "complete"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        verdict = _verdict(source, "single")
        if verdict == "invalid":
            # Several statements pasted at once are no "single" one. The block
            # at their end is over when an empty line says so.
            verdict = _verdict(source, "exec")
            if verdict == "complete" and source[source.rfind("\n") + 1:][:1] in (" ", "\t"):
                verdict = "incomplete"
        return verdict


def _verdict(source, mode):
    flags = _flags | _DONT_IMPLY_DEDENT | _ALLOW_INCOMPLETE_INPUT
    try:
        compile(source, "<stdin>", mode, flags, True)
        return "complete"
    except SyntaxError:
        pass
    except (MemoryError, OverflowError, RecursionError, ValueError):
        return "invalid"
    # What fails may be saved by more lines; only with the newline at its end
    # does the compiler tell that from a plain error.
    try:
        compile(source + "\n", "<stdin>", mode, flags, True)
        return "incomplete"
    except SyntaxError as error:
        return "incomplete" if type(error).__name__ == "_IncompleteInputError" else "invalid"


def run(source):
    """Runs one block, with all that it prints; whether an interrupt ended it.

    SystemExit passes through.
    """
    global _blocks
    word = source.strip()
    if word not in agent.namespace():
        if word == "clear":
            _clear()
            return False
        source = _commands.get(word, source)
    filename = f"<python-input-{_blocks}>"
    _blocks += 1

    def block():
        for code in _compiled(source, filename):
            execute(code, agent.namespace())
    return _shown(block)


def _clear():
    """Clears the screen, as Ctrl-L does."""
    if sys.stdout.isatty():
        print("\x1b[2J\x1b[H", end="", flush=True)


def execute(code, namespace):
    """exec() of code that may be a coroutine; the loop runs until that has ended."""
    if code.co_flags & _COROUTINE:
        loop().run(eval(code, namespace))
    else:
        exec(code, namespace)


def loop():
    """The loop in which all runs that awaits, with its tasks from one request to the next."""
    global _runner
    if _runner is None:
        import asyncio
        import atexit
        _runner = asyncio.Runner()
        atexit.register(_runner.close)
        # What runs the block stands in no traceback of it.
        for function in (asyncio.Runner.run, asyncio.BaseEventLoop.run_until_complete):
            agent.own_files.add(function.__code__.co_filename)
    return _runner


def run_script(words):
    """Runs a file and its arguments in the session's namespace, as run() does."""
    path, *arguments = words
    return _shown(lambda: agent.run_file(path, arguments))


def script(argument):
    """The words of %run, and whether the first is a file that can be seen from here."""
    import os
    import shlex
    try:
        words = shlex.split(argument)
    except ValueError as error:
        return [], str(error)
    return words, bool(words) and os.path.exists(words[0])


def _shown(block):
    """Runs it with its exception shown; whether that was an interrupt."""
    try:
        try:
            block()
        except SystemExit:
            raise
        except BaseException as exception:
            _show(exception)
            return isinstance(exception, KeyboardInterrupt)
    except KeyboardInterrupt as exception:
        # It struck behind the block, or while the block's own exception was shown.
        _show(exception)
        return True
    return False


def _compiled(source, filename):
    """The block's statements one after the other, each with its value displayed."""
    global _flags
    entry = lines_of(source, filename)
    tree = compile(source + "\n", filename, "exec", _flags | _ONLY_AST, True)
    for statement in tree.body:
        code = compile(_ast.Interactive([statement]), filename, "single", _flags, True)
        remember(code, entry)
        _flags |= code.co_flags & _FUTURES
        yield code


def explain(name, with_source):
    """What name? and name?? show: signature, docstring or source, where it is from."""
    return _shown(lambda: _explain(name, with_source))


def _explain(name, with_source):
    import inspect
    import keyword
    if keyword.iskeyword(name):
        help(name)
        return
    try:
        value = _value(name)
    except (AttributeError, LookupError, SyntaxError, _Unknown):
        print(f"nothing is called {name}")
        return
    agent.page(_description(inspect, name, value, with_source))


def _description(inspect, name, value, with_source):
    parts = []
    if callable(value):
        try:
            parts.append(("Signature", f"{name}{inspect.signature(value)}"))
        except (TypeError, ValueError):
            pass
    elif not inspect.ismodule(value):
        parts.append(("Value", agent.shortened(value)))
    source = _source(inspect, value) if with_source else None
    if source is not None:
        parts.append(("Source", source))
    else:
        parts.append(("Docstring", inspect.getdoc(value) or "<none>"))
    try:
        parts.append(("File", inspect.getfile(value)))
    except (OSError, TypeError):
        pass
    parts.append(("Type", type(value).__name__))
    lines = []
    for label, text in parts:
        text = text.rstrip("\n")
        lines.append(f"{label}:\n{text}" if "\n" in text else f"{label + ':':<11}{text}")
    return "\n".join(lines) + "\n"


def _source(inspect, value):
    """The source of a function, a class or a module; of what was typed, too."""
    try:
        return inspect.getsource(inspect.unwrap(value) if callable(value) else value)
    except (OSError, TypeError):
        pass
    # A class that was typed has no file, but its functions know where they stand.
    first = vars(value).get("__firstlineno__") if isinstance(value, type) else None
    for member in vars(value).values() if first is not None else ():
        code = getattr(member, "__code__", None)
        lines = linecache._getlines_from_code(code) if code is not None else []
        if lines and code.co_qualname.startswith(f"{value.__qualname__}."):
            return "".join(inspect.getblock(lines[first - 1:]))
    return None


def _show(exception):
    """Through sys.excepthook, as the interpreter itself would."""
    agent.strip_own_frames(exception)
    sys.last_exc = sys.last_value = exception
    sys.last_type = type(exception)
    sys.last_traceback = exception.__traceback__
    try:
        sys.excepthook(type(exception), exception, exception.__traceback__)
    except SystemExit:
        raise
    except BaseException as error:
        agent.strip_own_frames(error)
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(type(error), error, error.__traceback__)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(exception), exception, exception.__traceback__)


operations = {
    function.__name__: function
    for function in (
        banner, complete, completeness, explain, prompts, run, run_script, script,
    )
}
