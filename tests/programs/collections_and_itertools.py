# collections, itertools, functools: everyday use and edge cases.
import itertools as it
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from functools import cache, lru_cache, partial, reduce, singledispatch, total_ordering, wraps
words = "the cat the dog the end".split()
c = Counter(words)
print(c.most_common(2), c["none"], c + Counter(cat=2), c - Counter(the=1), c & Counter(the=1), sum(c.values()))
groups = defaultdict(list)
for word in words:
    groups[len(word)].append(word)
print(dict(groups))
d = deque([1, 2, 3], maxlen=3)
d.append(4)
d.appendleft(0)
d.rotate(1)
print(d, list(d))
P = namedtuple("P", "x y", defaults=[0])
p = P(1)
print(p, p._replace(y=5), p._asdict(), P._fields, *p)
print(ChainMap({"a": 1}, {"a": 2, "b": 3})["b"], OrderedDict(a=1, b=2).popitem(last=False))
od = OrderedDict.fromkeys("abc")
od.move_to_end("a")
print(list(od), {"a": 1} | {"b": 2}, {**{"x": 1}, "x": 2}, dict(zip("ab", (1, 2))), {k: v for v, k in enumerate("ab")})
print(list(it.chain("ab", "cd")), list(it.accumulate([1, 2, 3, 4])), list(it.islice(it.count(10, 5), 3)), list(it.batched("abcde", 2)))
print(list(it.product("ab", [1, 2])), list(it.permutations("abc", 2)), list(it.combinations("abcd", 2)), list(it.combinations_with_replacement("ab", 2)))
print([(k, list(g)) for k, g in it.groupby("aaabbca")], list(it.zip_longest("abc", "x", fillvalue="-")), list(it.pairwise("abc")), list(it.starmap(pow, [(2, 3), (3, 2)])))
print(list(it.takewhile(lambda n: n < 3, range(9))), list(it.dropwhile(lambda n: n < 7, range(9))), list(it.compress("abc", [1, 0, 1])), list(it.filterfalse(str.isupper, "aBc")))
one, two = it.tee(iter(range(3)))
print(list(one), list(two), list(it.repeat("x", 2)), list(it.islice(it.cycle("ab"), 5)))
@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(100), fib.cache_info())
@lru_cache(maxsize=2)
def f(n):
    return n
[f(n) for n in (1, 2, 1, 3, 2)]
print(f.cache_info())
@singledispatch
def show(value):
    return "object"
@show.register
def _(value: int):
    return "int"
@show.register(list)
def _(value):
    return "list"
print(show(1), show([]), show("s"), reduce(lambda a, b: a * b, range(1, 6)), partial(int, base=2)("101"))
@total_ordering
class N:
    def __init__(self, n):
        self.n = n
    def __eq__(self, o):
        return self.n == o.n
    def __lt__(self, o):
        return self.n < o.n
print(N(1) <= N(2), N(3) > N(2))
def logged(function):
    """A decorator."""
    @wraps(function)
    def wrapper(*args):
        print("calling", function.__name__)
        return function(*args)
    return wrapper
@logged
def square(n):
    """Squares."""
    return n * n
print(square(4), square.__name__, square.__doc__)
s = {1, 2, 3}
print(s | {4}, s & {2, 9}, s - {1}, s ^ {3, 4}, s <= {1, 2, 3, 4}, frozenset("aab") == {"a", "b"})
