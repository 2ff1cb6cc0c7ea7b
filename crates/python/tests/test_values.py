"""Values that cross between the host and a sandbox."""

from __future__ import annotations

import collections
import enum
import math
from typing import Any

import pytest

import python_wasm as pw

VALUES: list[Any] = [
    None, True, False, 0, -1, 2**31, -(2**63), 2**63, 2**64, -(2**100), 1 << 5000, 0.5, -0.0, 1e308, float("inf"),
    "", "é\0\n𝄞", b"", b"\0\xff", [], [1, [2, [3]]], (), (1, (2,)), {}, {"a": 1, 2: None, (3, "x"): [4]}, set(),
    {1, "a", (2, 3)}, [{"k": {"deep": (b"x", {1.5})}}], {frozenset({1}): {frozenset({2})}},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value!r}"[:30])
def test_a_value_comes_back_as_it_was(sb: pw.Sandbox, value: Any) -> None:
    sb["x"] = value
    for back in (sb["x"], sb.eval("x"), sb.exec("x").value, sb.call("copy.copy", value) if copied(sb) else value):
        assert back == value
        assert type(back) is type(value)
    assert sb.eval("type(x).__name__") == type(value).__name__


def copied(sb: pw.Sandbox) -> bool:
    sb.exec("import copy")
    return True


def test_nan_and_the_types_inside_of_containers_are_kept(sb: pw.Sandbox) -> None:
    sb["x"] = [math.nan, True, 1, 1.0]
    nan, *others = sb["x"]
    assert math.isnan(nan)
    assert [type(other) for other in others] == [bool, int, float]


def test_subclasses_and_buffers_count_as_their_base(sb: pw.Sandbox) -> None:
    class Colour(enum.IntEnum):
        RED = 3

    class Name(str):
        pass

    pair = collections.namedtuple("pair", "a b")
    sb["x"] = [Colour.RED, Name("n"), pair(1, 2), collections.OrderedDict(a=1), bytearray(b"ab"), memoryview(b"cd")]
    assert sb["x"] == [3, "n", (1, 2), {"a": 1}, b"ab", b"cd"]


def test_what_has_no_form_outside_is_described(sb: pw.Sandbox) -> None:
    sb.exec("class Thing:\n    def __repr__(self): return 'a thing'\nthing = Thing()")
    assert sb["thing"] == pw.Object("Thing", "a thing")
    assert sb.eval("[thing, 1]") == [pw.Object("Thing", "a thing"), 1]
    assert sb.eval("{thing: 1}") == {pw.Object("Thing", "a thing"): 1}
    with pytest.raises(TypeError, match="Object cannot be passed"):
        sb["x"] = sb["thing"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "builtins?.object|type object cannot"),
        (1j, "complex cannot"),
        ([print], "builtin_function_or_method cannot"),
        ({"a": {1: ...}}, "ellipsis cannot"),
        (range(3), "range cannot"),
    ],
)
def test_a_value_of_another_type_is_a_type_error_that_names_it(sb: pw.Sandbox, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        sb["x"] = value
    with pytest.raises(TypeError, match=message):
        sb.call("print", value)
    assert sb.eval("1") == 1


def test_depth_and_size_are_bounded(sb: pw.Sandbox) -> None:
    deep: list[Any] = []
    for _ in range(150):
        deep = [deep]
    sb["x"] = deep
    assert sb["x"] == deep
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="nested deeper than 200"):
        sb["x"] = circle
    with pytest.raises(pw.ConversionError, match="contains itself") as caught:
        sb.eval("(lambda x: (x.append(x), x)[1])([])")
    assert caught.value.usable
    with pytest.raises(pw.ConversionError, match="more than 16777216 elements"):
        sb.eval("[0] * (1 << 25)")
    with pytest.raises(ValueError, match="more than 16777216 elements"):
        sb["x"] = [[0] * (1 << 22)] * 5
    with pytest.raises(ValueError, match="surrogates"):
        sb["x"] = "\ud800"


def test_names_are_checked(sb: pw.Sandbox) -> None:
    with pytest.raises(ValueError, match="not an identifier"):
        sb["not a name"] = 1
    with pytest.raises(KeyError, match="missing"):
        sb["missing"]
    for wrong in (1, None, b"x"):
        with pytest.raises(TypeError):
            sb[wrong]  # type: ignore[index]
        with pytest.raises(TypeError):
            sb.exec(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            sb.call(wrong)  # type: ignore[arg-type]


def test_an_output_has_everything(sb: pw.Sandbox) -> None:
    out = sb.exec("import sys\nprint('out')\nprint('err', file=sys.stderr)\n[1]")
    assert (out.stdout, out.stderr, out.value) == ("out\n", "err\n", [1])
    assert out.stats.fuel > 0
    assert out.stats.wall > 0
    assert out.stats.peak_memory > 1 << 20
    assert sb.exec("x = 1").value is None
    sb.eval("print('later')")
    assert sb.take_output().stdout == "later\n"
    assert sb.take_output().stdout == ""


def test_calls_take_keywords_and_dotted_names(sb: pw.Sandbox) -> None:
    sb.exec("class A:\n    @staticmethod\n    def f(*args, **kwargs): return args, kwargs")
    assert sb.call("A.f", 1, None, k=[2], name="n") == ((1, None), {"k": [2], "name": "n"})
    assert sb.call("A.f", None) == ((None,), {})
