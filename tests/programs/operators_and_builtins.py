# Built-in functions and operators, numeric tower, slices, chained comparisons, sets and dicts of oddities.
print(list(range(10))[slice(1, 8, 3)], range(0, 10, 3)[-1], len(range(10**6)), 10**17 in range(0, 10**18, 10), reversed([1, 2]).__next__())
print(all([]), any([]), sum([[1], [2]], []), max([], default="none"), min("b", "a"), abs(-3), divmod(17, 5), pow(2, 10), round(3.14159, 2))
print(list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, "", "a"])), list(zip("ab", [1, 2], strict=True)), list(enumerate("ab", 1)))
try:
    list(zip("ab", [1], strict=True))
except ValueError as error:
    print(error)
print(isinstance(True, int), issubclass(bool, int), type(1) is int, callable(print), hasattr([], "append"), getattr(1, "none", "d"), id(1) == id(1))
print(1 < 2 < 3, 1 < 3 < 2, not [] and 5, None or "x", 0 or [] or "last", 1 if [] else 2, (1, 2) < (1, 3), [1] == [1.0], 1 == 1.0 == True)
print({1: "a", 1.0: "b", True: "c"}, {0, False, 0.0}, hash("") == hash(""), len({float("nan"), float("nan")}), {(): 1}[()])
d = {"a": 1, "b": 2}
print(d.get("z"), d.setdefault("c", 3), d.pop("a"), d.popitem(), d, list(d.items()), dict.fromkeys([1, 2], 0), d | {"x": 1})
try:
    for key in d:
        d[key * 2] = 1
except RuntimeError as error:
    print(error)
x = [1, 2, 3, 4, 5]
x[1:3] = [9]
x[::2] = "abc"[:len(x[::2])]
del x[-1]
print(x, x.copy() is x, x.pop(0), x + [x.count(9)], [*x, *range(2)], [[0] * 2 for _ in range(2)])
import operator
print(operator.itemgetter(1, 0)("ab"), operator.methodcaller("upper")("x"), operator.concat([1], [2]), operator.index(5), operator.xor(5, 3))
n = 5
n += 1; n -= 2; n *= 3; n //= 2; n **= 2; n %= 7; n <<= 3; n |= 1; n ^= 2; n &= 0xFF
print(n, bin(n), -n, +n, ~n, n.__class__, 7 .bit_length(), 1_000, 0b11, 0o17, 0xF, .5, 1e3, 2j)
print(chr(128013), ord("é"), bytes("é", "utf-8"), repr("a'b"), str(b"x", "ascii"), int("  12 "), float("1_0.5"), bool("False"), complex(1, 2), tuple("ab"), list({1: 2}), set("a"))
print(eval("1+1"), exec("y = 5"), y, __name__, __doc__, type(...), NotImplemented is NotImplemented, __debug__)
def outer():
    for i in range(3):
        for j in range(3):
            if j == 2:
                break
            if i == 1:
                continue
            yield i, j
        else:
            yield "never"
    else:
        yield "done"
i = 0
while i < 3:
    i += 1
    if i == 2: continue
else:
    print("while else", i)
print(list(outer()), [a for a in range(10) if a % 3 == 0 if a], {a: b for a, b in [(1, 2)]}, {c.lower() for c in "aAb"} == {"a", "b"}, [(x, y) for x in "ab" for y in "cd"])
print("%d%%" % 5, input.__name__, print(end=""), print("a", "b", sep="-", end="!\n"), sorted({3, 1, 2}), memoryview(b"ab")[0], frozenset() == set(), vars().get("n") == n)
