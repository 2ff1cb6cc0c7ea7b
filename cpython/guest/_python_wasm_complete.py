"""Completion at the prompt: names, attributes, modules, keys and file names.

Bounded, silent, and without running the user's code where that can be avoided:
an attribute's value is looked up only on the way to the last dot.
"""

import builtins
import keyword
import os
import sys

_MAX_CANDIDATES = 500

_main = sys.modules["__main__"].__dict__


def complete(source, cursor):
    """(start, candidates): whole replacements of source[start:cursor].

    Both positions count characters of source.
    """
    before = source[:cursor]
    line = before[before.rfind("\n") + 1:]
    try:
        start, candidates = _candidates(line)
        candidates = sorted(set(candidates), key=_order)[:_MAX_CANDIDATES]
    except Exception:
        # A __dir__ or __getattr__ of the user's that raised: nothing to offer.
        return cursor, []
    return cursor - len(line) + start, candidates


def _order(candidate):
    """Public names first, then private ones, then dunders."""
    name = candidate.rpartition(".")[2]
    return name.startswith("_") + name.startswith("__"), candidate


def _candidates(line):
    quote = _open_string(line)
    if quote is not None:
        return _in_string(line, quote)
    words = line.split()
    if words and words[0] in ("import", "from"):
        found = _import(line, words)
        if found is not None:
            return found
    start = _expression_start(line)
    expression = line[start:]
    if "." in expression:
        return start, _attributes(expression)
    return start, _names(expression)


# --- names and attributes ------------------------------------------------------

def _expression_start(line):
    """Where the dotted name that ends the line begins."""
    start = len(line)
    while start > 0 and (line[start - 1].isidentifier() or line[start - 1] in "._"
                         or line[start - 1].isalnum()):
        start -= 1
    return start


def _names(prefix):
    if not prefix:
        return []
    return [
        name
        for names in (_main, vars(builtins), keyword.kwlist, keyword.softkwlist)
        for name in names
        if isinstance(name, str) and name.startswith(prefix)
    ]


def _resolve(path):
    """The object that a dotted name stands for."""
    first, *attributes = path.split(".")
    value = _main[first] if first in _main else getattr(builtins, first)
    for attribute in attributes:
        value = getattr(value, attribute)
    return value


def _attributes(expression):
    path, _, prefix = expression.rpartition(".")
    if not path or not all(map(str.isidentifier, path.split("."))):
        return []
    names = [name for name in dir(_resolve(path)) if name.startswith(prefix)]
    if not prefix:
        # As Python's own completion: private names when they are asked for.
        names = [name for name in names if not name.startswith("_")] or names
    return [f"{path}.{name}" for name in names]


# --- imports -----------------------------------------------------------------------

def _import(line, words):
    """Modules after import and from; what a module holds after from x import."""
    start = _expression_start(line)
    prefix = line[start:]
    if words[0] == "from" and "import" in words[2:]:
        module = words[1]
        names = dir(sys.modules[module]) if module in sys.modules else []
        names = [*names, *_submodules(module)]
        return start, [name for name in names if name.startswith(prefix)]
    # Whole words before the one that is being typed.
    before = len(words) - (not line[-1:].isspace())
    if words[0] == "from" and before == 2:
        return start, [name for name in ("import",) if name.startswith(prefix)]
    if before >= 1:
        package, dot, _ = prefix.rpartition(".")
        modules = _submodules(package) if dot else _top_level_modules()
        names = [f"{package}{dot}{name}" for name in modules]
        return start, [name for name in names if name.startswith(prefix)]
    return None


def _top_level_modules():
    names = [*sys.builtin_module_names, *sys.modules, *sys.stdlib_module_names]
    for folder in sys.path:
        names.extend(_modules_in(folder or "."))
    return [name for name in names if "." not in name]


def _submodules(package):
    """Submodules of a package, found without importing it."""
    folders = sys.path
    for part in package.split("."):
        folders = [os.path.join(folder, part) for folder in folders]
    return [name for folder in folders for name in _modules_in(folder)]


def _modules_in(folder):
    try:
        entries = os.listdir(folder)
    except OSError:
        return
    for entry in entries:
        name, suffix = os.path.splitext(entry)
        if name.isidentifier() and suffix in (".py", "") and name != "__pycache__":
            yield name


# --- inside strings -----------------------------------------------------------------

def _open_string(line):
    """Where the string that the line's end is in begins, after its quote."""
    quote = start = None
    position = 0
    while position < len(line):
        character = line[position]
        if quote is None:
            if character == "#":
                return None
            if character in "\"'":
                quote, start = character, position + 1
        elif character == "\\":
            position += 1
        elif character == quote:
            quote = start = None
        position += 1
    return start


def _in_string(line, start):
    """Keys of a dictionary after name[", file names otherwise."""
    text = line[start:]
    opening = line[:start - 1]
    if opening.endswith("["):
        name = opening[_expression_start(opening[:-1]):-1]
        mapping = _resolve(name)
        if isinstance(mapping, dict):
            return start, [
                key for key in mapping if isinstance(key, str) and key.startswith(text)
            ]
        return start, []
    folder, prefix = os.path.split(text)
    found = []
    for entry in os.listdir(folder or "."):
        if entry.startswith(prefix):
            path = os.path.join(folder, entry)
            found.append(path + "/" if os.path.isdir(path) else path)
    return start, found
