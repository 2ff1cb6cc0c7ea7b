# Classes: method resolution, super, descriptors, slots, metaclasses, class hooks, operators.
class A:
    def who(self):
        return ["A"]
class B(A):
    def who(self):
        return ["B"] + super().who()
class C(A):
    def who(self):
        return ["C"] + super().who()
class D(B, C):
    pass
print(D().who(), [c.__name__ for c in D.__mro__])
try:
    type("E", (A, B), {})
except TypeError as error:
    print(str(error).splitlines()[0])

class Positive:
    def __set_name__(self, owner, name):
        self.name = name
    def __get__(self, instance, owner=None):
        return self if instance is None else instance.__dict__[self.name]
    def __set__(self, instance, value):
        if value <= 0:
            raise ValueError(f"{self.name} must be positive")
        instance.__dict__[self.name] = value
class Box:
    width = Positive()
    def __init__(self, width):
        self.width = width
    @property
    def area(self):
        return self.width ** 2
    @area.setter
    def area(self, value):
        self.width = int(value ** 0.5)
    @classmethod
    def unit(cls):
        return cls(1)
    @staticmethod
    def sides():
        return 4
box = Box(3)
box.area = 16
print(box.width, box.area, Box.unit().width, Box.sides())
try:
    box.width = -1
except ValueError as error:
    print(error)

class Slotted:
    __slots__ = ("a",)
try:
    Slotted().b = 1
except AttributeError as error:
    print(error)

class Registry(type):
    names = []
    def __new__(mcls, name, bases, namespace, **options):
        mcls.names.append((name, options))
        return super().__new__(mcls, name, bases, namespace)
    def __init__(cls, name, bases, namespace, **options):
        super().__init__(name, bases, namespace)
class Plugin(metaclass=Registry):
    def __init_subclass__(cls, /, tag=None, **options):
        super().__init_subclass__(**options)
        cls.tag = tag
class Csv(Plugin, tag="csv"):
    pass
print(Registry.names, Csv.tag)

class Vector:
    def __init__(self, *values):
        self.values = values
    def __add__(self, other):
        return Vector(*(a + b for a, b in zip(self.values, other.values)))
    def __mul__(self, k):
        return Vector(*(a * k for a in self.values))
    __rmul__ = __mul__
    def __matmul__(self, other):
        return sum(a * b for a, b in zip(self.values, other.values))
    def __eq__(self, other):
        return self.values == other.values
    def __repr__(self):
        return f"Vector{self.values}"
    def __len__(self):
        return len(self.values)
    def __getitem__(self, index):
        return self.values[index]
    def __contains__(self, value):
        return value in self.values
    def __bool__(self):
        return any(self.values)
v = Vector(1, 2, 3)
print(v + v, 2 * v, v @ v, v == Vector(1, 2, 3), len(v), v[1:], 2 in v, bool(Vector(0)), list(v))
try:
    hash(v)
except TypeError as error:
    print(error)

class Dynamic:
    def __getattr__(self, name):
        return name.upper()
    def __call__(self, *args):
        return args
    def __class_getitem__(cls, item):
        return item
print(Dynamic().anything, Dynamic()(1, 2), Dynamic[int])
