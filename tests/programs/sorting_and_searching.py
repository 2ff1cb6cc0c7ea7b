# Sorting: stability, keys, reverse, mixed types, heaps, bisection, topological order.
import bisect
import graphlib
import heapq
from functools import cmp_to_key
from operator import attrgetter, itemgetter
people = [("Dave", 30), ("Alice", 25), ("Bob", 30), ("Carol", 25)]
print(sorted(people, key=itemgetter(1)), sorted(people, key=lambda p: (-p[1], p[0])))
people.sort(key=itemgetter(1), reverse=True)
print(people, sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)), sorted("bca", reverse=True))
try:
    sorted([1, "a"])
except TypeError as error:
    print(error)
heap = []
for n in [5, 1, 8, 3, 9, 2]:
    heapq.heappush(heap, n)
print([heapq.heappop(heap) for _ in range(len(heap))], heapq.nlargest(2, [1, 5, 3]), heapq.nsmallest(2, people, key=itemgetter(0)), list(heapq.merge([1, 4], [2, 3])))
grades = [60, 70, 80, 90]
print(["FDCBA"[bisect.bisect(grades, score)] for score in (33, 99, 77, 70, 89, 90)])
bisect.insort(grades, 75)
print(grades, bisect.bisect_left(grades, 75), bisect.bisect_left([("a", 1), ("c", 2)], "b", key=itemgetter(0)))
graph = {"d": {"b", "c"}, "b": {"a"}, "c": {"a"}}
order = list(graphlib.TopologicalSorter(graph).static_order())
print(order[0], sorted(order[1:3]), order[3])
try:
    list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
except graphlib.CycleError as error:
    print(error.args[0], len(error.args[1]))
def quicksort(xs):
    return xs if len(xs) < 2 else quicksort([x for x in xs[1:] if x < xs[0]]) + [xs[0]] + quicksort([x for x in xs[1:] if x >= xs[0]])
numbers = [(n * 7919) % 1009 for n in range(1000)]
print(quicksort(numbers) == sorted(numbers), min(numbers), max(numbers), numbers.index(0))
class Version:
    def __init__(self, text):
        self.parts = tuple(map(int, text.split(".")))
    def __lt__(self, other):
        return self.parts < other.parts
print(".".join(map(str, max(map(Version, ["1.9", "1.10", "1.2.3"])).parts)), attrgetter("real", "imag")(1 + 2j))
