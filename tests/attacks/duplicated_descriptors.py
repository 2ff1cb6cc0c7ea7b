# Duplicates one descriptor onto the number of another. Ends: held
import os

source = os.open("/data/file", os.O_RDONLY)
for target in [3, 4, 5, 6, 7, 200]:
    os.dup2(source, target)
    try:
        print("escaped:", os.open("../canary", os.O_RDONLY, dir_fd=target))
    except OSError:
        pass
for target in [256, 10_000, 2**31 - 1, -1, -100]:
    try:
        os.dup2(source, target)
        print("escaped:", target)
    except (OSError, ValueError, OverflowError):
        pass
print("held")
