"""Calls of lambdas."""

from registry import benchmark


@benchmark("lambdas/two_parameters", 1_000_000, 5)
def two_parameters(count):
    f = lambda a, b: a + b
    for _ in range(count):
        total = f(2, 3)
    return total


@benchmark("lambdas/default_and_keywords", 1_000_000, 12)
def default_and_keywords(count):
    f = lambda a, b=10, **keywords: a + b
    for _ in range(count):
        total = f(2)
    return total
