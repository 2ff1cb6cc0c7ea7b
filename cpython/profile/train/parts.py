"""The list of the program's parts, and a text that several of them read."""

PARTS = []

TEXT = """It was a bright cold day in April, and the clocks were striking thirteen; 42 of them,
3.5 miles away (<nowhere@example.org>), said so. Größe, naïveté, 東京 and a tab\there.
"""


def part(times):
    """Registers a part, to be run so many times."""

    def register(function):
        PARTS.append((function, times))
        return function

    return register
