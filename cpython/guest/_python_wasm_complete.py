"""Completion at the prompt: names, attributes, arguments, modules, keys and file names.

Bounded, silent, and without running the user's code where that can be avoided:
an attribute's value is looked up only on the way to the last dot, and nothing
is called. Modules are imported only if they are the standard library's.
"""

import _ast
import builtins
import keyword
import os
import re
import sys

import _python_wasm as agent

_MAX_CANDIDATES = 500
_ONLY_AST = 0x400


def complete(source, cursor):
    """(start, candidates): whole replacements of source[start:cursor].

    Both positions count characters of source.
    """
    try:
        start, candidates = _candidates(source[:cursor], source[cursor:])
        candidates = sorted(set(candidates), key=_order)[:_MAX_CANDIDATES]
    except Exception:
        # A __dir__ or __getattr__ of the user's that raised: nothing to offer.
        return cursor, []
    return start, candidates


def _order(candidate):
    """Arguments, then public names, then private ones, then dunders."""
    name = candidate.rpartition(".")[2]
    kind = name.startswith("_") + name.startswith("__")
    return not candidate.endswith("="), kind, candidate


def _candidates(before, after):
    line_start = before.rfind("\n") + 1
    line = before[line_start:]
    quote = _open_string(line)
    if quote is not None:
        start, found = _in_string(line, quote, after)
        return line_start + start, found
    words = line.split()
    if words and words[0] in ("import", "from"):
        found = _import(line, words)
        if found is not None:
            return line_start + found[0], found[1]
    start = _expression_start(before)
    expression = before[start:]
    if "." in expression:
        return start, _attributes(expression)
    subscript = _subscript(before, start)
    if subscript is not None:
        return subscript
    return start, [*_arguments(before[:start], expression), *_names(expression)]


# --- names and attributes ------------------------------------------------------

def _name_start(text):
    """Where the dotted name that ends the text begins."""
    start = len(text)
    while start > 0 and (text[start - 1] in "._" or text[start - 1].isalnum()):
        start -= 1
    return start


_PAIRS = {")": "(", "]": "[", "}": "{"}


def _expression_start(text):
    """Where the expression that ends the text begins: a dotted name, and before
    a dot or a subscript also what is in brackets or quotes."""
    start = _name_start(text)
    while start > 0 and text[start:start + 1] in (".", "["):
        last = text[start - 1]
        if last in _PAIRS:
            opening = _opening(text, start - 1)
            if opening is None:
                break
            start = _name_start(text[:opening])
            if text[start:opening] in keyword.kwlist:
                return opening
        elif last in "\"'":
            opening = text.rfind(last, text.rfind("\n", 0, start) + 1, start - 1)
            return start if opening < 0 else opening
        else:
            break
    return start


def _opening(text, closing):
    """The bracket that belongs to the one at closing."""
    depth = 0
    position = closing
    while position >= 0:
        character = text[position]
        if character in "\"'":
            position = text.rfind(character, 0, position)
            if position < 0:
                return None
        elif character in _PAIRS:
            depth += 1
        elif character in "([{":
            depth -= 1
            if depth == 0:
                return position if _PAIRS[text[closing]] == character else None
        position -= 1
    return None


def _names(prefix):
    if not prefix:
        return []
    return [
        name
        for names in (agent.namespace(), vars(builtins), keyword.kwlist, keyword.softkwlist)
        for name in names
        if isinstance(name, str) and name.startswith(prefix)
    ]


class _Unknown(Exception):
    """An expression whose value cannot be had without running something."""


def _value(expression):
    """The value of an expression that calls nothing but __getattr__s."""
    tree = compile(expression.strip(), "<completion>", "eval", _ONLY_AST)
    return _value_of(tree.body)


def _value_of(node):
    kind = type(node)
    if kind is _ast.Constant:
        return node.value
    if kind is _ast.Name:
        return agent.namespace()[node.id] if node.id in agent.namespace() else getattr(builtins, node.id)
    if kind is _ast.Attribute:
        return getattr(_value_of(node.value), node.attr)
    if kind is _ast.Subscript:
        container = _value_of(node.value)
        if type(container) in (dict, list, tuple, str, bytes):
            return container[_value_of(node.slice)]
    if kind is _ast.UnaryOp and type(node.op) is _ast.USub:
        operand = _value_of(node.operand)
        if type(operand) in (int, float):
            return -operand
    # Of a display the type is enough.
    for display, empty in _DISPLAYS.items():
        if kind is display:
            return empty
    raise _Unknown


_DISPLAYS = {
    _ast.List: [], _ast.ListComp: [], _ast.Tuple: (), _ast.Dict: {}, _ast.DictComp: {},
    _ast.Set: set(), _ast.SetComp: set(), _ast.JoinedStr: "",
}


def _attributes(expression):
    path, _, prefix = expression.rpartition(".")
    if not path:
        return []
    names = [name for name in dir(_value(path)) if name.startswith(prefix)]
    if not prefix:
        # As Python's own completion: private names when they are asked for.
        names = [name for name in names if not name.startswith("_")] or names
    return [f"{path}.{name}" for name in names]


# --- arguments of a call -----------------------------------------------------------

def _arguments(before, prefix):
    """name= for each argument of the call that is open at the end of before."""
    stripped = before.rstrip()
    if stripped[-1:] not in ("(", ","):
        return []
    opening = _open_bracket(stripped)
    if opening is None or stripped[opening] != "(":
        return []
    callee = stripped[:opening]
    name = callee[_expression_start(callee):]
    if not name or name in keyword.kwlist or callee[:-len(name)].rstrip().endswith("def"):
        return []
    return [f"{each}=" for each in _parameters(_value(name)) if each.startswith(prefix)]


def _open_bracket(text):
    """The innermost bracket that nothing closes, with strings left out."""
    text = re.sub(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"",
                  lambda string: " " * len(string[0]), text)
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        if text[position] in ")]}":
            depth += 1
        elif text[position] in "([{":
            if depth == 0:
                return position
            depth -= 1
    return None


def _parameters(function):
    """Names that can be given to function by name, without asking inspect, which is slow to load."""
    bound = 0
    for _ in range(8):
        if isinstance(function, type):
            if "__init__" not in vars(function) and getattr(function, "__text_signature__", None):
                break
            function, bound = function.__init__, 1
        elif hasattr(function, "__func__"):
            function, bound = function.__func__, 1
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            break
    code = getattr(function, "__code__", None)
    if code is not None:
        first = max(code.co_posonlyargcount, bound)
        return code.co_varnames[first:code.co_argcount + code.co_kwonlyargcount]
    signature = getattr(function, "__text_signature__", None) or ""
    by_name = signature.strip("()").rpartition("/")[2].split(",")
    names = (part.partition("=")[0].strip() for part in by_name)
    return [name for name in names if name.isidentifier() and name != "self"]


# --- imports -----------------------------------------------------------------------

def _import(line, words):
    """Modules after import and from; what a module holds after from x import."""
    start = _name_start(line)
    prefix = line[start:]
    if words[0] == "from" and "import" in words[2:]:
        module = words[1]
        names = [*_contents(module), *_submodules(module)]
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


# Importing these does more than to define things.
_LOUD = {"antigravity", "this", "__main__", "idlelib", "test", "turtledemo", "turtle"}


def _contents(module):
    """The names in a module; what is not the library's is read and not run."""
    top = module.partition(".")[0]
    if module not in sys.modules and top in sys.stdlib_module_names and top not in _LOUD:
        __import__(module)
    if module in sys.modules:
        return dir(sys.modules[module])
    *folders, last = module.split(".")
    for place in sys.path:
        path = os.path.join(place, *folders, last)
        for file in (f"{path}.py", f"{path}/__init__.py"):
            try:
                with open(file, encoding="utf-8") as source:
                    return _defined(source.read())
            except (OSError, UnicodeError):
                pass
    return []


def _defined(source):
    """The names that are assigned, defined or imported at the left edge."""
    found = re.findall(r"^(?:(?:async )?def|class) +(\w+)|^(\w+) *(?::[^=\n]*)?=(?!=)", source, re.M)
    return [name for names in found for name in names if name]


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


# --- inside strings and brackets ------------------------------------------------------

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


def _in_string(line, start, after):
    """Keys of a dictionary after name[", file names otherwise."""
    text = line[start:]
    opening = line[:start - 1]
    if opening.endswith("["):
        quote = line[start - 1]
        mapping = _container(opening[:-1])
        keys = [
            key for key in mapping if type(key) is str and key.startswith(text)
        ] if isinstance(mapping, dict) else []
        keys = [key for key in keys if quote not in key and repr(key)[1:-1] == key]
        if len(keys) == 1 and not after[:1].strip():
            keys = [f"{keys[0]}{quote}]"]
        return start, keys
    folder, prefix = os.path.split(text)
    with os.scandir(folder or ".") as entries:
        found = [
            os.path.join(folder, entry.name) + "/" * entry.is_dir()
            for entry in entries if entry.name.startswith(prefix)
        ]
    return start, found


def _container(before):
    name = before[_expression_start(before + ".x"):]
    return _value(name) if name else None


def _subscript(before, start):
    """Keys that are no strings, or begin with no quote yet: what is between [ and the cursor."""
    opening = before.rfind("[", 0, start + 1)
    if opening < 1 or not re.fullmatch(r"[-\w]*", before[opening + 1:]):
        return None
    if not (before[opening - 1].isalnum() or before[opening - 1] in "_])"):
        return None
    mapping = _container(before[:opening])
    if not isinstance(mapping, dict):
        return None
    typed = before[opening + 1:]
    keys = [repr(key) for key in mapping if _is_plain(key)]
    found = [key for key in keys if key.startswith(typed)]
    return (opening + 1, found) if found else None


def _is_plain(key):
    if type(key) is tuple:
        return all(map(_is_plain, key))
    return type(key) in (str, int, float, bool, bytes, type(None))
