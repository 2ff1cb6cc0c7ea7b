"""The code of sources that the host sends, and their lines for tracebacks.

Programs that embed Python ask for the same again and again, and compiling takes
longer than running. So the code of the last sources is kept.

As in _python_wasm, names are taken from builtins at import, so that a program
which replaces them does not break the host's view.
"""

import _ast
import linecache
from _ast import PyCF_ALLOW_TOP_LEVEL_AWAIT as _AWAIT
from builtins import compile, frozenset, globals, isinstance, iter, len, next, type

_MAX_KEPT = 64
_MAX_KEPT_SOURCE = 4096

# By source, file name and mode: the pieces of code, what linecache shows of the source, and the keys for it.
_kept = {}


def compiled(source, filename, mode):
    """The code of a source, whose lines tracebacks will show."""
    return _remembered(source, filename, mode, _one_piece)[0]


def compiled_to_value(source, filename):
    """The same in two pieces: all but a last statement that is an expression, and that expression or None."""
    return _remembered(source, filename, "value", _two_pieces)


def _one_piece(source, filename, mode):
    return (compile(source, filename, mode, _AWAIT, True),)


def _two_pieces(source, filename, mode):
    tree = compile(source, filename, "exec", _ast.PyCF_ONLY_AST, True)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], _ast.Expr) else None
    before = compile(tree, filename, "exec", _AWAIT, True)
    if last is None:
        return before, None
    return before, compile(_ast.Expression(last.value), filename, "eval", _AWAIT, True)


def _remembered(source, filename, mode, compile_pieces):
    name = source, filename, mode
    kept = _kept.get(name)
    if kept is None:
        pieces = compile_pieces(source, filename, mode)
        kept = pieces, lines_of(source, filename), [key for piece in pieces if piece for key in _keys(piece)]
        if len(source) <= _MAX_KEPT_SOURCE:
            if len(_kept) == _MAX_KEPT:
                del _kept[next(iter(_kept))]
            _kept[name] = kept
    pieces, entry, keys = kept
    for key in keys:
        linecache._interactive_cache[key] = entry
    return pieces


def lines_of(source, filename):
    """What linecache keeps of a source."""
    lines = [line + "\n" for line in source.splitlines()]
    return len(source), None, lines, filename


def remember(code, entry):
    """linecache._register_code(), but one that no program can break."""
    for key in _keys(code):
        linecache._interactive_cache[key] = entry


def _keys(code):
    """What linecache knows code by, and all code in it."""
    keys, stack = [], [code]
    while stack:
        code = stack.pop()
        stack.extend(const for const in code.co_consts if isinstance(const, type(code)))
        keys.append((code.co_filename, code.co_qualname, code.co_firstlineno))
    return keys


# Without one of these nothing here works.
names = frozenset(globals())
