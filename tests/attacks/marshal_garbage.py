# Unmarshals ten thousand random byte strings. Ends: held
import marshal
import random

random.seed(7)
for _ in range(10_000):
    try:
        marshal.loads(random.randbytes(random.randrange(60)))
    except (ValueError, EOFError, TypeError, OverflowError, MemoryError, RecursionError):
        pass
print("held")
