# Replaces builtins that the rest of the program depends on. Ends: held
import builtins
import io
import sys

real_open, real_print = builtins.open, print
builtins.open = lambda *_: io.StringIO("fake")
builtins.__import__ = lambda *_, **__: sys
sys.modules.clear()
real_print("held")
