# Makes empty files of exabytes. Ends: held
import os

for folder in ["/data", "/tmp"]:
    fd = os.open(folder + "/sparse", os.O_RDWR | os.O_CREAT)
    for size in [2**40, 2**62, 2**63 - 1]:
        for attempt in (lambda: os.ftruncate(fd, size), lambda: os.pwrite(fd, b"x", size), lambda: os.posix_fallocate(fd, 0, size)):
            try:
                attempt()
                print("escaped:", folder, size)
            except (OSError, OverflowError, AttributeError):
                pass
    assert os.fstat(fd).st_size == 0
print("held")
