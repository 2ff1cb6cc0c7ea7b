"""What runs inside of a Python that knows nothing but its standard streams. A request and an answer are a line with a
kind and a length, and so many bytes."""

import sys

inlet, outlet = sys.stdin.buffer, sys.stdout.buffer


def answer(kind, payload):
    outlet.write(b"%s %d\n" % (kind, len(payload)))
    outlet.write(payload)
    outlet.flush()


def request():
    line = inlet.readline()
    if not line:
        sys.exit()
    kind, length = line.split()
    return kind, inlet.read(int(length))


def increased(n):
    answer(b"call", b"%d" % n)
    return int(request()[1])


names = {"increased": increased}
while True:
    kind, payload = request()
    if kind == b"exec":
        exec(payload, names)
        answer(b"done", b"")
    elif kind == b"eval":
        answer(b"done", repr(eval(payload, names)).encode())
    elif kind == b"put":
        names["data"] = payload
        answer(b"done", b"")
    elif kind == b"get":
        answer(b"done", names["data"])
