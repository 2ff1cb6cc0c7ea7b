# dataclasses: defaults, ordering, frozen, slots, keyword-only, replace, asdict, post-init.
from dataclasses import FrozenInstanceError, asdict, astuple, dataclass, field, fields, replace

@dataclass(order=True)
class Item:
    price: float
    name: str = field(compare=False)
    tags: list[str] = field(default_factory=list, compare=False)

items = sorted([Item(3, "c"), Item(1.5, "a", ["x"]), Item(2, "b")])
print(items)
print(asdict(items[0]), astuple(items[1]))
print(Item(1, "p") == Item(1, "q"), Item(1, "p") < Item(2, "a"))

@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0
point = Point(x=1)
try:
    point.x = 2
except FrozenInstanceError as error:
    print(error)
print(replace(point, y=5), hash(point) == hash(Point(x=1)), Point.__slots__)
try:
    Point(1)
except TypeError as error:
    print(error)

@dataclass
class Circle:
    radius: float
    area: float = field(init=False)
    def __post_init__(self):
        self.area = round(3.14159 * self.radius ** 2, 3)
print(Circle(2), [f.name for f in fields(Circle)])
match Circle(1):
    case Circle(radius=1, area=a):
        print("matched", a)
