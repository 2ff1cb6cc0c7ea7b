# Maps too much memory, a read-only file to change it, and a file that is closed then. Ends: held
import mmap
import os


def refused(attempt):
    try:
        attempt()
    except (OSError, ValueError, OverflowError):
        return
    print("escaped:", attempt)


refused(lambda: mmap.mmap(-1, 1 << 40))
refused(lambda: mmap.mmap(-1, 0x7FFF0000))
refused(lambda: mmap.mmap(99, 10))
read_only = os.open("/ro/file", os.O_RDONLY)
refused(lambda: mmap.mmap(read_only, 0))
private = mmap.mmap(read_only, 0, access=mmap.ACCESS_COPY)
private[:4] = b"evil"
private.flush()
private.close()
assert open("/ro/file", "rb").read() == b"read me"

with open("/data/mapped", "wb+") as file:
    file.truncate(100)
    mapped = mmap.mmap(file.fileno(), 0)
refused(lambda: mapped.resize(1 << 30))
mapped[:] = b"x" * len(mapped)
view = memoryview(mapped)
del mapped
view.release()
print("held")
