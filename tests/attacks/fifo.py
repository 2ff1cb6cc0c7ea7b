# Makes and opens FIFOs, which could block without end. Ends: held
import os

try:
    os.mkfifo("/data/mine")
    print("escaped: made one")
except (OSError, AttributeError):
    pass
try:
    os.open("/data/fifo", os.O_WRONLY)
    print("escaped: opened one that nobody reads")
except OSError:
    pass
fd = os.open("/data/fifo", os.O_RDONLY | os.O_NONBLOCK)
try:
    assert os.read(fd, 10) == b""
except BlockingIOError:
    pass
print("held")
