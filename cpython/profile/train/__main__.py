"""What the profile of python.wasm is taken from: everyday Python, a little of everything.

It runs inside the sandbox, in a module whose branches are counted (profile/train.sh).
What is hot here is what the compiler makes fast, what never runs it makes small, so
each part is about as long as it is common. None of it is taken from the benchmarks
that the project is measured by: they must be free to contradict it.
"""

import sys

# Each of these registers its parts; they run in this order.
import classes, containers, frames, text, library, itself  # noqa: E401, F401
from parts import PARTS

ROUNDS = 6


def main(arguments):
    """All parts, with -1 for one round only, with -v with the time that each took."""
    import time

    verbose = "-v" in arguments
    rounds = 1 if "-1" in arguments else ROUNDS
    for function, times in PARTS:
        start = time.perf_counter()
        for _ in range(rounds * times):
            function()
        if verbose:
            print(f"{function.__name__:28}{(time.perf_counter() - start) * 1000:8.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1:])
