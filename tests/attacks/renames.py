# Moves files out of, into and between the folders. Ends: held
import os

for source, target in [
    ("/data/file", "/data/../stolen"), ("/data/file", "/ro/stolen"), ("/ro/file", "/data/stolen"), ("/data/file", "/tmp/x/../../y"),
    ("/data/to-up/canary", "/data/stolen"), ("/data/../canary", "/data/stolen"), ("/data", "/other"), ("/usr/lib", "/data/lib"),
    ("/data/file", "/data/to-up/stolen"), ("/ro", "/data/ro"),
]:
    try:
        os.rename(source, target)
        print("escaped:", source, target)
    except OSError:
        pass
print("held")
