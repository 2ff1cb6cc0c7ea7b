"""What a benchmark is: a named function of a count, with the answer it must give.

The clock runs around the function only. The answer is compared after it has
stopped, and a benchmark with a wrong answer has no time. Works on any Python
from 3.8 on and imports next to nothing, so that a slow start stays cheap.
"""

from time import perf_counter


class WrongAnswer(Exception):
    """A benchmark returned something else than it must."""


class Benchmark:
    """One benchmark: `function(count)` must return `expected(count)`.

    `full_count` is the count at scale 1, `published` the checksum that the
    collection is published with at that count (None where there is none).
    """

    def __init__(self, name, function, full_count, expected, published, same):
        self.name = name
        self.function = function
        self.full_count = full_count
        self.expected = expected
        self.published = published
        self.same = same

    def count(self, scale):
        """The count at `scale` (above 0, at most 1): never less than 1."""
        return max(1, round(self.full_count * scale))

    def run(self, scale):
        """Runs once and returns the milliseconds; raises WrongAnswer."""
        count = self.count(scale)
        start = perf_counter()
        answer = self.function(count)
        milliseconds = (perf_counter() - start) * 1000
        self.check(answer, self.expected(count))
        if count == self.full_count and self.published is not None:
            self.check(answer, self.published)
        return milliseconds

    def check(self, answer, expected):
        if not self.same(answer, expected):
            raise WrongAnswer("wrong answer: %r instead of %r" % (answer, expected))


# In the order of definition; all.py decides which groups are imported.
benchmarks = []


def equal(answer, expected):
    return answer == expected


def close(answer, expected):
    """Equal to a millionth: for sums of floats, whose rounding may differ."""
    return 0.999999 <= answer / expected <= 1.000001


def benchmark(name, count, expected, published=None, same=equal):
    """Registers the decorated function as the benchmark `name` ("group/name").

    `expected` is a function of the count, computed in another way than the
    benchmark does, or the answer itself where it is the same for every count.
    """

    def register(function):
        answer = expected if callable(expected) else lambda count: expected
        benchmarks.append(Benchmark(name, function, count, answer, published, same))
        return function

    return register
