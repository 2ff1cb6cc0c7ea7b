# Loads shared libraries of the host. Ends: held
import ctypes
import ctypes.util

for name in [None, "libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6", "msvcrt", "/data/evil.so"]:
    for load in (ctypes.CDLL, ctypes.PyDLL, ctypes.cdll.LoadLibrary):
        try:
            print("escaped:", load(name))
        except (OSError, TypeError, AttributeError, NotImplementedError):
            pass
print("held")
