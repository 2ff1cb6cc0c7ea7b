# Truncates, touches, appends to and removes read-only files. Ends: held
import os

attempts = [
    lambda p: open(p, "w"), lambda p: open(p, "a"), lambda p: open(p, "r+"), lambda p: os.truncate(p, 0), lambda p: os.utime(p, (0, 0)),
    lambda p: os.remove(p), lambda p: os.open(p, os.O_RDONLY | os.O_TRUNC), lambda p: os.open(p, os.O_CREAT | os.O_EXCL | os.O_WRONLY),
    lambda p: os.rename(p, p + "2"), lambda p: os.link(p, p + "3"), lambda p: os.symlink("file", p + "4"), lambda p: os.mkdir(p + "5"),
    lambda p: os.rmdir("/ro/sub"), lambda p: os.ftruncate(os.open(p, os.O_RDONLY), 0), lambda p: os.write(os.open(p, os.O_RDONLY), b"x"),
]
for attempt in attempts:
    try:
        attempt("/ro/file")
        print("escaped:", attempt)
    except OSError:
        pass
assert open("/ro/file").read() == "read me"
print("held")
