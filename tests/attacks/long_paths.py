# Opens paths of a megabyte, and of thousands of folders. Ends: held
import os

for path in ["/data/" + "a/" * 3_000, "/data/" + "a" * 1_000_000, "/data/" + "sub/../" * 3_000 + "file", "/" * 3_000_000 + "etc/passwd"]:
    for attempt in (open, os.stat, os.mkdir, os.remove):
        try:
            attempt(path)
            print("escaped:", attempt, path[:20])
        except OSError:
            pass
print("held")
