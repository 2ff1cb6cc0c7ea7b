# Climbs out with paths relative to an open folder. Ends: held
import os

for base in ["/data", "/data/sub", "/ro", "/tmp"]:
    fd = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
    for path in ["../canary", "../../canary", "/etc/passwd", "to-canary", "to-up/canary", ".."]:
        for attempt in (lambda: os.open(path, os.O_RDONLY, dir_fd=fd), lambda: os.stat(path + "/canary", dir_fd=fd)):
            try:
                attempt()
                # Relative to a folder inside, `..` may be a folder inside: never one that holds the canary.
                assert path == ".." and base == "/data/sub", path
            except (OSError, NotImplementedError):
                pass
    os.close(fd)
print("held")
