"""What is different here: longs are 32 bits wide, and memory ends. That ends in MemoryError, in numpy's parts in C++ too."""

import importlib.metadata

import numpy as np

print(importlib.metadata.version("numpy") == np.__version__, np.random.mtrand.__spec__.origin)
print(np.intp(0).itemsize, np.arange(3).dtype, np.arange(3).sum().dtype, np.uint8([200]).sum().dtype)
hundred_thousand = np.arange(100_000)
print("sum", hundred_thousand.sum(), "mean", hundred_thousand.mean(), "product", np.full(12, 10).prod())
print("cumulative", hundred_thousand.cumsum()[-1], hundred_thousand.cumsum(dtype=np.int64)[-1])
print("elements", int((hundred_thousand * hundred_thousand)[-1]))
with np.errstate(divide="raise"):
    try:
        np.arange(3) // 0
    except FloatingPointError as error:
        print("FloatingPointError:", error)


def attempt(what, function):
    try:
        function()
        print(what, "works")
    except MemoryError as error:
        print(what, "MemoryError")


def fill():
    """Takes all memory, in blocks of eight megabytes."""
    blocks = []
    try:
        while True:
            blocks.append(np.empty(2**23, np.uint8))
    except MemoryError:
        return blocks


odd = np.ones(250_007)
even = np.ones(262_144)
numbers = np.arange(500_000)
for free in 1, 60:
    memory = fill()
    print("free", free, "of", len(memory) > 50)
    del memory[-free:]
    attempt("zeros", lambda: np.zeros(2**26))
    attempt("unique", lambda: np.unique_values(numbers))
    attempt("fft", lambda: np.fft.fft(even))
    attempt("fft of a prime length", lambda: np.fft.fft(odd))
    attempt("rfft of a prime length", lambda: np.fft.rfft(odd))
    del memory
