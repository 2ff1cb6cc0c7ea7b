"""JSON Schemas of functions, for language models."""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    None: {"type": "null"},
    type(None): {"type": "null"},
}

_ARRAYS = (
    list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Set,
)  # fmt: skip
_OBJECTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def schema_of(
    function: Callable[..., Any], name: str, description: str, signature: inspect.Signature
) -> dict[str, Any]:
    """The schema of a function: what its annotations say, and nothing where they say nothing."""
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception:
        # An annotation that names what is only there for a type checker.
        hints = {}
    properties: dict[str, Any] = {}
    required: list[str] = []
    more: Any = False
    for parameter in signature.parameters.values():
        schema = _of_type(hints.get(parameter.name, Any))
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            more = schema or True
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL:
            properties[parameter.name] = schema
            if parameter.default is inspect.Parameter.empty:
                required.append(parameter.name)
            elif isinstance(parameter.default, (str, bool, int, float, type(None))):
                schema["default"] = parameter.default
    parameters = {
        "type": "object", "properties": properties, "required": required, "additionalProperties": more,
    }  # fmt: skip
    return {"name": name, "description": description, "parameters": parameters}


def _of_type(hint: Any) -> dict[str, Any]:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, arguments = typing.get_origin(hint) or hint, typing.get_args(hint)
    if origin is typing.Annotated:
        schema = _of_type(arguments[0])
        texts = [each for each in arguments[1:] if isinstance(each, str)]
        return {**schema, "description": texts[0]} if texts else schema
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_of_type(each) for each in arguments]}
    if origin in _ARRAYS:
        items = arguments[0] if arguments else Any
        uniform = origin is not tuple or arguments[1:] == (...,)
        return {"type": "array", "items": _of_type(items)} if arguments and uniform else {"type": "array"}
    if origin in _OBJECTS:
        values = _of_type(arguments[1]) if len(arguments) == 2 else {}
        return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
    return {}
