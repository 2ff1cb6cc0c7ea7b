# Hides the rest of a path after a NUL. Ends: held
import os

for path in ["/data/file\0/../canary", "\0/etc/passwd", b"/data/\0", "/data/../canary\0.txt"]:
    for attempt in (open, os.stat, os.mkdir, os.remove):
        try:
            attempt(path)
            print("escaped:", attempt, path)
        except (ValueError, OSError):
            pass
print("held")
