"""The form in which values leave Python: what marshal writes, and bounded.

As in _python_wasm, names are taken from builtins at import, so that a program
which replaces them does not break the host's view.
"""

from builtins import (
    Exception,
    bool, bytearray, bytes, dict, float, frozenset, getattr, id, int, isinstance, len, list, map, memoryview,
    repr, set, str, tuple, type,
)

# Below marshal's own limit, and what the host's reader accepts.
_MAX_DEPTH = 200
_MAX_ELEMENTS = 1 << 24
_MAX_REPR = 4096

SCALARS = frozenset({type(None), bool, int, float, str, bytes})


class Unconvertible(Exception):
    """A value that has no form outside Python."""


def outgoing(value):
    """The value in terms that the host's reader knows."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind in (list, tuple):
        _check_elements(len(value))
        if SCALARS.issuperset(map(type, value)):
            return value
    return _Converter().convert(value, 0)


class _Converter:
    """Converts one value: bounded in depth and size, and never in a circle."""

    def __init__(self):
        self.inside = set()
        self.elements = 0

    def convert(self, value, depth):
        if isinstance(value, _SCALAR_TYPES):
            return _plain_scalar(value)
        if not isinstance(value, _CONTAINER_TYPES):
            return described(value)
        if id(value) in self.inside:
            raise Unconvertible("the value contains itself")
        if depth == _MAX_DEPTH:
            raise Unconvertible(f"the value is nested deeper than {_MAX_DEPTH} levels")
        self.inside.add(id(value))
        try:
            return self.convert_container(value, depth + 1)
        finally:
            self.inside.discard(id(value))

    def convert_container(self, value, depth):
        if isinstance(value, dict):
            self.count(2 * dict.__len__(value))
            return {
                self.convert(key, depth): self.convert(item, depth)
                for key, item in dict.items(value)
            }
        for kind in (list, tuple, set, frozenset):
            if isinstance(value, kind):
                self.count(kind.__len__(value))
                return kind([self.convert(item, depth) for item in kind.__iter__(value)])

    def count(self, elements):
        self.elements += elements
        _check_elements(self.elements)


def _check_elements(elements):
    if elements > _MAX_ELEMENTS:
        raise Unconvertible(f"the value has more than {_MAX_ELEMENTS} elements")


def described(value):
    """The form of what has no other: no value of Python's own leaves as an
    Ellipsis, so the tuple cannot be anything else.
    """
    return (..., type_name(type(value)), shortened(value))


_SCALAR_TYPES = (type(None), bool, int, float, str, bytes, bytearray, memoryview)
_CONTAINER_TYPES = (list, tuple, dict, set, frozenset)


def _plain_scalar(value):
    if type(value) in SCALARS:
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            # The base type's own method, whatever the subclass made of it.
            return {int: int.__int__, float: float.__float__, str: str.__str__}[kind](value)
    return bytes(value)


def type_name(kind):
    module = getattr(kind, "__module__", None)
    name = getattr(kind, "__qualname__", kind.__name__)
    if not isinstance(module, str) or module in ("builtins", "__main__"):
        return name
    return f"{module}.{name}"


def shortened(value):
    """repr(), but never without an end and never an exception."""
    try:
        text = repr(value)
    except Exception:
        return f"<unprintable {type(value).__name__} object>"
    return text if len(text) <= _MAX_REPR else text[:_MAX_REPR] + "..."


# Without one of these nothing here works.
names = frozenset(globals())
