# Tries every descriptor number that could belong to the host. Ends: held
import os

opened = 0
for fd in [*range(-200, 300), 2**31 - 1]:
    for attempt in (os.fstat, os.listdir, lambda fd: os.open("../canary", os.O_RDONLY, dir_fd=fd), lambda fd: os.read(fd, 100) if fd > 2 else b""):
        try:
            result = attempt(fd)
            opened += 1
            assert "canary" not in str(result), result
        except (OSError, OverflowError, ValueError, NotImplementedError, TypeError):
            pass
assert opened > 0
print("held")
