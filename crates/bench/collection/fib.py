"""Fibonacci numbers by the doubly recursive definition: nothing but calls."""

from registry import benchmark

LARGEST = 30


def fib(n):
    if n == 1 or n == 0:
        return 1
    return fib(n - 1) + fib(n - 2)


def fib_by_loop(n):
    a, b = 1, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def calls_of(n):
    """How many calls fib(n) makes, itself included."""
    return 2 * fib_by_loop(n) - 1


def arguments_for(calls):
    """The largest arguments whose calls add up to at most `calls`.

    One fib(30) cannot be shortened; smaller ones can add up to a part of it.
    """
    arguments = []
    for n in range(LARGEST, -1, -1):
        if calls_of(n) <= calls:
            arguments.append(n)
            calls -= calls_of(n)
    return arguments


def expected(calls):
    return [fib_by_loop(n) for n in arguments_for(calls)]


@benchmark("fib/recursive", calls_of(LARGEST), expected, published=[1346269])
def recursive(calls):
    return [fib(n) for n in arguments_for(calls)]
