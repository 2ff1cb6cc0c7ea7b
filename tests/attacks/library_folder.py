# Changes the standard library before the next import. Ends: held
import os
import site
import sys

for folder in [path for path in sys.path if path.startswith("/usr")] + [site.__file__, os.path.dirname(os.__file__), "/usr"]:
    for attempt in (lambda: open(folder + "/evil.pth", "w"), lambda: open(os.__file__, "a"), lambda: os.remove(os.__file__), lambda: os.rename(os.path.dirname(os.__file__), "/data/lib")):
        try:
            attempt()
            print("escaped:", folder)
        except OSError:
            pass
print("held")
