# Makes links where they are harmless and moves them to where they would lead out. Ends: held
import os

os.makedirs("/data/a/b/c")
os.symlink("../../../inside", "/data/a/b/c/link")
os.symlink("../../..", "/data/a/b/c/up")
for name in ["link", "up"]:
    os.rename("/data/a/b/c/" + name, "/data/" + name)
    for attempt in (open, os.stat, os.listdir):
        try:
            print("escaped:", attempt("/data/" + name))
        except OSError:
            pass
print("held")
