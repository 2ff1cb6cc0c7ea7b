"""Calls of a nested function and of an object."""

from registry import benchmark


@benchmark("calls/nested_function", 1_000_000, lambda count: count - 1)
def nested_function(count):
    def identity(n):
        return n

    for i in range(count):
        last = identity(i)
    return last


@benchmark("calls/callable_object", 1_000_000, lambda count: count - 1)
def callable_object(count):
    class Identity:
        def __call__(self, n):
            return n

    identity = Identity()
    for i in range(count):
        last = identity(i)
    return last
