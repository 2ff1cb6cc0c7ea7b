# Allocates terabytes at once, in many ways. Ends: held
import array

for attempt in (lambda: bytearray(10**12), lambda: bytes(2**62), lambda: [0] * 10**11, lambda: "x" * 2**40, lambda: array.array("d", [0]) * 10**11, lambda: memoryview(bytes(2**33)), lambda: range(10**30).__len__()):
    try:
        attempt()
        print("escaped:", attempt)
    except (MemoryError, OverflowError):
        pass
print("held")
