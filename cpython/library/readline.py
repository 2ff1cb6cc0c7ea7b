"""readline over the editor of the sandbox's host, which edits lines when stdin and stdout are terminals.

The host's editor has keys and a history of its own. A program gives it a
completer and, by a startup hook, the text that a line begins with; here is
also the list of lines that a program sees as the history.
"""

import os as _os
import sys as _sys

backend = "readline"
_READLINE_VERSION = _READLINE_RUNTIME_VERSION = 0x802
_READLINE_LIBRARY_VERSION = "8.2"

_DELIMITERS = " \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?"
# As many as anybody looks through.
_MAX_CANDIDATES = 500

_completer = _display_hook = _startup_hook = _input_hook = None
_delimiters = _DELIMITERS
_line, _begin, _end = "", 0, 0
_history, _history_length, _auto_history = [], -1, True


def _callable(function):
    if function is not None and not callable(function):
        raise TypeError("a callable or None is wanted")
    return function


# --- completion ---------------------------------------------------------------

def set_completer(function=None, /):
    """Set or remove the completer: function(text, state) returns the candidate number state, or None."""
    global _completer
    _completer = _callable(function)


def get_completer():
    """The completer, or None."""
    return _completer


def set_completer_delims(string, /):
    """Set the characters at which the text that is completed begins."""
    global _delimiters
    if not isinstance(string, str):
        raise TypeError(f"a string is wanted, not {type(string).__name__}")
    _delimiters = string


def get_completer_delims():
    """The characters at which the text that is completed begins."""
    return _delimiters


def get_completion_type():
    """How completion was asked for: by Tab."""
    return ord("\t")


def get_line_buffer():
    """The line that is being completed."""
    return _line


def get_begidx():
    """Where the text that is completed begins in the line."""
    return _begin


def get_endidx():
    """Where the text that is completed ends in the line."""
    return _end


def set_completion_display_matches_hook(function=None, /):
    """Set a function to show candidates. The host's editor shows them itself, so it is not called."""
    global _display_hook
    _display_hook = _callable(function)


def _complete(line, cursor):
    """(start, candidates): replacements of line[start:cursor]. The host's editor asks, at Tab."""
    global _line, _begin, _end
    _line, _end = line, cursor
    _begin = max((line.rfind(each, 0, cursor) for each in _delimiters), default=-1) + 1
    text, found = line[_begin:cursor], []
    try:
        while len(found) < _MAX_CANDIDATES:
            candidate = _completer(text, len(found))
            if not isinstance(candidate, str):
                break
            found.append(candidate)
    except (Exception, KeyboardInterrupt):
        # As GNU readline: a completer that fails has nothing to offer. The host interrupts one that is slow.
        pass
    return _begin, [each for each in dict.fromkeys(found) if "\n" not in each]


# --- the line ------------------------------------------------------------------

# As crates/contract/src/host_call.rs has them.
_READ_ANSWER, _READ_COMPLETED, _READ_CANDIDATES = b"\0", b"\2", b"\3"
_LINE_READ, _LINE_COMPLETED = b"\0", b"\1"


def _read_line(prompt):
    """Reads a line, in bytes with its newline. input() does it so at a terminal once this module is there."""
    from _python_wasm_host import read_line
    text = _start().replace("\0", "")
    if _completer is None and not text:
        line = read_line(_READ_ANSWER + prompt)
    else:
        answer = read_line(_READ_COMPLETED + text.encode("utf-8", "replace") + b"\0" + prompt)
        while answer[:1] == _LINE_COMPLETED:
            answer = read_line(_READ_CANDIDATES + _candidates(answer))
        line = answer[1:]
    _entered(line.decode("utf-8", "surrogateescape").rstrip("\n"))
    return line


def _candidates(answer):
    """What fits into a line at the byte of it that the answer names."""
    cursor, line = int.from_bytes(answer[1:5], "little"), answer[5:]
    before = line[:cursor].decode("utf-8", "replace")
    start, candidates = len(before), ()
    if _completer is not None:
        start, candidates = _complete(line.decode("utf-8", "replace"), start)
    lines = [str(len(before[:start].encode("utf-8", "replace"))), *candidates]
    return "\n".join(lines).encode("utf-8", "replace")


def set_startup_hook(function=None, /):
    """Set a function to call before a line is edited; what it inserts is what the line begins with."""
    global _startup_hook
    _startup_hook = _callable(function)


def set_pre_input_hook(function=None, /):
    """As set_startup_hook(), called after it."""
    global _input_hook
    _input_hook = _callable(function)


def insert_text(string, /):
    """Insert text into the line: from a hook, at its beginning."""
    global _line
    if not isinstance(string, str):
        raise TypeError(f"a string is wanted, not {type(string).__name__}")
    _line += string


def redisplay():
    """Show the line anew, which the host's editor does by itself."""


def _start():
    """What the line begins with, before it is edited."""
    global _line
    _line = ""
    for hook in (_startup_hook, _input_hook):
        try:
            if hook is not None:
                hook()
        except Exception:
            pass  # As GNU readline.
    return _line


def parse_and_bind(string, /):
    """Take a line of an init file. The host's editor has keys of its own: Tab completes."""
    if not isinstance(string, str):
        raise TypeError(f"a string is wanted, not {type(string).__name__}")


def read_init_file(filename=None, /):
    """Read an init file, line by line as parse_and_bind()."""
    if filename is None:
        raise OSError(2, _os.strerror(2))
    with open(filename) as file:
        for line in file:
            parse_and_bind(line)


# --- history ---------------------------------------------------------------------

def add_history(string, /):
    """Append a line to the history."""
    if not isinstance(string, str):
        raise TypeError(f"a string is wanted, not {type(string).__name__}")
    _history.append(string)


def _entered(line):
    """Notes a line that was entered."""
    if _auto_history and line and _history[-1:] != [line]:
        _history.append(line)


def set_auto_history(enabled, /):
    """Set whether each line that is read is appended to the history."""
    global _auto_history
    _auto_history = bool(enabled)


def clear_history():
    """Forget the history."""
    _history.clear()


def get_current_history_length():
    """The number of lines in the history."""
    return len(_history)


def get_history_item(index, /):
    """The line at an index, which counts from 1; None without one."""
    return _history[index - 1] if 0 < index <= len(_history) else None


def _checked(position):
    if position < 0:
        raise ValueError("History index cannot be negative")
    if position >= len(_history):
        raise ValueError(f"No history item at position {position}")
    return position


def remove_history_item(pos, /):
    """Remove the line at a position, which counts from 0."""
    del _history[_checked(pos)]


def replace_history_item(pos, line, /):
    """Replace the line at a position, which counts from 0."""
    if not isinstance(line, str):
        raise TypeError(f"a string is wanted, not {type(line).__name__}")
    _history[_checked(pos)] = line


def get_history_length():
    """The most lines that a file of the history gets; negative without a limit."""
    return _history_length


def set_history_length(length, /):
    """Set the most lines that a file of the history gets; negative is without a limit."""
    global _history_length
    _history_length = length.__index__()


def _file(filename):
    return _os.path.expanduser("~/.history") if filename is None else filename


def read_history_file(filename=None, /):
    """Append the lines of a file to the history."""
    _sys.audit("open", _file(filename), "r", 0)
    with open(_file(filename), encoding="utf-8", errors="surrogateescape") as file:
        _history.extend(file.read().splitlines())


def _write(filename, lines, mode):
    with open(_file(filename), mode, encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{line}\n" for line in lines)


def write_history_file(filename=None, /):
    """Write the history to a file."""
    _write(filename, _history[-_history_length:] if _history_length > 0 else _history, "w")
    if _history_length == 0:
        _write(filename, (), "w")


def append_history_file(nelements, filename=None, /):
    """Append the last lines of the history to a file."""
    if nelements < 0:
        raise ValueError("nelements must be positive")
    open(_file(filename), "rb").close()
    _write(filename, _history[len(_history) - min(nelements, len(_history)):], "a")
