# Recurses with the limit raised fifty times, by calls, attributes and comparisons. Ends: held
import sys

sys.setrecursionlimit(50_000)


def down(depth):
    return down(depth + 1) + 1


class Deep:
    def __getattr__(self, name):
        return getattr(self, name)

    def __eq__(self, other):
        return self == other


for attempt in (lambda: down(0), lambda: Deep().x, lambda: Deep() == Deep()):
    try:
        attempt()
        print("escaped:", attempt)
    except (RecursionError, MemoryError):
        pass
print("held")
