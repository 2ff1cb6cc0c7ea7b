# mmap works by copy: what is written to a mapping is in the file after flush(), close() or the mapping's end.
import errno
import mmap
import os
import re
import struct

path = "/tmp/file"
with open(path, "wb") as file:
    file.write(b"first line\nsecond line\n" * 10)
file = open(path, "r+b")

def content():
    with open(path, "rb") as now:
        return now.read()

def attempt(function, *arguments):
    try:
        print(function(*arguments))
    except Exception as error:
        print(type(error).__name__, errno.errorcode.get(error.errno) if isinstance(error, OSError) else error)

m = mmap.mmap(file.fileno(), 0)
print(len(m), m[0], m[:5], m[-5:], m.readline(), m.tell(), m)
print(m.find(b"line"), m.rfind(b"first"), m.find(b"none"), re.search(rb"(\w+) line\n", m).group(1))
print(struct.unpack_from("<H", m, 2), list(m)[:2], b"f" in m, bytes(memoryview(m)[6:10]))
m[0] = ord("F")
m[11:17] = b"SECOND"
print(content()[:20])
m.flush()
print(content()[:20])
m.seek(-5, os.SEEK_END)
m.write(b"LINE")
m.write_byte(33)
attempt(m.write, b"more")
m.move(0, 11, 6)
m.close()
print(content()[:11], content()[-6:], m.closed, m)
attempt(m.read)

m = mmap.mmap(file.fileno(), 0)
view = memoryview(m)
view[0:3] = b"ONE"
attempt(m.close)
attempt(m.resize, 5)
view.release()
m.resize(100_000)
m[99_999] = 1
print(m.size(), os.path.getsize(path), len(m))
del m
print(content()[:3], content()[-1])

with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as m:
    attempt(m.write, b"x")
    attempt(m.__setitem__, 0, 1)
    attempt(m.resize, 5)
    with memoryview(m) as view:
        attempt(view.__setitem__, 0, 1)
with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as m:
    m[:3] = b"two"
    print(m[:3])
with mmap.mmap(file.fileno(), 10, offset=65536) as m:
    m[0] = 65
print(content()[:3], content()[65536])
with mmap.mmap(-1, 10) as m:
    m.write(b"anonymous")
    print(m[:])

reading = open(path, "rb")
attempt(mmap.mmap, reading.fileno(), 0)
attempt(mmap.mmap, file.fileno(), 200_000)
attempt(mmap.mmap, file.fileno(), 0, mmap.MAP_SHARED, 3, 0, 4)
attempt(mmap.mmap, -1, 0)
attempt(mmap.mmap, -1, -1)
attempt(mmap.mmap, -1, 1 << 40)
attempt(mmap.mmap, -1, 0x7FFF0000)
attempt(mmap.mmap, 77, 1)
attempt(mmap.mmap, 0, 1)
