# Structural pattern matching.
from dataclasses import dataclass
from enum import Enum

class Colour(Enum):
    RED = 1
    BLUE = 2

@dataclass
class Point:
    x: int
    y: int

def describe(value):
    match value:
        case 0 | 1:
            return "bit"
        case int(n) if n < 0:
            return f"negative {n}"
        case bool() | int():
            return "int"
        case "":
            return "empty text"
        case str() as text:
            return f"text of {len(text)}"
        case []:
            return "empty list"
        case [one]:
            return f"one: {one}"
        case [first, *rest, last]:
            return f"{first}..{last} around {rest}"
        case {"type": "circle", "r": r, **rest}:
            return f"circle {r} {rest}"
        case Point(0, y):
            return f"on the axis at {y}"
        case Point(x=x, y=y) if x == y:
            return f"diagonal {x}"
        case Colour.RED:
            return "red"
        case (Colour() as colour):
            return colour.name
        case None:
            return "nothing"
        case {1: [_, (a, b)]}:
            return f"deep {a} {b}"
        case _:
            return f"other {type(value).__name__}"

for value in [0, True, -3, 17, "", "hello", [], [1], [1, 2, 3, 4], (1, 2), {"type": "circle", "r": 2, "z": 1},
              Point(0, 5), Point(3, 3), Point(1, 2), Colour.RED, Colour.BLUE, None, {1: ["x", (2, 3)]}, 2.5, b"bytes"]:
    print(repr(value), "->", describe(value))
