# typing, generics of PEP 695, protocols, TypedDict, enum in all its kinds.
import enum
import typing
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, Protocol, Self, TypedDict, TypeVar, get_args, get_origin, get_type_hints, overload, runtime_checkable
class Stack[T]:
    def __init__(self) -> None:
        self.items: list[T] = []
    def push(self, item: T) -> Self:
        self.items.append(item)
        return self
type Pair[A, B = int] = tuple[A, B]
def first[T: (int, str)](xs: Iterable[T]) -> T:
    return next(iter(xs))
print(Stack[int]().push(1).items, Stack.__type_params__, Pair[str, int], Pair.__value__, first([1, 2]), first.__type_params__[0].__constraints__)
print(Stack[int], list[int], dict[str, list[int | None]], Optional[int], int | str, Callable[[int], str], get_origin(list[int]), get_args(dict[str, int]))
@runtime_checkable
class Closes(Protocol):
    def close(self) -> None: ...
import io
print(isinstance(io.StringIO(), Closes), isinstance(3, Closes))
class Movie(TypedDict, total=False):
    title: typing.Required[str]
    year: int
print(Movie(title="x"), Movie.__required_keys__, Movie.__optional_keys__)
class Coord(NamedTuple):
    x: int
    y: int = 5
print(Coord(1), Coord(1) == (1, 5), get_type_hints(Coord))
def hinted(a: "int", b: Annotated[str, "meta"] = "x", *c: Any) -> Literal["y"]: ...
print(get_type_hints(hinted), get_type_hints(hinted, include_extras=True)["b"], hinted.__annotations__["a"])
class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1
print(Colour.RED, Colour(2), Colour["RED"], Colour.CRIMSON is Colour.RED, list(Colour), Colour.RED.name, Colour.__members__.keys())
try:
    Colour(9)
except ValueError as error:
    print(error)
class Permission(enum.Flag):
    R = enum.auto()
    W = enum.auto()
    X = enum.auto()
    RW = R | W
p = Permission.R | Permission.X
print(p, Permission.RW in Permission(7), ~p, list(p), p.value, bool(Permission(0)))
class Level(enum.IntEnum):
    LOW = 10
    HIGH = 20
class Name(enum.StrEnum):
    ALPHA = enum.auto()
print(Level.LOW < 15, Level.HIGH + 1, f"{Level.LOW}", Name.ALPHA, Name.ALPHA == "alpha")
class Planet(enum.Enum):
    EARTH = (5.97e24, 6.37e6)
    def __init__(self, mass, radius):
        self.gravity = round(6.67e-11 * mass / radius**2, 2)
print(Planet.EARTH.gravity)
try:
    Colour.RED = 5
except AttributeError as error:
    print(error)
