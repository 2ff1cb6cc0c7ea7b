# Reads the environment, the memory and the root of the process from /proc. Ends: held
import os

for path in ["/proc/self/environ", "/proc/self/root/etc/passwd", "/proc/self/mem", "/proc/self/maps", "/proc/1/root", "/proc/self/fd/0"]:
    for base in ["", "/data/..", "/data/to-root"]:
        try:
            print("escaped:", open(base + path, "rb").read(10))
        except OSError:
            pass
print("held")
