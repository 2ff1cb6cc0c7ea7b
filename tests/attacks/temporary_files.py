# Asks tempfile for files outside. Ends: held
import os
import tempfile

assert tempfile.gettempdir() == "/tmp"
for folder in ["/data/..", "/", "/usr", "/etc", "/ro", "/data/to-up"]:
    try:
        tempfile.NamedTemporaryFile(dir=folder)
        print("escaped:", folder)
    except OSError:
        pass
print("held")
