# Uses names that are not UTF-8, which WASI cannot represent. Ends: held
import os

for attempt in (open, os.stat, os.mkdir, os.listdir):
    try:
        attempt(b"/data/\xff\xfe")
        print("escaped:", attempt)
    except (OSError, UnicodeError):
        pass
assert all(isinstance(name, str) for name in os.listdir("/data"))
print("held")
